"""What a fake upstream answers at `/responses` and `/embeddings`."""

import base64
import json
import struct
from collections.abc import Iterable

from . import answers
from .upstream import Behaviour, Call

USAGE = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 4},
    "output_tokens": 3,
    "output_tokens_details": {"reasoning_tokens": 1},
    "total_tokens": 12,
}


def response(text: str | None = "Hello there", status: str = "completed", **fields) -> dict:
    message = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": answers.UPSTREAM_MODEL,
        "output": [] if text is None else [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "metadata": {},
        "temperature": 1,
        "top_p": 1,
        "usage": USAGE if status in ("completed", "incomplete") else None,
    } | fields


def event(kind: str, number: int, **fields) -> bytes:
    document = {"type": kind, "sequence_number": number} | fields
    return f"event: {kind}\ndata: {json.dumps(document)}\n\n".encode()


def delta(text: str, number: int) -> bytes:
    where = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": []}
    return event("response.output_text.delta", number, delta=text, **where)


LIFECYCLE = [
    event("response.created", 0, response=response(None, "in_progress")),
    event("response.in_progress", 1, response=response(None, "in_progress")),
]
EMPTY_MESSAGE = {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}
EMPTY_PART = {"type": "output_text", "text": "", "annotations": []}
CONTENT = [
    event("response.output_item.added", 2, output_index=0, item=EMPTY_MESSAGE),
    event("response.content_part.added", 3, item_id="msg_1", output_index=0, content_index=0, part=EMPTY_PART),
    delta("Hello", 4),
    delta(" there", 5),
]
COMPLETED = event("response.completed", 6, response=response())
FAILED = event(
    "response.failed", 6, response=response(None, "failed", error={"code": "server_error", "message": "no memory"})
)
WHOLE = [*LIFECYCLE, *CONTENT, COMPLETED]


def embeddings(inputs: int, dimensions: int = 4, encoding: str = "float") -> dict:
    vector = [0.25] * dimensions
    shown = base64.b64encode(struct.pack(f"<{dimensions}f", *vector)).decode() if encoding == "base64" else vector
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": n, "embedding": shown} for n in range(inputs)],
        "model": answers.UPSTREAM_MODEL,
        "usage": {"prompt_tokens": 5 * inputs, "total_tokens": 5 * inputs},
    }


def ordinary(events: Iterable[bytes] = WHOLE) -> Behaviour:
    """A well-behaved provider: a response, streaming or not as requested, or embeddings in the requested encoding."""

    async def behave(call: Call) -> None:
        request = json.loads(call.request.body)
        if call.request.target.endswith("/embeddings"):
            given = request["input"]
            count = len(given) if isinstance(given, list) and not isinstance(given[0], int) else 1
            answer = answers.whole(embeddings(count, encoding=request.get("encoding_format", "float")))
        else:
            answer = answers.stream(events) if request.get("stream") else answers.whole(response())
        await answer(call)

    return behave
