"""A client that disconnects: the gateway cancels its upstream request within a second, without effect on others."""

import time

import pytest
from support import answers, chat
from support.client import Client, events
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

STREAM = chat.body(stream=True)


def left_after(upstream: FakeUpstream, since: float) -> float:
    request = upstream.wait_for_request()
    assert request.left.wait(10), "the upstream's client never left"
    return request.left_at - since


@pytest.mark.parametrize("body", [STREAM, chat.body()], ids=["stream", "whole"])
def test_leaving_before_the_head(gateway: Gateway, key: Key, upstream: FakeUpstream, body: bytes) -> None:
    upstream.behaviour = answers.stall_before_head()
    with chat.begin(gateway, key, body):
        upstream.wait_for_request()
    assert left_after(upstream, time.monotonic()) < 1


def test_leaving_during_a_silent_stream(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stall_after(answers.words()[:2])
    with chat.begin(gateway, key, STREAM) as client:
        client.read_head()
        next(client.chunks())
    assert left_after(upstream, time.monotonic()) < 1


def test_leaving_during_a_flowing_stream(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stream(answers.words(2000), pace=0.02)
    with chat.begin(gateway, key, STREAM) as client:
        client.read_head()
        next(client.chunks())
    assert left_after(upstream, time.monotonic()) < 1


def test_leaving_with_an_unread_answer(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    big = answers.event(answers.chunk({"content": "x" * 60000}))
    upstream.behaviour = answers.stream([big] * 2000)
    with chat.begin(gateway, key, STREAM) as client:
        client.read_head()
        time.sleep(0.2)  # reason: lets the buffers on the way fill up, so that the gateway waits for this client
    assert left_after(upstream, time.monotonic()) < 1


def test_others_go_on(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stream([*answers.words(20), answers.DONE], pace=0.02)
    with chat.begin(gateway, key, STREAM) as leaving, chat.begin(gateway, key, STREAM) as staying:
        leaving.read_head()
        leaving.close()
        assert events(staying.read_answer().body)[-1] == "[DONE]"


def test_the_end_is_logged_as_the_clients(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stall_after(answers.words()[:2])
    with Client(gateway.port) as client:
        client.send_request("POST", chat.PATH, chat.headers(key, x_request_id="left-early-1"), STREAM)
        client.read_head()
    assert '"end_reason":"client_cancelled"' in gateway.log_line("left-early-1")
