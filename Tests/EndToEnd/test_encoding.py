"""Content encodings: the gateway reads what it relays, so it asks the upstream for plain bytes."""

import gzip
import json
import time
import zlib

import pytest
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


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def zstd(*blocks: tuple[int, bytes, int]) -> bytes:
    """A frame (RFC 8878, section 3.1.1) with a window of 1 MiB, of blocks (type, content, size)."""
    frame = b"\x28\xb5\x2f\xfd\x00\x50"
    for number, (kind, content, size) in enumerate(blocks):
        header = size << 3 | kind << 1 | (number == len(blocks) - 1)
        frame += header.to_bytes(3, "little") + content
    return frame


def zstd_raw(data: bytes) -> bytes:
    return zstd(*((0, data[at : at + 1000], len(data[at : at + 1000])) for at in range(0, len(data), 1000)))


CODINGS = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "gzip, two members": ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
    "deflate": ("deflate", zlib.compress),
    "deflate without a wrapper": ("deflate", raw_deflate),
    "zstd": ("zstd", zstd_raw),
    "zstd, two frames": ("zstd", lambda data: zstd_raw(data[:9]) + zstd_raw(data[9:])),
    "identity": ("identity", lambda data: data),
}


@pytest.mark.parametrize("name", CODINGS)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_an_encoded_request_is_decoded(
    gateway: Gateway, key: Key, upstream: FakeUpstream, name: str, is_chunked: bool
) -> None:
    coding, encode = CODINGS[name]
    body = chat.body(x="ab" * 50_000)
    packed = encode(body)
    length = {"Transfer-Encoding": "chunked"} if is_chunked else {"Content-Length": str(len(packed))}
    with Client(gateway.port) as client:
        client.send_request("POST", chat.PATH, chat.headers(key) | {"Content-Encoding": coding} | length)
        for part in (packed[:1], packed[1:7], packed[7:100], packed[100:]):
            client.send(b"%x\r\n%s\r\n" % (len(part), part) if is_chunked and part else part)
        client.send(b"0\r\n\r\n" if is_chunked else b"")
        assert client.read_answer().status == 200
    received = upstream.wait_for_request()
    assert json.loads(received.body) == json.loads(body) | {"model": answers.UPSTREAM_MODEL}
    assert received.header("content-encoding") is None
    assert received.header("content-length") == str(len(received.body))


@pytest.mark.parametrize("coding", ["br", "compress", "gzip, zstd", "gzip, gzip", "nonsense"])
def test_another_coding_is_refused(gateway: Gateway, key: Key, upstream: FakeUpstream, coding: str) -> None:
    answer = chat.ask(gateway, key, chat.body(), content_encoding=coding)
    assert chat.check_error(answer, 415, "unsupported_media_type")["param"] == "content-encoding"
    assert answer.header("accept-encoding") == "gzip, deflate, zstd"
    assert upstream.requests == []


BROKEN = {
    "gzip, truncated": ("gzip", gzip.compress(b"{}" * 1000)[:-9]),
    "gzip, no checksum": ("gzip", gzip.compress(b"{}" * 1000)[:-4]),
    "gzip, wrong checksum": ("gzip", gzip.compress(b"{}")[:-8] + bytes(8)),
    "gzip, more behind it": ("gzip", gzip.compress(b"{}") + b"{}"),
    "gzip, plain": ("gzip", b"{}"),
    "deflate, plain": ("deflate", b"{}"),
    "zstd, plain": ("zstd", b"{}"),
    "zstd, truncated": ("zstd", zstd_raw(b"{}" * 1000)[:-1]),
    # RFC 9659: 8 MiB at most.
    "zstd, a large window": ("zstd", b"\x28\xb5\x2f\xfd\x00\x88\x09\x00\x00a"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_body_that_is_not_of_its_coding(gateway: Gateway, key: Key, upstream: FakeUpstream, name: str) -> None:
    coding, body = BROKEN[name]
    error = chat.check_error(chat.ask(gateway, key, body, content_encoding=coding), 400, "invalid_request")
    assert error["param"] == "content-encoding"
    assert upstream.requests == []


def bomb(coding: str) -> bytes:
    """128 MiB of zeros."""
    if coding == "zstd":
        return zstd(*[(1, b"\0", 1 << 17)] * (1 << 10))
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if coding == "gzip" else 15)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(1 << 7)) + packer.flush()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_a_bomb(start_gateway, standard_document, upstream: FakeUpstream, coding: str) -> None:
    gateway: Gateway = start_gateway(standard_document | {"server": {"max_request_body_bytes": 8 << 20}})
    key = gateway.create_key()
    before = gateway.memory_mib()
    packed = bomb(coding)
    began = time.monotonic()
    for _ in range(3):
        answer = chat.ask(gateway, key, packed, content_encoding=coding)
        chat.check_error(answer, 413, "request_too_large")
        assert answer.header("connection") == "close"
    assert gateway.memory_mib("VmHWM") - before < 60
    assert time.monotonic() - began < 30
    assert upstream.requests == [] and gateway.is_alive()


def test_nothing_is_decoded_for_a_stranger(gateway: Gateway, upstream: FakeUpstream) -> None:
    headers = chat.STRANGER | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    for body in (gzip.compress(chat.body()), b"not gzip", bomb("zstd")):
        chat.check_error(gateway.request("POST", chat.PATH, body, headers), 401, "invalid_api_key")
    chat.check_error(
        gateway.request("POST", chat.PATH, b"x", headers | {"Content-Encoding": "br"}), 401, "invalid_api_key"
    )


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
