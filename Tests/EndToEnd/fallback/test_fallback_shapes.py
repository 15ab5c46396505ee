"""A request whose first route fails, shape by shape: another route takes over, or the request fails.

The fake upstreams count: the gateway sends nothing twice if it may have been answered."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from support import answers, chat
from support.client import Answer
from support.failure_shapes import CASES, SECRET_WORDS, SHAPES, WRONG, Shape
from support.fallback import TRIALS, Setting, Trial, check_good, user_of
from support.upstream import Behaviour, Call, FakeUpstream


def as_told(good: FakeUpstream) -> Behaviour:
    """Fails in the way that the request's `user` names."""
    redirect = answers.whole(b"", 302, headers=[("Location", f"http://127.0.0.1:{good.port}{chat.PATH}")])
    behaviours = {trial.model: SHAPES[trial.name].behaviour for trial in TRIALS}
    behaviours |= {trial.model: redirect for trial in TRIALS if trial.name == "a redirect"}

    async def behave(call: Call) -> None:
        await behaviours[user_of(call.request)](call)

    return behave


@dataclass
class Outcome:
    answer: Answer
    # How often the request reached the failing upstream, and how often the other one.
    sent: int
    taken_over: int


@pytest.fixture(scope="module")
def outcomes(setting: Setting) -> dict[Trial, Outcome]:
    """All at once, because many of them wait."""
    fleet = setting.fleet
    behaviour = as_told(fleet["good"])
    fleet.reset(flaky=behaviour, breaking=behaviour)
    with ThreadPoolExecutor(16) as callers:
        found = list(callers.map(lambda trial: chat.ask(setting.gateway, setting.key, trial.body), TRIALS))
    assert all(request.body for request in fleet["good"].requests), "a redirect was followed"
    failing = [fleet["flaky"], fleet["breaking"], setting.untrusted]
    return {
        trial: Outcome(answer, sum(map(trial.reached, failing)), trial.reached(fleet["good"]))
        for trial, answer in zip(TRIALS, found, strict=True)
    }


def check_failure(answer: Answer, shape: Shape) -> None:
    if shape.relayed:
        error = {"message": WRONG, "type": "x", "code": shape.code, "param": None}
        assert (answer.status, answer.json()) == (shape.status, {"error": error})
    else:
        chat.check_error(answer, shape.status, shape.code)


@pytest.mark.parametrize(("name", "family"), CASES)
def test_with_a_second_route(outcomes: dict[Trial, Outcome], name: str, family: str) -> None:
    shape, outcome = SHAPES[name], outcomes[Trial("pair", name, family)]
    if shape.next:
        check_good(outcome.answer, family)
    else:
        check_failure(outcome.answer, shape)
        assert outcome.answer.header("x-gateway-attempts") == "1"
    assert outcome.sent == (0 if shape.code == "upstream_unreachable" else 1)
    assert outcome.taken_over == (1 if shape.next else 0)


@pytest.mark.parametrize(("name", "family"), CASES)
def test_without_another_route(setting: Setting, outcomes: dict[Trial, Outcome], name: str, family: str) -> None:
    shape, outcome = SHAPES[name], outcomes[Trial("lone", name, family)]
    answer = outcome.answer
    check_failure(answer, shape)
    attempts = 2 if shape.again else 1
    assert answer.header("x-gateway-attempts") == str(attempts)
    assert outcome.sent == (0 if shape.code == "upstream_unreachable" else attempts)
    assert SECRET_WORDS.encode() not in answer.body
    assert answer.header("retry-after") == ("60" if "minute" in name else None)
    assert '"cause":"' in setting.gateway.log_line(answer.header("x-gateway-request-id"))
