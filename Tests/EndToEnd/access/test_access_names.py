"""What a model's name stands for: aliases and tag selectors."""

import json

import pytest
from support import answers, chat
from support.access import CALLERS, MODELS, Caller, ask, key_of
from support.chat import check_error
from support.client import Answer
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream


def logged(gateway: Gateway, answer: Answer) -> dict:
    return json.loads(gateway.log_line(answer.header("x-gateway-request-id")))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stream", [False, True])
def test_the_requested_and_the_resolved_model(
    gateway: Gateway, key: Key, upstream: FakeUpstream, model: str, stream: bool
) -> None:
    """The caller sees the name that it used, the operator both, the provider neither."""
    answer = ask(gateway, key, model, stream=stream)
    told = chat.documents(answer) if stream else [answer.json()]
    assert {document["model"] for document in told} == {model}
    line = logged(gateway, answer)
    assert (line["model"], line["resolved_model"]) == (model, MODELS[model][1])
    assert answer.header("x-gateway-route") == f"{MODELS[model][1]}/1"
    assert json.loads(upstream.wait_for_request().body)["model"] == answers.UPSTREAM_MODEL


SELECTORS = [
    "tag:fast",
    "tag:cheap,fast",
    "tag:fast,cheap",
    "tag:tiny",
    "tag:smart",
    "tag:newest",
    "tag:fast, aliased",
    "tag:fast,fast",
]


def selected(caller: Caller, selector: str) -> str | None:
    wanted = {tag.strip() for tag in selector.removeprefix("tag:").split(",")}
    return next((name for name, (tags, _) in MODELS.items() if wanted <= tags and caller.refusal(name) is None), None)


@pytest.mark.parametrize("selector", SELECTORS)
@pytest.mark.parametrize("name", CALLERS)
def test_a_selector_picks_the_first_that_the_caller_may_use(
    gateway: Gateway, upstream: FakeUpstream, name: str, selector: str
) -> None:
    answer, model = ask(gateway, key_of(gateway, name), selector), selected(CALLERS[name], selector)
    if model is None:
        assert selector in check_error(answer, 404, "model_not_found")["message"]
        assert upstream.requests == []
        return
    assert (answer.status, answer.json()["model"]) == (200, selector)
    assert answer.header("x-gateway-route") == f"{MODELS[model][1]}/1"


def test_what_a_selector_stands_for_is_in_the_log(gateway: Gateway, key: Key) -> None:
    line = logged(gateway, ask(gateway, key, "tag:aliased"))
    assert (line["model"], line["resolved_model"]) == ("tag:aliased", "chat")


@pytest.mark.parametrize("selector", ["tag:", "tag:,", "tag:fast,", "tag:,fast", "tag:fast,,cheap", "tag: "])
def test_a_selector_without_a_tag(gateway: Gateway, key: Key, upstream: FakeUpstream, selector: str) -> None:
    error = check_error(ask(gateway, key, selector), 400, "invalid_request")
    assert error["param"] == "model"
    assert upstream.requests == []


@pytest.mark.parametrize("selector", ["tag:FAST", "tag:fas", "tag:fast cheap", "tag:nothing", "tag:chat"])
def test_a_selector_of_unknown_tags(gateway: Gateway, key: Key, upstream: FakeUpstream, selector: str) -> None:
    assert selector in check_error(ask(gateway, key, selector), 404, "model_not_found")["message"]
    assert upstream.requests == []
