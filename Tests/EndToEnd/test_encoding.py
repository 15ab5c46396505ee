"""Content encodings: the gateway reads what it relays, so it asks the upstream for plain bytes."""

import gzip
import json

from support import answers, chat
from support.client import Client
from support.gateway import Gateway, Key
from support.upstream import Call, FakeUpstream


def test_the_callers_accept_encoding_does_not_go_upstream(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    answer = chat.ask(gateway, key, accept_encoding="gzip, br, zstd")
    assert answer.status == 200 and answer.header("content-encoding") is None
    assert upstream.wait_for_request().header("accept-encoding") in (None, "identity")
    assert answer.json()["model"] == "chat"


def test_an_upstream_that_compresses_all_the_same(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    """The gateway cannot read compression that it did not ask for: it is an error, and is never passed on as text."""
    packed = gzip.compress(json.dumps(answers.completion()).encode())
    upstream.behaviour = answers.whole(packed, headers=[("Content-Encoding", "gzip")])
    chat.check_error(chat.ask(gateway, key), 502, "upstream_error")


def test_a_compressed_request_is_refused(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    answer = chat.ask(gateway, key, gzip.compress(chat.body()), content_encoding="gzip")
    assert chat.check_error(answer, 415, "unsupported_media_type")["param"] == "content-encoding"
    assert upstream.requests == []


def test_a_chunked_request_body(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    body = chat.body()
    pieces = b"".join(b"%x;x=y\r\n%s\r\n" % (len(p), p) for p in (body[:1], body[1:20], body[20:]))
    with Client(gateway.port) as client:
        client.send_request("POST", chat.PATH, chat.headers(key, Transfer_Encoding="chunked"))
        client.send(pieces + b"0\r\n\r\n")
        assert client.read_answer().status == 200
    received = upstream.wait_for_request()
    assert json.loads(received.body)["model"] == answers.UPSTREAM_MODEL
    assert received.header("content-length") == str(len(received.body))


def test_a_chunked_json_answer(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    data = json.dumps(answers.completion()).encode()
    first = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

    async def one_byte_a_chunk(call: Call) -> None:
        await call.send(first)
        for position in range(len(data)):
            await call.chunk(data[position : position + 1])
        await call.send(answers.LAST_CHUNK)

    upstream.behaviour = one_byte_a_chunk
    assert chat.ask(gateway, key).json() == answers.completion() | {"model": "chat"}


def test_an_answer_ended_by_the_connections_end(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    data = json.dumps(answers.completion()).encode()
    upstream.behaviour = answers.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + data)
    assert chat.ask(gateway, key).json() == answers.completion() | {"model": "chat"}
