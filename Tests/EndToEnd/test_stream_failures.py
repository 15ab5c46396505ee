"""Streams that fail, shape by shape, of both families: the client sees the truth, the next route takes over where it still may
and nowhere else, and the log tells the same story."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openai
import pytest
from conftest import launch
from support import answers, chat, documents, responses
from support.client import Answer, Client
from support.documents import route
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import Behaviour

SECRET_WORDS = "words-of-the-provider"
HALF = "half an answer"


@dataclass
class Family:
    """The frames of a stream, up to its end."""

    path: str
    prompt: dict
    # Frames that another route would send as well.
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


def whole_stream(family: Family) -> list[bytes]:
    return [*family.lifecycle, *family.content, *family.finish, family.end]


def bare(frame: bytes) -> bytes:
    """The frame's JSON without its field names."""
    return frame.split(b"data: ", 1)[1]


def unseparated(frame: bytes) -> bytes:
    """Twice the frame, without the blank line between."""
    return frame[:-1] + frame


def ends_with(*frames: bytes) -> Behaviour:
    """Cut after `frames`, so that no connection is kept."""
    return answers.stream(frames, terminated=False)


def reset_after(*frames: bytes) -> Behaviour:
    return answers.raw(answers.STREAM_HEAD + b"".join(b"%x\r\n%s\r\n" % (len(frame), frame) for frame in frames), then="reset")


TRUNCATED, ERROR, TIMEOUT = "upstream_stream_truncated", "upstream_error", "upstream_timeout"
STATUS = {TRUNCATED: 502, ERROR: 502, TIMEOUT: 504}
END_REASON = {TRUNCATED: "upstream_truncated", ERROR: "upstream_error", TIMEOUT: "timeout", None: "complete"}


@dataclass
class Shape:
    behaviour: Callable[[Family], Behaviour]
    # None: it is no failure.
    code: str | None
    # How far the stream came: `nothing`, `head` (with or without lifecycle frames) or `content`.
    came: str
    # The next route takes over.
    next: bool = False
    families: tuple[str, ...] = tuple(FAMILIES)


HTML = f"<h1>{SECRET_WORDS}</h1>".encode()
OOPS = b"data: {oops\n\n"

SHAPES = {
    "dies before the head": Shape(lambda f: answers.raw(b""), ERROR, "nothing"),
    "dies after the head": Shape(lambda f: ends_with(), TRUNCATED, "head", next=True),
    "dies after lifecycle frames": Shape(lambda f: ends_with(*f.lifecycle), TRUNCATED, "head", next=True),
    "dies after content": Shape(lambda f: ends_with(*f.lifecycle, *f.content), TRUNCATED, "content"),
    "dies before the last event": Shape(
        lambda f: ends_with(*f.lifecycle, *f.content, *f.finish), TRUNCATED, "content", families=("responses",)
    ),
    "dies between finish and [DONE]": Shape(
        lambda f: ends_with(*f.lifecycle, *f.content, *f.finish), None, "content", families=("chat",)
    ),
    "an error frame at first": Shape(lambda f: ends_with(f.error), ERROR, "head", next=True),
    "an error frame after lifecycle frames": Shape(lambda f: ends_with(*f.lifecycle, f.error), ERROR, "head", next=True),
    "an error frame after content": Shape(lambda f: ends_with(*f.lifecycle, *f.content, f.error), ERROR, "content"),
    "malformed JSON after lifecycle frames": Shape(lambda f: ends_with(*f.lifecycle, OOPS), ERROR, "head", next=True),
    "malformed JSON after content": Shape(lambda f: ends_with(*f.lifecycle, *f.content, OOPS, f.end), ERROR, "content"),
    "malformed SSE, no field names": Shape(lambda f: ends_with(*map(bare, whole_stream(f))), TRUNCATED, "head", next=True),
    "malformed SSE, no blank line after lifecycle frames": Shape(
        lambda f: ends_with(*f.lifecycle, unseparated(f.lifecycle[-1])), ERROR, "head", next=True
    ),
    "malformed SSE, no blank line after content": Shape(
        lambda f: ends_with(*f.lifecycle, *f.content, unseparated(f.content[-1]), f.end), ERROR, "content"
    ),
    "the wrong family": Shape(
        lambda f: ends_with(*whole_stream(next(g for g in FAMILIES.values() if g is not f))), ERROR, "head", next=True
    ),
    "HTML": Shape(
        lambda f: answers.whole(HTML, content_type="text/html", headers=[("Connection", "close")]), ERROR, "nothing", next=True
    ),
    "a reset after the head": Shape(lambda f: reset_after(), TRUNCATED, "head", next=True),
    "a reset after lifecycle frames": Shape(lambda f: reset_after(*f.lifecycle), TRUNCATED, "head", next=True),
    "a reset after content": Shape(lambda f: reset_after(*f.lifecycle, *f.content), TRUNCATED, "content"),
    # It was accepted, so it may be billed.
    "a stall before the head": Shape(lambda f: answers.stall_before_head(), TIMEOUT, "nothing"),
    "a stall after lifecycle frames": Shape(lambda f: answers.stall_after(f.lifecycle), TIMEOUT, "head"),
    "a stall after content": Shape(lambda f: answers.stall_after([*f.lifecycle, *f.content]), TIMEOUT, "content"),
}
CASES = [(name, family) for name, shape in SHAPES.items() for family in shape.families]
LIMITS = {"connect_ms": 400, "stream_head_ms": 400, "idle_ms": 400}


@dataclass
class Setting:
    """A gateway, and a model of its own for every case, so that no route knows another's past."""

    fleet: Fleet
    gateway: Gateway
    key: Key
    sdk: openai.OpenAI

    def begin(self, name: str, family: str) -> None:
        """From now on the first route fails so."""
        self.fleet.reset(flaky=SHAPES[name].behaviour(FAMILIES[family]), good=FAMILIES[family].ordinary)

    def ask(self, name: str, family: str) -> tuple[Answer, bool]:
        """The answer, and, if it is a stream without an end, whether the connection was closed after it."""
        self.begin(name, family)
        body = json.dumps({"model": model(name, family), "stream": True} | FAMILIES[family].prompt).encode()
        with Client(self.gateway.port, timeout=10) as client:
            client.send_request("POST", FAMILIES[family].path, chat.headers(self.key), body)
            answer = client.read_answer()
            client.socket.settimeout(2)
            return answer, answer.status == 200 and not is_complete(answer, family) and client.is_closed_by_peer()

    def counts(self) -> tuple[int, int]:
        counts = self.fleet.counts()
        return counts["flaky"], counts["good"]

    def check_log(self, answer: Answer, **fields) -> None:
        line = json.loads(self.gateway.log_line(answer.header("x-gateway-request-id")))
        expected = {"stream": True, "status": answer.status, "end_reason": END_REASON[fields["error"]]} | fields
        assert {name: line.get(name) for name in expected} == expected
        assert bool(line.get("cause")) == (fields["error"] is not None), line


def model(name: str, family: str) -> str:
    return f"{family}-{list(SHAPES).index(name)}"


def settings(folder: Path, routes: list[dict], most: int) -> Iterator[Setting]:
    with Fleet("flaky", "good") as fleet:
        document = {
            "routing": {"max_attempts": most},
            "providers": fleet.providers(timeouts=LIMITS),
            "models": [{"id": model(*case), "routes": routes} for case in CASES],
        }
        gateway = launch(folder, document).start()
        try:
            key = gateway.create_key()
            with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key.text, max_retries=0, timeout=10) as sdk:
                yield Setting(fleet, gateway, key, sdk)
        finally:
            gateway.stop()


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """One route, one attempt: nothing is held back."""
    yield from settings(tmp_path_factory.mktemp("lone"), [route("flaky")], most=1)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """A healthy route after the failing one."""
    routes = [route("flaky", priority=1), route("good", priority=2)]
    yield from settings(tmp_path_factory.mktemp("pair"), routes, most=2)


def frames(answer: Answer) -> list[tuple[str | None, str]]:
    """Name and data of each event."""
    found = []
    for block in answer.body.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":") and ": " in line)
        if "data" in fields:
            found.append((fields.get("event"), fields["data"]))
    return found


def text(answer: Answer, family: str) -> str:
    """What a caller is given to read."""
    if family == "responses":
        return "".join(json.loads(data)["delta"] for name, data in frames(answer) if name == "response.output_text.delta")
    choices = (choice for document in chat.documents(answer) for choice in document.get("choices", []))
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def is_complete(answer: Answer, family: str) -> bool:
    name, data = frames(answer)[-1]
    return data == "[DONE]" if family == "chat" else name == "response.completed"


def check_failure(answer: Answer, is_closed: bool, name: str, family: str) -> None:
    """The stream tells its failure as its last event; what came before is all that the provider sent, and true."""
    shape = SHAPES[name]
    assert answer.status == 200 and answer.header("content-type").startswith("text/event-stream"), answer
    last_name, last = frames(answer)[-1]
    error = json.loads(last)["error"]
    assert error["code"] == shape.code and error["request_id"] == answer.header("x-request-id"), error
    if family == "responses":
        told = json.loads(last)
        assert (last_name, told["type"], told["code"]) == ("error", "error", shape.code)
    assert not any(data == "[DONE]" or named == "response.completed" for named, data in frames(answer))
    assert text(answer, family) == (HALF if shape.came == "content" else "")
    assert SECRET_WORDS.encode() not in answer.body
    assert is_closed, "the connection stays open after a stream that failed"


@pytest.mark.parametrize(("name", "family"), CASES)
def test_with_one_route(lone: Setting, name: str, family: str) -> None:
    shape = SHAPES[name]
    answer, is_closed = lone.ask(name, family)
    if shape.code is None:
        assert is_complete(answer, family) and text(answer, family) == HALF
    elif shape.came == "nothing":
        chat.check_error(answer, STATUS[shape.code], shape.code)
        assert SECRET_WORDS.encode() not in answer.body
    else:
        check_failure(answer, is_closed, name, family)
    assert (answer.header("x-gateway-attempts"), lone.counts()) == ("1", (1, 0))
    lone.check_log(answer, error=shape.code, attempts=1, provider="flaky", route=f"{model(name, family)}/1")


@pytest.mark.parametrize(("name", "family"), CASES)
def test_with_a_healthy_second_route(pair: Setting, name: str, family: str) -> None:
    shape = SHAPES[name]
    answer, is_closed = pair.ask(name, family)
    position = 2 if shape.next else 1
    code = None if shape.next else shape.code
    if shape.next:
        assert answer.status == 200 and is_complete(answer, family)
        assert text(answer, family) == FAMILIES[family].good_text
        assert HALF.encode() not in answer.body and SECRET_WORDS.encode() not in answer.body
        assert {model(name, family)} == models(answer)
    elif shape.code is None:
        assert is_complete(answer, family) and text(answer, family) == HALF
    elif shape.came == "content":
        check_failure(answer, is_closed, name, family)
    else:
        chat.check_error(answer, STATUS[shape.code], shape.code)
    assert pair.counts() == (1, position - 1)
    identifier = f"{model(name, family)}/{position}"
    assert (answer.header("x-gateway-attempts"), answer.header("x-gateway-route")) == (str(position), identifier)
    provider = "good" if shape.next else "flaky"
    pair.check_log(answer, error=code, attempts=position, provider=provider, route=identifier)


def models(answer: Answer) -> set[str]:
    """Whose frames they are; those that do not say are left out."""
    said = (json.loads(data) for _, data in frames(answer) if data != "[DONE]")
    return {found for document in said if (found := document.get("response", document).get("model"))}


# --- through the official SDK


@pytest.mark.parametrize(("name", "family"), [case for case in CASES if SHAPES[case[0]].code])
def test_the_sdk_raises(lone: Setting, name: str, family: str) -> None:
    shape, heard = SHAPES[name], []
    lone.begin(name, family)
    with pytest.raises(openai.APIError) as caught:
        heard.extend(FAMILIES[family].hear(lone.sdk, model(name, family)))
    assert "".join(heard) == (HALF if shape.came == "content" else "")
    assert caught.value.code == shape.code and SECRET_WORDS not in caught.value.message
    assert isinstance(caught.value, openai.InternalServerError) == (shape.came == "nothing")


@pytest.mark.parametrize(("name", "family"), [case for case in CASES if SHAPES[case[0]].next])
def test_the_sdk_does_not_notice_that_the_next_route_took_over(pair: Setting, name: str, family: str) -> None:
    pair.begin(name, family)
    assert "".join(FAMILIES[family].hear(pair.sdk, model(name, family))) == FAMILIES[family].good_text
    assert pair.counts() == (1, 1)
