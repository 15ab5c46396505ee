"""`gateway explain` predicts the result of a request, with the reason at each stage; and the prediction is right."""

import json
from collections.abc import Callable
from functools import cache

import pytest
from support import chat
from support.client import Answer
from support.explain_cases import CASES, STAGES, Case
from support.explain_setting import FLAGS
from support.explanation import explain, reason, routes, said, stage
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

LABELS = {"passed": " ok ", "refused": " REFUSED ", "not_reached": " – "}


def live(gateway: Gateway, key: Key, case: Case) -> Answer:
    """The request of this case."""
    fields = {"messages": chat.MESSAGES}
    for flag in case.flags:
        fields |= FLAGS[flag]
    body = json.dumps({"model": case.model} | fields).encode()
    return chat.ask(gateway, key, body)


@pytest.fixture(scope="module")
def explained(keys: dict[str, Key]) -> Callable[[Gateway, str], dict]:
    """The explanation of a case. Nothing changes while these tests run, so each is requested once."""

    @cache
    def ask(gateway: Gateway, name: str) -> dict:
        case = CASES[name]
        return explain(gateway, keys[case.key].public_id, case.model, *case.flags)

    return ask


@pytest.mark.parametrize("name", CASES)
def test_what_is_explained(asked: Gateway, explained, name: str) -> None:
    case, explanation = CASES[name], explained(asked, name)
    assert (explanation["status"], explanation["code"]) == (case.status, case.code), explanation
    assert (explanation["requested_model"], explanation["resolved_model"]) == (case.model, case.resolved)
    assert explanation["message"]
    # Each stage until the refusal.
    reached = STAGES.index(case.stage) if case.stage else len(STAGES)
    verdicts = ["passed"] * reached
    if case.stage:
        verdicts += ["refused"] + ["not_reached"] * (len(STAGES) - reached - 1)
    stages = {each["name"]: each["verdict"] for each in explanation["stages"]}
    assert list(stages.items()) == list(zip(STAGES, verdicts, strict=True))
    assert all(each["finding"] for each in explanation["stages"])
    if case.stage:
        refused = stage(explanation, case.stage)
        assert refused["finding"] == explanation["message"]
        assert (case.setting or "") in (refused["setting"] or ""), refused
        assert case.setting is None or refused["setting"]
    # Each route.
    for id, why in case.routes.items():
        assert reason(explanation, id) == why, explanation
        view = routes(explanation)[id]
        assert view["finding"] and (view["setting"] if why else True), view
    kept = [view for view in explanation["routes"] if view["kept"]]
    if case.status == 200:
        assert kept and sum(view["odds"] or 0 for view in kept) == pytest.approx(1)
    else:
        assert not kept
    assert bool(explanation["routes"]) == (case.resolved is not None)


@pytest.mark.parametrize("name", CASES)
def test_it_agrees_with_what_happens(
    gateway: Gateway, keys: dict[str, Key], explained, upstream: FakeUpstream, name: str
) -> None:
    case, explanation = CASES[name], explained(gateway, name)
    answer = live(gateway, keys[case.key], case)
    assert answer.status == explanation["status"] == case.status, answer
    if case.status == 200:
        assert routes(explanation)[answer.header("x-gateway-route")]["odds"]
        assert upstream.wait_for_request()
        return
    error = chat.check_error(answer, case.status, case.code)
    assert (error["code"], error["message"]) == (explanation["code"], explanation["message"])
    assert upstream.requests == []


@pytest.mark.parametrize("name", CASES)
def test_the_text_has_all_of_it(asked: Gateway, keys: dict[str, Key], explained, name: str) -> None:
    case, explanation = CASES[name], explained(asked, name)
    text = said(asked, keys[case.key].public_id, case.model, *case.flags)
    lines = text.splitlines()
    assert case.model in lines[0] and keys[case.key].public_id in lines[0]
    assert lines[-1] == f"{case.status}{f' {case.code}' if case.code else ''}: {explanation['message']}"
    for each in explanation["stages"]:
        [line] = [line for line in lines if line.startswith(f"{each['name']} ")]
        assert LABELS[each["verdict"]] in line
        assert each["finding"] in line and (each["setting"] or "") in line
    for id, view in routes(explanation).items():
        [line] = [line for line in lines if line.split()[1:2] == [id]]
        assert line.startswith("yes " if view["kept"] else "no ")
        assert view["finding"] in line and view["provider"] in line and (view["setting"] or "") in line
