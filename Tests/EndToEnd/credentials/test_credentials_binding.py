"""Credential safety: a provider's credential goes to that provider's host, and no byte of it anywhere else."""

import pytest
from support import answers, chat
from support.canaries import PROVIDERS, ask, check_clean, check_own_canaries_only
from support.fleet import Fleet
from support.gateway import Gateway, Key


def test_each_provider_gets_its_own(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    for name in PROVIDERS * 3:
        answer = ask(gateway, key, name)
        assert (answer.status, answer.header("x-gateway-provider")) == (200, name)
        check_clean(answer)
    assert fleet.counts() == dict.fromkeys(PROVIDERS, 3)
    check_own_canaries_only(fleet)


FAILURES = {
    "500": answers.whole({"error": {"message": "no"}}, 500),
    "503": answers.whole({"error": {"message": "no"}}, 503, headers=[("Retry-After", "1")]),
    "401": answers.whole({"error": {"message": "no"}}, 401, headers=[("WWW-Authenticate", "Basic realm=x")]),
    "an error with 200": answers.whole({"error": {"message": "no"}}),
    "a stream that ends": answers.stream([]),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", FAILURES)
def test_nothing_of_one_attempt_goes_into_the_next(
    gateway: Gateway, key: Key, fleet: Fleet, how: str, stream: bool
) -> None:
    fleet.reset(first=FAILURES[how], second=FAILURES[how])
    answer = ask(gateway, key, "all", stream)
    assert (answer.status, answer.header("x-gateway-provider")) == (200, "third"), answer
    assert fleet.counts() == dict.fromkeys(PROVIDERS, 1)
    check_own_canaries_only(fleet)
    check_clean(answer)


REDIRECTS = ["http://127.0.0.1:{}/v1/chat/completions", "//127.0.0.1:{}/", "http://first@127.0.0.1:{}/", "/../{}"]


@pytest.mark.parametrize("location", REDIRECTS)
@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
def test_a_redirect_to_another_upstream(gateway: Gateway, key: Key, fleet: Fleet, status: int, location: str) -> None:
    target = location.format(fleet["second"].port)
    fleet.reset(first=answers.whole(b"", status, headers=[("Location", target)]))
    for stream in (False, True):
        answer = ask(gateway, key, "first", stream)
        chat.check_error(answer, 502, "upstream_error")
        assert target.encode() not in answer.body
        check_clean(answer)
    assert fleet.counts() == {"first": 2, "second": 0, "third": 0}
    check_own_canaries_only(fleet)


@pytest.mark.parametrize(
    "header",
    ["Refresh: 0; url=http://{}/", "Content-Location: http://{}/", 'Alt-Svc: http/1.1="{}"', "Location: http://{}/"],
)
def test_an_answer_that_points_elsewhere(gateway: Gateway, key: Key, fleet: Fleet, header: str) -> None:
    name, _, value = header.format(f"127.0.0.1:{fleet['second'].port}").partition(": ")
    fleet.reset(first=answers.whole(answers.completion(), headers=[(name, value)]))
    for _ in range(3):
        assert ask(gateway, key, "first").status == 200
    assert fleet.counts() == {"first": 3, "second": 0, "third": 0}
    check_own_canaries_only(fleet)
