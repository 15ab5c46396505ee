"""A client that reads slowly slows its own upstream, and nobody else; memory stays bounded."""

import time

from support import answers, chat
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

# More than the kernel's own buffers between the three can hold.
SIZE_MIB = 96


def test_a_slow_reader(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    ordinary = upstream.behaviour
    big = answers.event(answers.chunk({"content": "x" * 32_000}))
    endless = answers.stream([big] * (SIZE_MIB * 32))
    upstream.behaviour = endless
    before = gateway.memory_mib()
    with chat.begin(gateway, key, chat.body(stream=True), receive_buffer=4096) as slow:
        slow.read_head()
        upstream.wait_for_request()
        upstream.behaviour = ordinary
        times = []
        for _ in range(40):
            slow.socket.recv(64)  # 40 times 64 bytes in a second or so
            began = time.monotonic()
            assert chat.ask(gateway, key).status == 200
            times.append(time.monotonic() - began)
            time.sleep(0.02)  # reason: this client's pace is what is tested
        assert not upstream.requests[0].answered.is_set(), "the upstream has sent all of it to nobody"
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
