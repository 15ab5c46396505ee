"""Every wait for an upstream has its deadline, and its own error."""

import socket
import time
from collections.abc import Iterator

import pytest
from support import answers, chat, documents
from support.client import Answer, events
from support.gateway import Gateway, Key
from support.launch import launch
from support.upstream import FakeUpstream

STREAM = chat.body("hasty", stream=True)
LIMITS = {"connect_ms": 400, "head_ms": 900, "stream_head_ms": 500, "idle_ms": 500}


@pytest.fixture(scope="module")
def full_backlog() -> Iterator[int]:
    """A port whose queue of connections is full: the kernel drops further connections, as a dead host does."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    port = listener.getsockname()[1]
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(("127.0.0.1", port))
        fillers.append(filler)
    yield port
    for filler in [*fillers, listener]:
        filler.close()


@pytest.fixture(scope="module")
def hasty(shared_upstream: FakeUpstream, full_backlog: int, tmp_path_factory) -> Iterator[Gateway]:
    """A gateway whose limits are short."""
    document = {
        "providers": [
            documents.provider("hasty", shared_upstream.port, timeouts=LIMITS),
            documents.provider("stuck", full_backlog, timeouts=LIMITS),
        ],
        "models": [documents.model("hasty", "hasty"), documents.model("stuck", "stuck")],
    }
    gateway = launch(tmp_path_factory.mktemp("hasty"), document)
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def hasty_key(hasty: Gateway) -> Key:
    return hasty.create_key()


def timed(gateway: Gateway, key: Key, body: bytes) -> tuple[float, Answer]:
    began = time.monotonic()
    answer = chat.ask(gateway, key, body)
    return time.monotonic() - began, answer


def test_no_head_of_a_stream(hasty: Gateway, hasty_key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stall_before_head()
    took, answer = timed(hasty, hasty_key, STREAM)
    chat.check_error(answer, 504, "upstream_timeout")
    assert 0.4 < took < 2.5
    assert upstream.requests[0].left.wait(5), "the gateway closes the upstream's connection"


def test_no_head_of_a_non_streaming_response(hasty: Gateway, hasty_key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stall_before_head()
    took, answer = timed(hasty, hasty_key, chat.body("hasty"))
    chat.check_error(answer, 504, "upstream_timeout")
    assert 0.8 < took < 4.5
    assert len(upstream.requests) == 1, "it may be billed twice: no second attempt"


def test_a_stream_that_falls_silent(hasty: Gateway, hasty_key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stall_after(answers.words()[:2])
    took, answer = timed(hasty, hasty_key, STREAM)
    assert answer.status == 200 and 0.4 < took < 2.5
    assert chat.last_error(answer)["code"] in ("upstream_timeout", "upstream_stream_truncated")
    assert upstream.requests[0].left.wait(5)


def test_a_non_streaming_response_that_falls_silent(hasty: Gateway, hasty_key: Key, upstream: FakeUpstream) -> None:
    async def half(call) -> None:
        await call.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{")
        await call.until_gone()

    upstream.behaviour = half
    took, answer = timed(hasty, hasty_key, chat.body("hasty"))
    chat.check_error(answer, 504, "upstream_timeout")
    assert took < 4.5


def test_a_stream_longer_than_every_limit_is_not_cut(hasty: Gateway, hasty_key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stream([*answers.words(20), answers.DONE], pace=0.08)
    took, answer = timed(hasty, hasty_key, STREAM)
    assert took > 1.5 > LIMITS["head_ms"] / 1000
    assert events(answer.body)[-1] == "[DONE]"


def test_an_upstream_that_takes_no_connection(hasty: Gateway, hasty_key: Key) -> None:
    took, answer = timed(hasty, hasty_key, chat.body("stuck"))
    chat.check_error(answer, 502, "upstream_unreachable")
    assert 0.3 < took < 2.0
