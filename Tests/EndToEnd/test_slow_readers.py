"""A client that reads slowly slows its own upstream only; memory stays bounded."""

import json
import time

import pytest
from support import answers, chat, responses
from support.client import Client
from support.gateway import Gateway, Key
from support.upstream import Call, FakeUpstream

# More than the kernel's buffers between the three can hold.
SIZE_MIB = 96
TEXT = "x" * 32_000
STREAMS = {
    chat.PATH: ([], answers.event(answers.chunk({"content": TEXT})), {"messages": chat.MESSAGES}),
    "/v1/responses": (responses.LIFECYCLE, responses.delta(TEXT, 4), {"input": "hi"}),
}


@pytest.mark.parametrize("path", STREAMS)
def test_a_slow_reader(gateway: Gateway, key: Key, upstream: FakeUpstream, path: str) -> None:
    ordinary = upstream.behaviour
    first, big, prompt = STREAMS[path]
    written = 0

    async def endless(call: Call) -> None:
        nonlocal written
        await call.send(answers.STREAM_HEAD)
        for part in [*first, *[big] * (SIZE_MIB * 32)]:
            await call.chunk(part)
            written += len(part)

    upstream.behaviour = endless
    before = gateway.memory_mib()
    with Client(gateway.port, receive_buffer=4096) as slow:
        slow.send_request(
            "POST", path, chat.headers(key), json.dumps({"model": "chat", "stream": True} | prompt).encode()
        )
        slow.read_head()
        upstream.wait_for_request()
        upstream.behaviour = ordinary
        times, marks = [], []
        for _ in range(48):
            slow.socket.recv(64)  # 16 times a second: 1 KiB/s
            began = time.monotonic()
            assert chat.ask(gateway, key).status == 200
            times.append(time.monotonic() - began)
            marks.append(written)
            time.sleep(max(0, began + 1 / 16 - time.monotonic()))  # reason: this client's pace is what is tested
        assert not upstream.requests[0].answered.is_set(), "the upstream has sent everything without a reader"
        assert marks[-1] - marks[15] < 1 << 20, "the upstream continues without a reader"
        assert gateway.memory_mib() - before < 24
        assert sorted(times)[len(times) // 2] < 0.1, times
    assert upstream.requests[0].left.wait(10)


def test_ten_mebibytes_to_a_reader_that_begins_late(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    document = answers.completion("x" * (10 << 20))
    upstream.behaviour = answers.whole(document)
    with chat.begin(gateway, key, chat.body(), receive_buffer=4096) as client:
        upstream.wait_for_request()
        time.sleep(0.3)  # reason: lets the answer pile up on the way
        answer = client.read_answer()
    assert answer.json() == document | {"model": "chat"}
    assert gateway.memory_mib() < 250
