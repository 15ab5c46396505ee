"""A provider that sends its credentials back: they reach neither the caller nor the log."""

import pytest
from support import answers, chat, documents
from support.canaries import EVERY_CANARY, ask, check_clean
from support.documents import provider
from support.echoes import ECHOES, STREAM_ECHOES
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", ECHOES)
def test_an_echoed_credential_does_not_reach_the_caller(
    once: tuple[Gateway, Key], fleet: Fleet, how: str, stream: bool
) -> None:
    fleet.reset(first=ECHOES[how])
    answer = ask(*once, "first", stream)
    assert answer.status >= 400
    check_clean(answer)


@pytest.mark.parametrize("how", STREAM_ECHOES)
def test_a_credential_echoed_in_a_stream_does_not_reach_the_caller(
    once: tuple[Gateway, Key], fleet: Fleet, how: str
) -> None:
    fleet.reset(first=STREAM_ECHOES[how])
    check_clean(ask(*once, "first", stream=True))


def test_an_echoed_credential_is_not_in_the_log(once: tuple[Gateway, Key], fleet: Fleet) -> None:
    """All trials together, because a log line takes a moment. The log has the message without the canaries."""
    gateway, key = once
    trials = [(how, behaviour, stream) for how, behaviour in ECHOES.items() for stream in (False, True)]
    trials += [(how, behaviour, True) for how, behaviour in STREAM_ECHOES.items()]
    asked = {}
    for how, behaviour, stream in trials:
        fleet.reset(first=behaviour)
        asked[f"{how}, {'stream' if stream else 'whole'}"] = ask(gateway, key, "first", stream)
    lines = {how: gateway.log_line(answer.header("x-gateway-request-id")) for how, answer in asked.items()}
    assert [how for how, line in lines.items() if any(each in line for each in EVERY_CANARY)] == []
    assert "your headers: Bearer ••••" in lines["status 500, whole"]


def test_a_secret_within_another_one_leaves_nothing(make_gateway, upstream: FakeUpstream) -> None:
    """The longer secret is removed completely, not only its common part with the shorter one."""
    short, long = "canary-short-4d", "canary-short-4d-and-its-tail"
    auth = {"kind": "bearer", "token": f"literal.{short}"}
    one = provider("fake", upstream.port, auth=auth, default_headers={"x-default": long})
    gateway = make_gateway({"providers": [one], "models": [documents.model("chat")]}).start()
    key = gateway.create_key()
    for status in (400, 500):
        upstream.reset(answers.whole({"error": {"message": f"got {long}, {short}."}}, status))
        answer = chat.ask(gateway, key)
        for text in (answer.body.decode(), gateway.log_line(answer.header("x-gateway-request-id"))):
            assert "and-its-tail" not in text, text
