"""Ways in which a stream can fail."""

from collections.abc import Callable
from dataclasses import dataclass

from . import answers
from .stream_families import FAMILIES, SECRET_WORDS, Family
from .upstream import Behaviour


def whole_stream(family: Family) -> list[bytes]:
    return [*family.lifecycle, *family.content, *family.finish, family.end]


def bare(frame: bytes) -> bytes:
    """The frame's JSON without its field names."""
    return frame.split(b"data: ", 1)[1]


def unseparated(frame: bytes) -> bytes:
    """Twice the frame, without the blank line between."""
    return frame[:-1] + frame


def ends_with(*frames: bytes) -> Behaviour:
    """Ends after `frames` without an end of the body, so that no connection is kept."""
    return answers.stream(frames, terminated=False)


def reset_after(*frames: bytes) -> Behaviour:
    return answers.raw(
        answers.STREAM_HEAD + b"".join(b"%x\r\n%s\r\n" % (len(frame), frame) for frame in frames), then="reset"
    )


TRUNCATED, ERROR, TIMEOUT = "upstream_stream_truncated", "upstream_error", "upstream_timeout"
STATUS = {TRUNCATED: 502, ERROR: 502, TIMEOUT: 504}
END_REASON = {TRUNCATED: "upstream_truncated", ERROR: "upstream_error", TIMEOUT: "timeout", None: "complete"}


@dataclass
class Shape:
    behaviour: Callable[[Family], Behaviour]
    # None if it is not a failure.
    code: str | None
    # What arrived before the failure: `nothing`, `head` (with or without lifecycle frames) or `content`.
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
    "an error frame after lifecycle frames": Shape(
        lambda f: ends_with(*f.lifecycle, f.error), ERROR, "head", next=True
    ),
    "an error frame after content": Shape(lambda f: ends_with(*f.lifecycle, *f.content, f.error), ERROR, "content"),
    "malformed JSON after lifecycle frames": Shape(lambda f: ends_with(*f.lifecycle, OOPS), ERROR, "head", next=True),
    "malformed JSON after content": Shape(lambda f: ends_with(*f.lifecycle, *f.content, OOPS, f.end), ERROR, "content"),
    "malformed SSE, no field names": Shape(
        lambda f: ends_with(*map(bare, whole_stream(f))), TRUNCATED, "head", next=True
    ),
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
        lambda f: answers.whole(HTML, content_type="text/html", headers=[("Connection", "close")]),
        ERROR,
        "nothing",
        next=True,
    ),
    "a reset after the head": Shape(lambda f: reset_after(), TRUNCATED, "head", next=True),
    "a reset after lifecycle frames": Shape(lambda f: reset_after(*f.lifecycle), TRUNCATED, "head", next=True),
    "a reset after content": Shape(lambda f: reset_after(*f.lifecycle, *f.content), TRUNCATED, "content"),
    # The provider accepted it, so it may be billed.
    "a stall before the head": Shape(lambda f: answers.stall_before_head(), TIMEOUT, "nothing"),
    "a stall after lifecycle frames": Shape(lambda f: answers.stall_after(f.lifecycle), TIMEOUT, "head"),
    "a stall after content": Shape(lambda f: answers.stall_after([*f.lifecycle, *f.content]), TIMEOUT, "content"),
}
CASES = [(name, family) for name, shape in SHAPES.items() for family in shape.families]
LIMITS = {"connect_ms": 400, "stream_head_ms": 400, "idle_ms": 400}
