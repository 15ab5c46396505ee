"""The capabilities that a request needs: the gateway checks them before it calls an upstream."""

import json

import pytest
from support import chat
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

IMAGE = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


CANNOT = [("tools", {"tools": [TOOL]}), ("vision", {"messages": [IMAGE]})]


@pytest.mark.parametrize(("capability", "fields"), CANNOT)
def test_what_no_route_can_do_is_refused_by_name(
    gateway: Gateway, key: Key, upstream: FakeUpstream, capability: str, fields: dict
) -> None:
    error = chat.check_error(chat.ask(gateway, key, chat.body("text-only", **fields)), 400, "capability_not_supported")
    assert capability in error["message"]
    assert upstream.requests == []


def test_an_empty_list_of_tools_needs_no_capability(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    assert chat.ask(gateway, key, chat.body("text-only", tools=[])).status == 200
    assert json.loads(upstream.wait_for_request().body)["tools"] == []
