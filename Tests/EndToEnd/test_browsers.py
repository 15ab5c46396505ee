"""Web pages that call the gateway from a browser: `server.cors_origins`."""

from support import chat
from support.gateway import Gateway, Key

PAGE = "https://app.example.com"


def preflight(gateway: Gateway, origin: str, path: str = chat.PATH):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os",
    }
    return gateway.request("OPTIONS", path, headers=headers)


def test_off_by_default(gateway: Gateway, key: Key) -> None:
    assert preflight(gateway, PAGE).status == 405
    answer = chat.ask(gateway, key, origin=PAGE)
    assert answer.header("access-control-allow-origin") is None and answer.header("vary") is None


def test_a_page_that_may_call(start_gateway, standard_document) -> None:
    gateway: Gateway = start_gateway(standard_document | {"server": {"cors_origins": [PAGE, "http://localhost:3000"]}})
    key = gateway.create_key()
    for path in (chat.PATH, "/v1/models", "/openai/deployments/chat/chat/completions"):
        answer = preflight(gateway, PAGE, path)
        assert answer.status == 204
        assert answer.header("access-control-allow-origin") == PAGE
        assert "POST" in answer.header("access-control-allow-methods")
        assert answer.header("access-control-allow-headers") == "authorization,content-type,x-stainless-os"
        assert answer.header("vary") == "origin"
        assert answer.header("access-control-allow-credentials") is None
    for answer in (chat.ask(gateway, key, origin=PAGE), chat.ask(gateway, key, b"{", origin=PAGE)):
        assert answer.header("access-control-allow-origin") == PAGE
        assert "x-request-id" in answer.header("access-control-expose-headers")
    refused = gateway.request("POST", chat.PATH, b"{}", {"Origin": PAGE})
    assert refused.status == 401 and refused.header("access-control-allow-origin") == PAGE


def test_another_page(start_gateway, standard_document) -> None:
    gateway: Gateway = start_gateway(standard_document | {"server": {"cors_origins": [PAGE]}})
    key = gateway.create_key()
    for origin in ("https://evil.example.com", f"{PAGE}.evil.com", "null", "http://app.example.com", "*", ""):
        assert preflight(gateway, origin).status == 405, origin
        answer = chat.ask(gateway, key, origin=origin)
        assert answer.status == 200 and answer.header("access-control-allow-origin") is None, origin
        assert answer.header("vary") == "origin"


def test_any_page(start_gateway, standard_document) -> None:
    gateway: Gateway = start_gateway(standard_document | {"server": {"cors_origins": ["*"]}})
    assert preflight(gateway, PAGE).header("access-control-allow-origin") == "*"
    assert gateway.get("/healthz", {"Origin": PAGE}).header("access-control-allow-origin") == "*"


def test_requested_headers_that_are_not_names(start_gateway, standard_document) -> None:
    gateway: Gateway = start_gateway(standard_document | {"server": {"cors_origins": ["*"]}})
    headers = {"Origin": PAGE, "Access-Control-Request-Headers": "a;b<script>"}
    answer = gateway.request("OPTIONS", chat.PATH, headers=headers)
    assert answer.status == 204 and answer.header("access-control-allow-headers") is None
