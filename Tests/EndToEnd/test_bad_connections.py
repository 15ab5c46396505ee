"""Connections that misbehave below the level of a request: each gets the envelope, or a timeout and a close."""

import time

import pytest
from support import chat
from support.chat import check_error
from support.client import Client
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

LIMIT = 32 << 20


def test_a_body_announced_too_long(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    with Client(gateway.port) as client:
        client.send_request("POST", chat.PATH, chat.headers(key, Content_Length=str(40 << 20)))
        check_error(client.read_answer(), 413, "request_too_large")
        assert client.is_closed_by_peer(), "the gateway does not read the rest"
    assert upstream.requests == []


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_forty_mebibytes(gateway: Gateway, key: Key, upstream: FakeUpstream, chunked: bool) -> None:
    piece = b"x" * (1 << 20)
    framing = {"Transfer_Encoding": "chunked"} if chunked else {"Content_Length": str(40 << 20)}
    with Client(gateway.port) as client:
        client.send_request("POST", chat.PATH, chat.headers(key, **framing))
        try:
            for _ in range(40):
                client.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            answer = client.read_answer()
        except ConnectionError:
            answer = None  # closed while the body was still coming: the answer may be lost on the way
        if answer:
            check_error(answer, 413, "request_too_large")
    assert upstream.requests == [] and gateway.is_alive()
    assert gateway.memory_mib() < 250


@pytest.mark.parametrize("length", ["99999999999999999999", "-1", "12x", "1, 2"])
def test_an_invalid_content_length(gateway: Gateway, key: Key, length: str) -> None:
    with Client(gateway.port) as client:
        client.send_request("POST", chat.PATH, chat.headers(key, Content_Length=length))
        answer = client.read_answer()
        check_error(answer, answer.status, {400: "invalid_request", 413: "request_too_large"}[answer.status])
        assert client.is_closed_by_peer()


SMUGGLING = {
    "a length and chunks": (
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/models HTTP/1.1\r\n\r\n"
    ),
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}   \r\n",
    "an unknown transfer coding": b"Transfer-Encoding: gzip, identity\r\n\r\nxxxx",
    "a folded header": b"X-A: b\r\n c\r\nTransfer-Encoding\r\n: chunked\r\n\r\n",
    "a header without a colon": b"Nonsense\r\n\r\n",
    "NUL in a header": b"X-A: b\x00c\r\n\r\n",
    "a space before the colon": b"Content-Length : 5\r\n\r\n{}   ",
}


@pytest.mark.parametrize("how", SMUGGLING)
def test_ambiguous_framing_is_refused(gateway: Gateway, key: Key, upstream: FakeUpstream, how: str) -> None:
    credentials = f"Authorization: Bearer {key.text}\r\nContent-Type: application/json\r\n"
    first = f"POST {chat.PATH} HTTP/1.1\r\nHost: x\r\n{credentials}"
    with Client(gateway.port, timeout=5) as client:
        client.send(first.encode() + SMUGGLING[how])
        answer = client.read_answer()
        assert 400 <= answer.status < 500 or answer.status == 501, answer
        check_error(answer, answer.status, answer.json()["error"]["code"])
        assert client.is_closed_by_peer(), "the gateway does not read the following bytes as a request"
    assert upstream.requests == []


GARBAGE = {
    "words": b"hello there\r\n\r\n",
    "bytes": bytes(range(256)) * 16,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 400,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no version": b"GET /v1/models\r\n\r\n",
    "HTTP/9.9": b"GET /v1/models HTTP/9.9\r\n\r\n",
    "an invalid chunk size": b"POST /v1/models HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("what", GARBAGE)
def test_what_is_not_http(gateway: Gateway, what: str) -> None:
    """An answer is optional, a close is not."""
    with Client(gateway.port, timeout=5) as client:
        client.send(GARBAGE[what])
        assert client.is_closed_by_peer()
    assert gateway.is_alive()


@pytest.mark.parametrize("headers", [{"X-Long": "x" * 200_000}, {f"X-{n}": "x" * 500 for n in range(400)}])
def test_huge_headers(gateway: Gateway, key: Key, headers: dict[str, str]) -> None:
    with Client(gateway.port) as client:
        try:
            client.send_request("GET", "/v1/models", chat.headers(key) | headers)
            answer = client.read_answer()
        except ConnectionError:
            answer = None  # closed while they were still coming
        if answer:
            check_error(answer, 431, "headers_too_large")
    assert gateway.is_alive()


def test_a_long_path(gateway: Gateway, key: Key) -> None:
    answer = gateway.get("/v1/models/" + "x" * 6000, chat.headers(key))
    check_error(answer, answer.status, {404: "model_not_found", 414: "invalid_request"}[answer.status])


def test_pipelined_requests_are_answered_in_order(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    with Client(gateway.port) as client:
        for model in ("chat", "unknown", "other"):
            client.send_request("POST", chat.PATH, chat.headers(key), chat.body(model))
        client.send_request("GET", "/healthz", {})
        client.send_request("POST", chat.PATH, chat.headers(key), chat.body(stream=True))
        first, second, third, fourth, fifth = (client.read_answer() for _ in range(5))
    assert (first.status, first.json()["model"]) == (200, "chat")
    check_error(second, 404, "model_not_found")
    assert (third.status, third.json()["model"]) == (200, "other")
    assert fourth.status == 200
    assert chat.content(fifth) == " word0 word1 word2"


def test_a_connection_is_kept_after_an_error(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    with Client(gateway.port) as client:
        for body, status in ((b"{oops", 400), (chat.body("unknown"), 404), (chat.body(), 200)):
            client.send_request("POST", chat.PATH, chat.headers(key), body)
            assert client.read_answer().status == status


def test_expect_continue(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    body = chat.body()
    with Client(gateway.port) as client:
        client.send_request("POST", chat.PATH, chat.headers(key, Expect="100-continue", Content_Length=str(len(body))))
        assert client.read_head().status == 100
        client.send(body)
        assert client.read_answer().status == 200


@pytest.mark.parametrize(("length", "authorised", "status"), [("10", False, 401), (str(40 << 20), True, 413)])
def test_expect_continue_of_a_request_that_is_refused(
    gateway: Gateway, key: Key, length: str, authorised: bool, status: int
) -> None:
    headers = chat.headers(key, Expect="100-continue", Content_Length=length)
    if not authorised:
        del headers["Authorization"]
    with Client(gateway.port) as client:
        client.send_request("POST", chat.PATH, headers)
        assert client.read_answer().status == status


def test_http_1_0(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    with Client(gateway.port) as client:
        client.send(f"GET /v1/models HTTP/1.0\r\nAuthorization: Bearer {key.text}\r\n\r\n".encode())
        assert client.read_answer().status == 200
        assert client.is_closed_by_peer()


def test_connections_that_come_and_go(gateway: Gateway, key: Key) -> None:
    pieces = [b"", b"G", b"POST /v1/chat/completions HTTP/1.1\r\nHost", b"POST /v1/models HTTP/1.1\r\n\r\n"]
    for number in range(200):
        with Client(gateway.port) as client:
            client.send(pieces[number % len(pieces)])
    assert gateway.is_alive()


def test_clients_that_stay_without_finishing(gateway: Gateway, key: Key, upstream: FakeUpstream, full: bool) -> None:
    """Half a head has 10 s, silence within a body 30 s, an idle connection 75 s: then the connection is closed."""
    half_head = Client(gateway.port, timeout=90)
    half_head.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n")
    half_body = Client(gateway.port, timeout=90)
    half_body.send_request("POST", chat.PATH, chat.headers(key, Content_Length="1000"))
    half_body.send(b'{"model":"chat",')
    idle = Client(gateway.port, timeout=120)
    began = time.monotonic()
    assert half_head.is_closed_by_peer() and 8 < time.monotonic() - began < 25
    assert half_body.is_closed_by_peer() and 25 < time.monotonic() - began < 50
    if full:
        assert idle.is_closed_by_peer() and time.monotonic() - began < 110
    assert upstream.requests == [] and gateway.is_alive()
