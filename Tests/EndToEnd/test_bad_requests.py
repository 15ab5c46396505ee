"""Invalid requests get an error that names the problem, reach no upstream, and affect no other request."""

import pytest
from support import chat
from support.chat import check_error
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

DEEP = 200_000

# name: (body, code, what the message or the param has to name)
BODIES = {
    "empty": (b"", "invalid_json", None),
    "blank": (b"  \n ", "invalid_json", None),
    "not JSON": (b"model=chat", "invalid_json", None),
    "unfinished": (b'{"model":"chat","messages":[', "invalid_json", None),
    "something after the end": (b'{"model":"chat","messages":[]} x', "invalid_json", None),
    "two documents": (b'{"model":"chat"}{"model":"other"}', "invalid_json", None),
    "trailing comma": (b'{"model":"chat","messages":[],}', "invalid_json", None),
    "single quotes": (b"{'model':'chat'}", "invalid_json", None),
    "a comment": (b'{"model":"chat"/* x */,"messages":[]}', "invalid_json", None),
    "NaN": (b'{"model":"chat","messages":[],"x":NaN}', "invalid_json", None),
    "a leading zero": (b'{"model":"chat","messages":[],"x":01}', "invalid_json", None),
    "a raw line break in a string": (b'{"model":"chat","x":"a\nb"}', "invalid_json", None),
    "a bad escape": (b'{"model":"chat","x":"\\q"}', "invalid_json", None),
    "a short unicode escape": (b'{"model":"chat","x":"\\u12"}', "invalid_json", None),
    "a byte order mark and junk": (b'\xef\xbb\xbf\x00{"model":"chat"}', "invalid_json", None),
    "NUL bytes": (b"\x00" * 1000, "invalid_json", None),
    "invalid UTF-8": (b'{"model":"chat","messages":[],"x":"\xff\xfe"}', "invalid_json", None),
    "overlong UTF-8": (b'{"model":"chat","messages":[],"x":"\xc0\xaf"}', "invalid_json", None),
    "a surrogate in UTF-8": (b'{"model":"chat","messages":[],"x":"\xed\xa0\x80"}', "invalid_json", None),
    "invalid UTF-8 in a key": (b'{"model":"chat","messages":[],"\xff":1}', "invalid_json", None),
    "deep lists": (b'{"model":"chat","messages":' + b"[" * DEEP + b"]" * DEEP + b"}", "invalid_json", None),
    "deep objects": (b'{"model":"chat","x":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}", "invalid_json", None),
    "deep and unfinished": (b"[" * DEEP, "invalid_json", None),
    "nesting of 513": (b'{"model":"chat","messages":' + b"[" * 512 + b"]" * 512 + b"}", "invalid_json", None),
    "a list": (b'[{"model":"chat"}]', "invalid_request", None),
    "a string": (b'"chat"', "invalid_request", None),
    "null": (b"null", "invalid_request", None),
    "no model": (b'{"messages":[]}', "invalid_request", "model"),
    "model is null": (b'{"model":null,"messages":[]}', "invalid_request", "model"),
    "model is a number": (b'{"model":5,"messages":[]}', "invalid_request", "model"),
    "model is a list": (b'{"model":["chat"],"messages":[]}', "invalid_request", "model"),
    "model is empty": (b'{"model":"","messages":[]}', "invalid_request", "model"),
    "stream is a string": (b'{"model":"chat","messages":[],"stream":"true"}', "invalid_request", "stream"),
    "stream is a number": (b'{"model":"chat","messages":[],"stream":1}', "invalid_request", "stream"),
    "stream_options is a list": (
        b'{"model":"chat","messages":[],"stream":true,"stream_options":[]}',
        "invalid_request",
        "stream_options",
    ),
    "model twice": (b'{"model":"chat","messages":[],"model":"other"}', "invalid_json", "model"),
    "model twice, once escaped": (b'{"model":"chat","messages":[],"mod\\u0065l":"other"}', "invalid_json", "model"),
    "stream twice": (b'{"model":"chat","stream":false,"messages":[],"stream":true}', "invalid_json", "stream"),
    "an unknown field twice": (b'{"model":"chat","foo":1,"messages":[],"f\\u006fo":2}', "invalid_json", "foo"),
    "include_usage twice": (
        b'{"model":"chat","messages":[],"stream":true,"stream_options":{"include_usage":true,"include_usag\\u0065":false}}',
        "invalid_json",
        "include_usage",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body(gateway: Gateway, key: Key, upstream: FakeUpstream, name: str) -> None:
    body, code, named = BODIES[name]
    error = check_error(chat.ask(gateway, key, body), 400, code)
    if named:
        assert named in (error["param"] or "") and named in error["message"]
    assert len(error["message"]) < 500
    assert upstream.requests == []


def test_a_syntax_error_names_its_place(gateway: Gateway, key: Key) -> None:
    body = b'{"model":"chat","messages":[],"x":tru}'
    message = check_error(chat.ask(gateway, key, body), 400, "invalid_json")["message"]
    assert any(str(offset) in message for offset in (34, 35, 36, 37)), message


def test_nesting_of_512_passes(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    body = b'{"model":"chat","messages":' + b"[" * 511 + b"]" * 511 + b"}"
    assert chat.ask(gateway, key, body).status == 200


@pytest.mark.parametrize("field", ["messages", "tools", "response_format", "metadata"])
@pytest.mark.parametrize("value", [b"5", b'"x"', b"[[[]]]", b'{"a":[null]}', b"[5,null,true]"])
def test_a_field_of_the_wrong_type_does_no_harm(
    gateway: Gateway, key: Key, upstream: FakeUpstream, field: str, value: bytes
) -> None:
    """The upstream checks fields that the gateway does not need; a 400 by the gateway is fine too."""
    first = b"" if field == "messages" else b'"messages":[],'
    answer = chat.ask(gateway, key, b'{"model":"chat",%s"%s":%s}' % (first, field.encode(), value))
    assert answer.status in (200, 400), answer


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", ""])
def test_another_content_type(gateway: Gateway, key: Key, upstream: FakeUpstream, kind: str) -> None:
    check_error(chat.ask(gateway, key, Content_Type=kind), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"]
)
def test_json_by_its_other_names(gateway: Gateway, key: Key, upstream: FakeUpstream, kind: str) -> None:
    assert chat.ask(gateway, key, Content_Type=kind).status == 200


UNKNOWN_PATHS = [
    "/v1",
    "/v1/",
    "/v1/nothing",
    "/v1/chat",
    "/v1/chat/completions/x",
    "/v1/models/",
    "/v1/%ff",
    "/v1/..%2fadmin",
]


@pytest.mark.parametrize("path", [*UNKNOWN_PATHS, "/", "/favicon.ico", "/V1/models", "//v1/models", "/v2/models"])
def test_an_unknown_path(gateway: Gateway, key: Key, path: str) -> None:
    answer = gateway.get(path, chat.headers(key))
    check_error(answer, 404, answer.json()["error"]["code"])
    assert answer.json()["error"]["code"] in ("not_found", "model_not_found")


WRONG_METHODS = [
    ("GET", "/v1/chat/completions"),
    ("PUT", "/v1/chat/completions"),
    ("DELETE", "/v1/chat/completions"),
    ("POST", "/v1/models"),
    ("DELETE", "/v1/models/chat"),
    ("PATCH", "/v1/models"),
    ("POST", "/healthz"),
    ("BREW", "/v1/models"),
]


@pytest.mark.parametrize(("method", "path"), WRONG_METHODS)
def test_a_wrong_method(gateway: Gateway, key: Key, method: str, path: str) -> None:
    answer = gateway.request(method, path, b"{}" if method in ("PUT", "POST", "PATCH") else None, chat.headers(key))
    if method == "BREW" and answer.status == 400:
        return  # the HTTP parser may not know the method at all
    check_error(answer, 405, "method_not_allowed")
    # RFC 9110, 15.5.6: a 405 names what is allowed.
    assert answer.header("allow") in ("GET", "GET, HEAD", "POST")


@pytest.mark.parametrize("path", ["/api", "/api/v1/keys", "/admin", "/admin/login"])
def test_the_control_plane_is_not_there_yet(gateway: Gateway, path: str) -> None:
    check_error(gateway.get(path), 503, "not_ready")


@pytest.mark.parametrize("path", ["/v1/models?limit=5", "/v1/models/chat?x=%20"])
def test_a_query_changes_nothing(gateway: Gateway, key: Key, path: str) -> None:
    assert gateway.get(path, chat.headers(key)).status == 200


def test_all_of_it_over_and_over(gateway: Gateway, key: Key, upstream: FakeUpstream, full: bool) -> None:
    """The process stays up and its memory bounded, however often the list is sent."""
    seen = []
    for _ in range(100 if full else 3):
        for body, _, _ in BODIES.values():
            assert chat.ask(gateway, key, body).status == 400
        seen.append(gateway.memory_mib())
    print(f"resident MiB, round by round: {[round(mib) for mib in seen]}")
    assert seen[-1] < seen[0] + 16, seen
    assert gateway.is_alive()
