"""The frames of a stream of each API family, and what its caller reads."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import openai

from . import answers, chat, responses
from .client import Answer
from .upstream import Behaviour

SECRET_WORDS = "words-of-the-provider"
HALF = "half an answer"


@dataclass
class Family:
    """The frames of a stream, up to its end."""

    path: str
    prompt: dict
    # Frames that every route sends.
    lifecycle: list[bytes]
    content: list[bytes]
    finish: list[bytes]
    end: bytes
    error: bytes
    ordinary: Behaviour
    good_text: str
    hear: Callable[[openai.OpenAI, str], Iterator[str]]


def hear_chat(sdk: openai.OpenAI, model: str) -> Iterator[str]:
    for chunk in sdk.chat.completions.create(model=model, messages=chat.MESSAGES, stream=True):
        yield from (choice.delta.content or "" for choice in chunk.choices)


def hear_response(sdk: openai.OpenAI, model: str) -> Iterator[str]:
    for event in sdk.responses.create(model=model, input="hi", stream=True):
        if event.type == "response.output_text.delta":
            yield event.delta


PLACE = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
PART = responses.EMPTY_PART | {"text": HALF}
ITEM = responses.EMPTY_MESSAGE | {"status": "completed", "content": [PART]}
FAMILIES = {
    "chat": Family(
        path=chat.PATH,
        prompt={"messages": chat.MESSAGES},
        lifecycle=[answers.event(answers.chunk({"role": "assistant", "content": ""}))],
        content=[answers.event(answers.chunk({"content": HALF}))],
        finish=[answers.event(answers.chunk(finish="stop"))],
        end=answers.DONE,
        error=answers.event({"error": {"message": SECRET_WORDS, "type": "x", "code": "y"}}),
        ordinary=answers.ordinary(),
        good_text=" word0 word1 word2",
        hear=hear_chat,
    ),
    "responses": Family(
        path="/v1/responses",
        prompt={"input": "hi"},
        lifecycle=responses.LIFECYCLE,
        content=[*responses.CONTENT[:2], responses.delta(HALF, 4)],
        finish=[
            responses.event("response.output_text.done", 5, text=HALF, logprobs=[], **PLACE),
            responses.event("response.output_item.done", 6, output_index=0, item=ITEM),
        ],
        end=responses.COMPLETED,
        error=responses.event("error", 5, message=SECRET_WORDS, code="y", param=None),
        ordinary=responses.ordinary(),
        good_text="Hello there",
        hear=hear_response,
    ),
}


def frames(answer: Answer) -> list[tuple[str | None, str]]:
    """Name and data of each event."""
    found = []
    for block in answer.body.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":") and ": " in line)
        if "data" in fields:
            found.append((fields.get("event"), fields["data"]))
    return found


def text(answer: Answer, family: str) -> str:
    """The text that a caller reads."""
    if family == "responses":
        return "".join(
            json.loads(data)["delta"] for name, data in frames(answer) if name == "response.output_text.delta"
        )
    choices = (choice for document in chat.documents(answer) for choice in document.get("choices", []))
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def is_complete(answer: Answer, family: str) -> bool:
    name, data = frames(answer)[-1]
    return data == "[DONE]" if family == "chat" else name == "response.completed"
