"""The headers that a provider and a route add, as the provider receives them."""

import json

import pytest
from support import chat, documents
from support.adjustments import DEFAULT_HEADERS, only
from support.client import Answer
from support.documents import route
from support.explanation import explain, reason
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream, Received


def ask(gateway: Gateway, key: Key, model: str) -> Answer:
    answer = chat.ask(gateway, key, chat.body(model))
    assert answer.status == 200, answer
    return answer


def values(request: Received, name: str) -> list[str]:
    return [value for header, value in request.headers if header == name]


def check_headers(request: Received, **wanted: str) -> None:
    """Each header occurs once, with this value."""
    for name, value in wanted.items():
        assert values(request, name.replace("_", "-")) == [value], request.head


def test_default_headers(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    ask(gateway, key, "default")
    request = only(upstream)
    check_headers(request, x_team="provider", x_both="provider", user_agent="sluice-test/1")
    assert values(request, "x-quoted")[0].encode("latin-1").decode() == DEFAULT_HEADERS["X-Quoted"]
    check_headers(request, authorization=f"Bearer {documents.TOKEN}", content_type="application/json")


def test_extra_headers_replace_default_headers(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    ask(gateway, key, "extra")
    check_headers(only(upstream), x_team="provider", x_both="route", x_route="route", user_agent="sluice-test/1")
    upstream.requests.clear()
    # Another route of the same provider does not have these headers.
    ask(gateway, key, "default")
    check_headers(only(upstream), x_both="provider")
    assert values(only(upstream), "x-route") == []


def test_extra_headers_without_default_headers(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    ask(gateway, key, "fake-extra")
    check_headers(only(upstream), x_both="route", x_route="route", authorization=f"Bearer {documents.TOKEN}")


@pytest.mark.parametrize("model", ["named", "shadowed"])
def test_a_credential_in_a_header_of_its_own(gateway: Gateway, key: Key, upstream: FakeUpstream, model: str) -> None:
    """No other header of that name replaces it."""
    ask(gateway, key, model)
    check_headers(only(upstream), x_credential=documents.TOKEN)
    assert values(only(upstream), "authorization") == []


def test_no_credential(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    ask(gateway, key, "open")
    assert values(only(upstream), "authorization") == []
    assert documents.TOKEN.encode() not in only(upstream).head


def test_a_header_without_a_value_drops_its_route(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    error = chat.check_error(chat.ask(gateway, key, chat.body("missing")), 503, "no_route_available")
    assert "missing/1 (fake): provider_credentials_missing" in error["message"]
    assert "THIS_VARIABLE" not in error["message"]
    explanation = explain(gateway, key.public_id, "missing")
    [view] = explanation["routes"]
    assert reason(explanation, "missing/1") == "provider_credentials_missing"
    assert (
        "THIS_VARIABLE_IS_NOT_SET" in view["finding"] and view["setting"] == "models[missing].routes[1].extra_headers"
    )
    assert upstream.requests == []


def test_the_second_attempt_has_the_second_routes_changes_alone(make_gateway) -> None:
    with Fleet("first", "second") as fleet:
        changes = {
            name: {"extra_headers": {f"x-{name}": name}, "extra_body": {name: True}} for name in ("first", "second")
        }
        routes = [route(name, priority=number, **changes[name]) for number, name in enumerate(changes)]
        gateway = make_gateway({"providers": fleet.providers(), "models": [{"id": "chat", "routes": routes}]}).start()
        fleet.reset(first=lambda call: call.send(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"))
        assert chat.ask(gateway, gateway.create_key()).status == 200
        for name, other in (("first", "second"), ("second", "first")):
            request = only(fleet[name])
            body = json.loads(request.body)
            assert (values(request, f"x-{name}"), values(request, f"x-{other}")) == ([name], [])
            assert (body.get(name), body.get(other)) == (True, None)
