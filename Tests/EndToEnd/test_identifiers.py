"""Request ids in and out, and which headers of an upstream reach the caller."""

import json

import pytest
from support import answers, chat
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream


@pytest.mark.parametrize("identifier", ["a", "req-1_2.3:4/5", "x" * 128, "!~"])
def test_a_good_request_id_is_kept(gateway: Gateway, key: Key, upstream: FakeUpstream, identifier: str) -> None:
    answer = chat.ask(gateway, key, x_request_id=identifier)
    assert answer.header("x-request-id") == identifier
    refused = gateway.get("/v1/models", {"X-Request-Id": identifier})
    assert refused.header("x-request-id") == refused.json()["error"]["request_id"] == identifier


@pytest.mark.parametrize("identifier", ["x" * 129, "two words", "caf\xe9", "", "tab\there"])
def test_a_bad_request_id_is_replaced(gateway: Gateway, key: Key, upstream: FakeUpstream, identifier: str) -> None:
    answer = chat.ask(gateway, key, x_request_id=identifier)
    assert answer.status == 200
    assert answer.header("x-request-id") not in (None, "", identifier)


def test_the_gateways_own_id_is_new_for_every_request(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    seen = [chat.ask(gateway, key, x_request_id="same") for _ in range(3)]
    own = {answer.header("x-gateway-request-id") for answer in seen}
    assert len(own) == 3 and None not in own and "same" not in own


def test_a_request_id_is_made_where_none_is_given(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    seen = {chat.ask(gateway, key).header("x-request-id") for _ in range(3)}
    assert len(seen) == 3 and None not in seen


def test_the_log_line_has_the_request_id(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    chat.ask(gateway, key, x_request_id="look-for-me-4711")
    assert json.loads(gateway.log_line("look-for-me-4711"))["status"] == 200


FOREIGN = [
    ("Set-Cookie", "upstream=1"),
    ("Server", "upstream/1"),
    ("X-Powered-By", "upstream"),
    ("OpenAI-Organization", "org-1"),
    ("X-Request-Id", "the-upstreams-own"),
    ("X-Gateway-Provider", "forged"),
    ("X-Ratelimit-Remaining-Requests", "1"),
    ("Access-Control-Allow-Origin", "*"),
    ("Content-Language", "en"),
    ("Strict-Transport-Security", "max-age=1"),
]


@pytest.mark.parametrize("stream", [False, True])
def test_only_listed_headers_reach_the_caller(gateway: Gateway, key: Key, upstream: FakeUpstream, stream: bool) -> None:
    events = b"".join([*answers.words(), answers.DONE])
    kind, data = ("text/event-stream", events) if stream else ("application/json", answers.completion())
    upstream.behaviour = answers.whole(data, content_type=kind, headers=FOREIGN)
    answer = chat.ask(gateway, key, chat.body(stream=stream), x_request_id="mine")
    framing = {"content-length", "transfer-encoding", "connection", "date", "cache-control", "keep-alive"}
    listed = {"content-type", "x-request-id"} | ({"x-accel-buffering"} if stream else set())
    names = {name for name, _ in answer.headers if not name.startswith("x-gateway-")}
    assert names - framing == listed
    assert answer.header("x-request-id") == "mine"
    assert answer.header("x-gateway-provider") == "fake"
    assert answer.header("content-type").startswith(kind)


@pytest.mark.parametrize("path", ["/v1/models", "/v1/nothing", "/healthz", "/readyz"])
def test_nothing_tells_the_servers_make(gateway: Gateway, key: Key, path: str) -> None:
    assert gateway.get(path, chat.headers(key)).header("server") is None
