"""Answers of a fake upstream. Each function makes a behaviour or a part of one."""

import asyncio
import json
from collections.abc import Iterable

from .upstream import Behaviour, Call

UPSTREAM_MODEL = "upstream-model-2026-01-01"
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
DONE = b"data: [DONE]\n\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def completion(content: str = "Hello there", **fields) -> dict:
    message = {"role": "assistant", "content": content}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": UPSTREAM_MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": USAGE,
    } | fields


def chunk(delta: dict | None = None, finish: str | None = None, **fields) -> dict:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": UPSTREAM_MODEL}
    return head | {"choices": [choice]} | fields


def event(document: dict) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def words(count: int = 3) -> list[bytes]:
    """The events of an ordinary stream, without usage and `[DONE]`."""
    deltas = [{"role": "assistant", "content": ""}] + [{"content": f" word{n}"} for n in range(count)]
    return [event(chunk(delta)) for delta in deltas] + [event(chunk(finish="stop"))]


def usage() -> bytes:
    return event(chunk(choices=[], usage=USAGE))


def head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever"] + [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def whole(
    body: bytes | dict, status: int = 200, content_type: str = "application/json", headers: Iterable = ()
) -> Behaviour:
    """One complete answer with a content-length."""
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    first = head(status, [("Content-Type", content_type), ("Content-Length", str(len(data))), *headers])

    async def behave(call: Call) -> None:
        await call.send(first + data)

    return behave


def stream(events: Iterable[bytes], pace: float = 0.0, terminated: bool = True) -> Behaviour:
    """Each of `events` as a chunk, `pace` seconds apart; without `terminated` the connection is cut after the last."""
    parts = list(events)

    async def behave(call: Call) -> None:
        await call.send(STREAM_HEAD)
        for number, part in enumerate(parts):
            if pace and number:
                await asyncio.sleep(pace)
            await call.chunk(part)
        if terminated:
            await call.send(LAST_CHUNK)
        else:
            call.close()

    return behave


def ordinary() -> Behaviour:
    """What a well-behaved provider does: JSON or a stream as asked, usage in the stream only if asked for it."""

    async def behave(call: Call) -> None:
        request = json.loads(call.request.body)
        asked = (request.get("stream_options") or {}).get("include_usage")
        events = [*words(), *([usage()] if asked else []), DONE]
        await (stream(events) if request.get("stream") else whole(completion()))(call)

    return behave


def stall_before_head() -> Behaviour:
    async def behave(call: Call) -> None:
        await call.until_gone()

    return behave


def stall_after(events: Iterable[bytes]) -> Behaviour:
    """Begins a stream, sends `events` and then nothing more."""
    parts = list(events)

    async def behave(call: Call) -> None:
        await call.send(STREAM_HEAD)
        for part in parts:
            await call.chunk(part)
        await call.until_gone()

    return behave


def raw(data: bytes, then: str = "close") -> Behaviour:
    """Exactly these bytes, then `close` or `reset` of the connection."""

    async def behave(call: Call) -> None:
        await call.send(data)
        call.close() if then == "close" else call.reset()

    return behave
