"""When the caller disconnects, a provider that is configured so is read to its end, for its usage."""

import time

import pytest
from support import answers, chat, wait
from support.client import Client
from support.documents import provider, route
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.leaving import (
    END,
    REST,
    STREAM,
    WHOLE,
    Gate,
    ask_and_leave,
    begun_then_more,
    behind,
    connections_made,
    logged,
    warm_up,
)
from support.upstream import Call


def test_a_stream_is_read_to_its_end(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    upstream, gate = fleet["drained"], Gate()
    warm_up(gateway, key, "drained")
    before = upstream.connections
    upstream.reset(begun_then_more(gate, REST + END))
    request = ask_and_leave(gateway, key, upstream, "drained", "drained-stream", STREAM)
    # The caller has disconnected, and the provider continues.
    gate.open()
    assert request.answered.wait(10), "the complete stream is sent"
    line = logged(gateway, "drained-stream")
    assert not request.left.is_set()
    assert line["end_reason"] == "client_cancelled"
    assert (line["prompt_tokens"], line["completion_tokens"]) == (9, 3)
    assert connections_made(gateway, key, upstream, "drained", before) == 0, "the connection is kept"


def test_a_non_streaming_response_is_read_to_its_end(gateway: Gateway, key: Key, fleet: Fleet) -> None:
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


def test_an_answer_without_a_reader_is_read_to_its_end(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    """While the caller does not read, the gateway does not read the provider; after the caller disconnects, it does."""
    upstream = fleet["drained"]
    big = answers.event(answers.chunk({"content": "x" * 60_000}))
    upstream.reset(answers.stream([*answers.words()[:2], *[big] * 600, *END]))
    with Client(gateway.port, receive_buffer=8192) as client:
        headers = chat.headers(key, x_request_id="drained-unread")
        client.send_request("POST", chat.PATH, headers, chat.body("drained", stream=True))
        request = upstream.wait_for_request()
        assert client.read_head().status == 200
        assert not request.answered.wait(1), "it is more than the buffers on the way hold"
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
def test_no_other_route_is_tried_when_a_drained_request_fails(
    gateway: Gateway, key: Key, fleet: Fleet, family: str
) -> None:
    """No caller is left who could use another provider's answer."""
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
    assert request.left.wait(5), "the usual time limits apply"
    assert request.left_at - left > 0.1, "the gateway waited for it"
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
