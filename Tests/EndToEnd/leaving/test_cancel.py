"""When the caller disconnects, the gateway cancels the provider's request, which is the default."""

import time

from support import answers, chat
from support.client import Client
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
    connections_made,
    logged,
    warm_up,
)


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


def test_a_non_streaming_response_is_cancelled(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    upstream = fleet["cancelled"]
    upstream.reset(answers.stall_before_head())
    request = ask_and_leave(gateway, key, upstream, "cancelled", "cancelled-whole", WHOLE)
    left = time.monotonic()
    assert request.left.wait(5) and request.left_at - left < 1
    assert logged(gateway, "cancelled-whole")["end_reason"] == "client_cancelled"
    assert fleet.counts()["other"] == 0


def test_a_caller_that_leaves_while_the_next_attempt_waits(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    """No attempt is running that could be drained: the request ends, and no attempt starts."""
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
