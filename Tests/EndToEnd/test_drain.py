"""What becomes of a provider's request when the caller has gone: cancelled, or read to its end for its usage."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator

import pytest
from conftest import launch
from support import answers, chat, wait
from support.client import Client
from support.documents import PATIENT, provider, route
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import Behaviour, Call, FakeUpstream, Received

STREAM, WHOLE = "stream", "whole"
WAYS = ("cancelled", "drained", "hasty")


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with Fleet(*WAYS, "other") as fleet:
        yield fleet


@pytest.fixture(scope="module")
def gateway(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A provider that cancels, which is the default, one that drains, and one that drains with a short patience."""
    ports = {name: upstream.port for name, upstream in fleet.upstreams.items()}
    document = {
        "providers": [
            provider("cancelled", ports["cancelled"]),
            provider("drained", ports["drained"], on_client_disconnect="drain"),
            provider("hasty", ports["hasty"], on_client_disconnect="drain", timeouts=PATIENT | {"idle_ms": 400}),
            provider("other", ports["other"]),
        ],
        "models": [
            *({"id": way, "routes": [route(way, priority=1), route("other", priority=2)]} for way in WAYS),
            # Its routes are left with a rest.
            {"id": "limited", "routes": [route("drained", priority=1), route("other", priority=2)]},
        ],
    }
    gateway = launch(tmp_path_factory.mktemp("drain"), document)
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return gateway.create_key()


@pytest.fixture(autouse=True)
def fresh(fleet: Fleet) -> None:
    fleet.reset()


class Gate:
    """Lets an answer go on when the test says so."""

    def __init__(self) -> None:
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        while not self._open.is_set():
            await asyncio.sleep(0.002)


def begun_then_more(gate: Gate, more: list[bytes]) -> Behaviour:
    """The beginning of a stream; the rest, with its usage, once the gate is open."""

    async def behave(call: Call) -> None:
        await call.send(answers.STREAM_HEAD)
        for part in answers.words()[:2]:
            await call.chunk(part)
        await gate.passed()
        for part in more:
            await call.chunk(part)
        await call.send(answers.LAST_CHUNK)

    return behave


def behind(gate: Gate, behaviour: Behaviour) -> Behaviour:
    async def behave(call: Call) -> None:
        await gate.passed()
        await behaviour(call)

    return behave


REST = [answers.event(answers.chunk({"content": f" more{n}"})) for n in range(200)]
END = [*answers.words()[-1:], answers.usage(), answers.DONE]


def ask_and_leave(gateway: Gateway, key: Key, upstream: FakeUpstream, model: str, name: str, family: str) -> Received:
    """The caller leaves when the provider has the request; of a stream, when it has seen its first content."""
    with Client(gateway.port) as client:
        body = chat.body(model, stream=family == STREAM)
        client.send_request("POST", chat.PATH, chat.headers(key, x_request_id=name), body)
        request = upstream.wait_for_request()
        if family == STREAM:
            assert client.read_head().status == 200
            assert b"word0" in b"".join(data for _, data in zip(range(2), (part for _, part in client.chunks())))
    return request


def logged(gateway: Gateway, name: str) -> dict:
    return json.loads(gateway.log_line(name))


def warm_up(gateway: Gateway, key: Key, model: str) -> None:
    """A connection to the upstream waits on every event loop: each connection of a caller goes to the next one."""
    for _ in range(16):
        assert chat.ask(gateway, key, chat.body(model)).status == 200


def connections_made(gateway: Gateway, key: Key, upstream: FakeUpstream, model: str, since: int) -> int:
    """How many had to be made when every event loop has had another request."""
    upstream.behaviour = answers.ordinary()
    warm_up(gateway, key, model)
    return upstream.connections - since


# --- drain


def test_a_stream_is_read_to_its_end(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    upstream, gate = fleet["drained"], Gate()
    warm_up(gateway, key, "drained")
    before = upstream.connections
    upstream.reset(begun_then_more(gate, REST + END))
    request = ask_and_leave(gateway, key, upstream, "drained", "drained-stream", STREAM)
    # The caller is gone, and the provider goes on as if it were not.
    gate.open()
    assert request.answered.wait(10), "the whole stream is sent"
    line = logged(gateway, "drained-stream")
    assert not request.left.is_set()
    assert line["end_reason"] == "client_cancelled"
    assert (line["prompt_tokens"], line["completion_tokens"]) == (9, 3)
    assert connections_made(gateway, key, upstream, "drained", before) == 0, "the connection is kept"


def test_a_whole_answer_is_read_to_its_end(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    upstream, gate = fleet["drained"], Gate()
    warm_up(gateway, key, "drained")
    before = upstream.connections
    upstream.reset(behind(gate, answers.whole(answers.completion("x" * 200_000))))
    request = ask_and_leave(gateway, key, upstream, "drained", "drained-whole", WHOLE)
    gate.open()
    assert request.answered.wait(10)
    line = logged(gateway, "drained-whole")
    assert not request.left.is_set()
    assert line["end_reason"] == "client_cancelled" and line["completion_tokens"] == 3
    assert connections_made(gateway, key, upstream, "drained", before) == 0


def test_a_stream_that_has_not_begun_is_read_to_its_end(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    upstream, gate = fleet["drained"], Gate()
    upstream.reset(behind(gate, answers.stream([*answers.words(), answers.usage(), answers.DONE])))
    with chat.begin(gateway, key, chat.body("drained", stream=True, user="x")) as client:
        request = upstream.wait_for_request()
        client.close()
    gate.open()
    assert request.answered.wait(10) and not request.left.is_set()


def test_an_answer_that_nobody_reads_is_read_to_its_end(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    """While the caller does not read, the provider is not read either; when it has left, it is."""
    upstream = fleet["drained"]
    big = answers.event(answers.chunk({"content": "x" * 60_000}))
    upstream.reset(answers.stream([*answers.words()[:2], *[big] * 600, *END]))
    with Client(gateway.port, receive_buffer=8192) as client:
        headers = chat.headers(key, x_request_id="drained-unread")
        client.send_request("POST", chat.PATH, headers, chat.body("drained", stream=True))
        request = upstream.wait_for_request()
        assert client.read_head().status == 200
        assert not request.answered.wait(1), "more than fits into the buffers on the way"
    assert request.answered.wait(10) and not request.left.is_set()
    line = logged(gateway, "drained-unread")
    assert (line["end_reason"], line["completion_tokens"]) == ("client_cancelled", 3)


def test_a_stream_that_is_cut_while_it_is_drained(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    upstream, gate = fleet["drained"], Gate()
    cut = begun_then_more(gate, REST)

    async def behave(call: Call) -> None:
        await cut(call)
        call.close()

    upstream.reset(behave)
    request = ask_and_leave(gateway, key, upstream, "drained", "drained-cut", STREAM)
    gate.open()
    assert request.answered.wait(10), "it is read as far as it goes"
    line = logged(gateway, "drained-cut")
    assert line["end_reason"] == "client_cancelled" and "completion_tokens" not in line
    assert fleet.counts()["other"] == 0


@pytest.mark.parametrize("family", [STREAM, WHOLE])
def test_nobody_is_asked_instead_when_a_drained_request_fails(
    gateway: Gateway, key: Key, fleet: Fleet, family: str
) -> None:
    """There is nobody left for another provider to answer."""
    upstream, gate = fleet["drained"], Gate()
    upstream.reset(behind(gate, answers.whole({"error": {"message": "no"}}, 503)))
    with chat.begin(gateway, key, chat.body("drained", stream=family == STREAM)) as client:
        request = upstream.wait_for_request()
        client.close()
    gate.open()
    assert request.answered.wait(10)
    wait.until(lambda: chat.ask(gateway, key, chat.body("cancelled")).status == 200, "the gateway goes on")
    assert fleet.counts()["drained"] == 1 and fleet.counts()["other"] == 0


def test_a_silent_stream_is_not_drained_for_ever(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    upstream = fleet["hasty"]
    upstream.reset(answers.stall_after(answers.words()[:2]))
    request = ask_and_leave(gateway, key, upstream, "hasty", "drained-silent", STREAM)
    left = time.monotonic()
    assert request.left.wait(5), "the time limits are those of every request"
    assert request.left_at - left > 0.1, "it was waited for"
    assert logged(gateway, "drained-silent")["end_reason"] == "client_cancelled"


def test_a_gateway_that_stops_does_not_drain_for_ever(make_gateway, fleet: Fleet) -> None:
    one = provider("drained", fleet["drained"].port, on_client_disconnect="drain")
    document = {
        "server": {"shutdown_grace_seconds": 1},
        "providers": [one],
        "models": [{"id": "drained", "routes": [route("drained")]}],
    }
    gateway = make_gateway(document).start()
    fleet.reset(drained=answers.stall_after(answers.words()[:2]))
    request = ask_and_leave(gateway, gateway.create_key(), fleet["drained"], "drained", "drained-at-the-end", STREAM)
    assert not request.left.wait(0.2), "it is being drained"
    gateway.terminate()
    began = time.monotonic()
    assert gateway.wait() == 0 and time.monotonic() - began < 6
    assert logged(gateway, "drained-at-the-end")["end_reason"] == "client_cancelled"


def test_an_answer_that_is_read_by_its_caller_is_as_always(gateway: Gateway, key: Key) -> None:
    for family in (STREAM, WHOLE):
        answer = chat.ask(gateway, key, chat.body("drained", stream=family == STREAM))
        assert answer.status == 200
        assert logged(gateway, answer.header("x-gateway-request-id"))["end_reason"] == "complete"


# --- cancel


def test_a_stream_is_cancelled(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    upstream, gate = fleet["cancelled"], Gate()
    warm_up(gateway, key, "cancelled")
    before = upstream.connections
    upstream.reset(begun_then_more(gate, REST + END))
    request = ask_and_leave(gateway, key, upstream, "cancelled", "cancelled-stream", STREAM)
    left = time.monotonic()
    assert request.left.wait(5), "the upstream's client never left"
    print(f"the upstream was let go after {request.left_at - left:.3f} s; promised: 1 s")
    assert request.left_at - left < 1
    gate.open()
    line = logged(gateway, "cancelled-stream")
    assert line["end_reason"] == "client_cancelled" and "completion_tokens" not in line
    assert not request.answered.is_set()
    assert connections_made(gateway, key, upstream, "cancelled", before) == 1, "that connection cannot be used again"


def test_a_whole_answer_is_cancelled(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    upstream = fleet["cancelled"]
    upstream.reset(answers.stall_before_head())
    request = ask_and_leave(gateway, key, upstream, "cancelled", "cancelled-whole", WHOLE)
    left = time.monotonic()
    assert request.left.wait(5) and request.left_at - left < 1
    assert logged(gateway, "cancelled-whole")["end_reason"] == "client_cancelled"
    assert fleet.counts()["other"] == 0


def test_a_caller_that_leaves_while_the_next_attempt_waits(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    """There is no attempt under way that could be drained: it is over, and no other one begins."""
    refusal = answers.whole({"error": {"message": "no"}}, 429, headers=[("Retry-After", "2")])
    fleet.reset(drained=refusal, other=refusal)
    with Client(gateway.port) as client:
        headers = chat.headers(key, x_request_id="left-waiting")
        client.send_request("POST", chat.PATH, headers, chat.body("limited"))
        fleet["other"].wait_for_request()
        assert fleet["other"].requests[0].answered.wait(5)
    line = logged(gateway, "left-waiting")
    assert (line["end_reason"], line["attempts"]) == ("client_cancelled", 2)
    assert fleet.counts() == {"cancelled": 0, "drained": 1, "hasty": 0, "other": 1}
