"""Streams are forwarded at once, complete whatever the split, and never ended artificially."""

import json
import re
import time

import pytest
from support import answers, chat
from support.client import events
from support.gateway import Gateway, Key
from support.upstream import Call, FakeUpstream

STREAM = chat.body(stream=True)
USAGE_STREAM = chat.body(stream=True, stream_options={"include_usage": True})


def test_the_head_of_a_stream(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    answer = chat.ask(gateway, key, STREAM)
    assert answer.header("content-type").startswith("text/event-stream")
    assert events(answer.body)[-1] == "[DONE]"
    assert chat.content(answer) == " word0 word1 word2"


def test_chunks_are_forwarded_as_they_come(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    """A chunk each 50 ms: most arrive before the next is sent, so the gateway does not collect chunks."""
    sent: list[float] = []
    parts = [*answers.words(20), answers.DONE]

    async def paced(call: Call) -> None:
        await call.send(answers.STREAM_HEAD)
        for part in parts:
            sent.append(time.monotonic())
            await call.chunk(part)
            await answers.asyncio.sleep(0.05)
        await call.send(answers.LAST_CHUNK)

    upstream.behaviour = paced
    with chat.begin(gateway, key, STREAM) as client:
        assert client.read_head().status == 200
        arrived = [(at, data) for at, chunk in client.chunks() for data in events(chunk)]
    assert len(arrived) == len(parts)
    lags = [at - when for (at, _), when in zip(arrived, sent, strict=True)]
    # One late chunk may be the machine's fault; a gateway that collects chunks makes most of them late.
    assert sorted(lags)[len(lags) // 2] < 0.05, lags
    assert lags[0] < 0.25, lags


def splits(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_any_split_of_the_bytes(gateway: Gateway, key: Key, upstream: FakeUpstream, size: int, newline: bytes) -> None:
    content = answers.event(answers.chunk({"content": "h\u00e9llo \U0001f600"}, finish=None))
    plain = json.dumps(answers.chunk({"content": "h\u00e9 \U0001f600"}), ensure_ascii=False).encode()
    stream = b"\xef\xbb\xbf: a comment\n\n" + content + b"data:" + plain + b"\n\n" + b"".join(answers.words(1))
    stream = (stream + answers.usage() + answers.DONE).replace(b"\n", newline)
    upstream.behaviour = answers.stream(splits(stream, size))
    answer = chat.ask(gateway, key, USAGE_STREAM)
    assert chat.content(answer) == "h\u00e9llo \U0001f600h\u00e9 \U0001f600 word0"
    assert {document["model"] for document in chat.documents(answer)} == {"chat"}
    assert chat.documents(answer)[-1]["usage"] == answers.USAGE
    assert events(answer.body)[-1] == "[DONE]"


def test_an_event_of_several_data_lines(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    pretty = json.dumps(answers.chunk({"content": "x"}), indent=1).encode()
    several = b"".join(b"data: " + line + b"\n" for line in pretty.split(b"\n")) + b"\n"
    upstream.behaviour = answers.stream([several, *answers.words(0), answers.DONE])
    assert chat.content(chat.ask(gateway, key, STREAM)) == "x"


def test_a_missing_done_is_added_once(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stream([*answers.words(), answers.usage()])
    answer = chat.ask(gateway, key, USAGE_STREAM)
    assert events(answer.body).count("[DONE]") == 1 and events(answer.body)[-1] == "[DONE]"
    upstream.behaviour = answers.stream([*answers.words(), answers.DONE, answers.DONE])
    assert events(chat.ask(gateway, key, STREAM).body).count("[DONE]") == 1


def test_usage_within_a_choice_is_promoted(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    last = answers.chunk(finish="stop")
    last["choices"][0]["usage"] = answers.USAGE
    upstream.behaviour = answers.stream([*answers.words()[:-1], answers.event(last), answers.DONE])
    answer = chat.ask(gateway, key, USAGE_STREAM)
    assert [d["usage"] for d in chat.documents(answer) if d.get("usage")] == [answers.USAGE]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning_text"])
def test_reasoning_is_given_under_its_common_name_too(
    gateway: Gateway, key: Key, upstream: FakeUpstream, field: str
) -> None:
    thought = answers.event(answers.chunk({field: "I \u00e9 think"}))
    upstream.behaviour = answers.stream([thought, *answers.words(), answers.DONE])
    delta = chat.documents(chat.ask(gateway, key, STREAM))[0]["choices"][0]["delta"]
    assert delta[field] == delta["reasoning"] == "I \u00e9 think"


@pytest.mark.parametrize("asked", [True, False])
def test_usage_reaches_callers_that_requested_it(
    gateway: Gateway, key: Key, upstream: FakeUpstream, asked: bool
) -> None:
    answer = chat.ask(gateway, key, USAGE_STREAM if asked else STREAM)
    found = [d["usage"] for d in chat.documents(answer) if d.get("usage")]
    assert found == ([answers.USAGE] if asked else [])
    assert all(d["choices"] for d in chat.documents(answer)) != asked


def test_several_choices(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    def piece(index: int, **fields) -> bytes:
        choice = {"index": index, "delta": {}, "finish_reason": None} | fields
        return answers.event(answers.chunk(choices=[choice]))

    pieces = [piece(0, delta={"content": "a"}), piece(1, delta={"content": "b"}), piece(0, finish_reason="stop")]
    upstream.behaviour = answers.stream([*pieces, piece(1, finish_reason="length"), answers.DONE])
    assert events(chat.ask(gateway, key, STREAM).body)[-1] == "[DONE]"
    # The second choice never finishes: that is not a complete answer.
    upstream.behaviour = answers.stream(pieces)
    chat.check_truncated(chat.ask(gateway, key, STREAM))


def test_a_stream_of_ten_mebibytes_passes(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    big = answers.event(answers.chunk({"content": "x" * 1000}))
    upstream.behaviour = answers.stream([big * 16] * 640 + [*answers.words(0), answers.DONE])
    answer = chat.ask(gateway, key, STREAM)
    assert len(answer.body) > 10 << 20
    assert len(re.findall(rb'"model": ?"chat"', answer.body)) == 640 * 16 + 2
