"""How a request finds its route: tags, aliases, capabilities."""

import json

import pytest
from support import chat
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

IMAGE = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@pytest.mark.parametrize("asked", ["tag:quick", "tag:quick,cheap", "default"])
def test_the_answer_names_what_was_asked_for(
    gateway: Gateway, key: Key, upstream: FakeUpstream, asked: str
) -> None:
    answer = chat.ask(gateway, key, chat.body(asked))
    assert (answer.status, answer.json()["model"]) == (200, asked)


def test_a_tag_is_looked_for_among_what_the_key_may_use(gateway: Gateway, upstream: FakeUpstream) -> None:
    narrow = gateway.create_key("cheap only", models="other")
    assert chat.ask(gateway, narrow, chat.body("tag:quick")).status == 200
    nothing = gateway.create_key("no tags", models="text-only")
    answer = chat.ask(gateway, nothing, chat.body("tag:quick"))
    chat.check_error(answer, 404, "model_not_found")


CANNOT = [("tools", {"tools": [TOOL]}), ("vision", {"messages": [IMAGE]})]


@pytest.mark.parametrize(("capability", "fields"), CANNOT)
def test_what_no_route_can_do_is_refused_by_name(
    gateway: Gateway, key: Key, upstream: FakeUpstream, capability: str, fields: dict
) -> None:
    error = chat.check_error(
        chat.ask(gateway, key, chat.body("text-only", **fields)), 400, "capability_not_supported"
    )
    assert capability in error["message"]
    assert upstream.requests == []


def test_an_empty_list_of_tools_needs_no_capability(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    assert chat.ask(gateway, key, chat.body("text-only", tools=[])).status == 200
    assert json.loads(upstream.wait_for_request().body)["tools"] == []
