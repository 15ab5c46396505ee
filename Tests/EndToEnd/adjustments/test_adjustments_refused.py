"""Changes of requests that cannot be configured."""

import pytest
from support import chat, documents
from support.failures import check_failure
from support.upstream import FakeUpstream

FRAMING = ["host", "Content-Length", "content-type", "Transfer-Encoding", "connection", "expect", "upgrade", "te"]
PLACES = {
    "default_headers": lambda document, headers: document["providers"][0].update(default_headers=headers),
    "extra_headers": lambda document, headers: document["models"][0]["routes"][0].update(extra_headers=headers),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "headers", [*({name: "x"} for name in [*FRAMING, "authorization", "a b", "a:b", "", "é"])], ids=str
)
def test_a_header_that_the_gateway_sets_itself(make_gateway, standard_document, place: str, headers: dict) -> None:
    PLACES[place](standard_document, headers)
    gateway = make_gateway(standard_document)
    check_failure(gateway, gateway.command("config", "validate"), 3, place)


SPLIT = "a\r\nx-injected: 1"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", [SPLIT, f"literal.{SPLIT}", "a\nb", "a\0b", "env.SPLIT_VALUE"])
def test_a_value_that_would_end_its_line(make_gateway, standard_document, place: str, value: str) -> None:
    PLACES[place](standard_document, {"x-a": value})
    gateway = make_gateway(standard_document, SPLIT_VALUE=SPLIT)
    done = gateway.command("config", "validate")
    assert done.returncode in (0, 3) and "x-injected" not in done.stdout + done.stderr, done
    if done.returncode == 0:
        assert value.startswith("env."), "only a reference may be without a value"
        assert place in done.stderr, "the operator is warned"


def test_a_credential_that_would_end_its_line(make_gateway, standard_document, upstream: FakeUpstream) -> None:
    gateway = make_gateway(standard_document)
    gateway.environment[documents.TOKEN_VARIABLE] = f"token-of-two-lines\r\n{SPLIT}"
    gateway.secrets.append("token-of-two-lines")
    if gateway.command("config", "validate").returncode == 0:
        gateway.start()
        chat.check_error(chat.ask(gateway, gateway.create_key()), 503, "no_route_available")
    assert upstream.requests == []


@pytest.mark.parametrize("body", [{"model": "x"}, {"stream": True}, {"stream": False}, [1], "text"], ids=str)
def test_an_extra_body_that_the_gateway_sets_itself(make_gateway, standard_document, body: object) -> None:
    standard_document["models"][0]["routes"][0]["extra_body"] = body
    gateway = make_gateway(standard_document)
    check_failure(gateway, gateway.command("config", "validate"), 3, "extra_body")


@pytest.mark.parametrize(
    "profile",
    [
        {"max_tokens_field": "tokens"},
        {"developer_role": "user"},
        {"reasoning_effort": "high"},
        {"supports_store": "no"},
        {"supports_sotre": True},
    ],
    ids=str,
)
def test_a_profile_that_makes_no_sense(make_gateway, standard_document, profile: dict) -> None:
    standard_document["models"][0]["routes"][0]["compatibility"] = profile
    gateway = make_gateway(standard_document)
    check_failure(gateway, gateway.command("config", "validate"), 3, "compatibility", next(iter(profile)))
