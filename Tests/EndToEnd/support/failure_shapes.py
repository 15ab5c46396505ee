"""Ways in which a provider can fail, and the gateway's answer to each."""

import gzip
import json
from dataclasses import dataclass, field

from . import answers
from .upstream import Behaviour

SECRET_WORDS = "words-of-the-provider"
WRONG = "this is what is wrong"
PLAIN = answers.completion()


@dataclass
class Shape:
    """A kind of failure, and the provider that fails so."""

    status: int
    code: str
    # The next route takes over.
    next: bool
    # Without another route, the gateway tries this one again.
    again: bool
    behaviour: Behaviour = field(default_factory=answers.ordinary)
    provider: str = "flaky"
    # The caller gets the provider's own answer.
    relayed: bool = False
    families: tuple[str, ...] = ("whole", "stream")


def failure(status: int, headers=(), message: str = SECRET_WORDS) -> Behaviour:
    error = {"error": {"message": message, "type": "x", "code": "y", "param": None}}
    return answers.whole(error, status, headers=headers)


def passing(status: int) -> Shape:
    """A failure that may pass soon."""
    timeout = status in (408, 504)
    code = "upstream_timeout" if timeout else "upstream_error"
    return Shape(504 if timeout else 502, code, next=True, again=True, behaviour=failure(status))


def lasting(status: int, code: str) -> Shape:
    """A failure that this route will repeat."""
    return Shape(502, code, next=True, again=False, behaviour=failure(status))


def callers(status: int) -> Shape:
    """An error of the request: the caller gets the provider's answer, and its code."""
    return Shape(status, "y", next=False, again=False, behaviour=failure(status, message=WRONG), relayed=True)


def no_answer(behaviour: Behaviour) -> Shape:
    """A 200 with an invalid response: the provider has done the work, and would do it again."""
    return Shape(502, "upstream_error", next=True, again=False, behaviour=behaviour)


def broken(data: bytes, then: str = "close") -> Shape:
    """The connection ends after the request was sent. It is always new: this upstream keeps no connections."""
    return Shape(502, "upstream_error", next=False, again=False, behaviour=answers.raw(data, then), provider="breaking")


def half_a_body() -> Shape:
    """For a stream it would be a response of the wrong type, which is a different shape."""
    shape = broken(HEAD + b'Content-Length: 900\r\n\r\n{"choices":[')
    shape.families = ("whole",)
    return shape


def unreachable(provider: str, again: bool = True) -> Shape:
    return Shape(502, "upstream_unreachable", next=True, again=again, provider=provider)


LIMITED = Shape(429, "upstream_rate_limited", next=True, again=True, behaviour=failure(429))
PATIENTLY_LIMITED = Shape(
    429, "upstream_rate_limited", next=True, again=False, behaviour=failure(429, [("Retry-After", "60")])
)
GARBAGE = b"\x1f\x8b\x08\x00" + bytes(range(256))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SHAPES = {
    **{f"status {status}": passing(status) for status in (408, 500, 502, 503, 504, 520, 529)},
    **{f"status {status}": lasting(status, "upstream_rejected_credentials") for status in (401, 403)},
    **{f"status {status}": lasting(status, "upstream_error") for status in (402, 404, 405, 409, 410, 501)},
    **{f"status {status}": callers(status) for status in (400, 413, 422)},
    "status 429": LIMITED,
    "status 429, for a minute": PATIENTLY_LIMITED,
    "HTML with 503": Shape(
        502, "upstream_error", True, True, answers.whole(f"<h1>{SECRET_WORDS}</h1>".encode(), 503, "text/html")
    ),
    "HTML with 200": no_answer(answers.whole(f"<h1>{SECRET_WORDS}</h1>".encode(), content_type="text/html")),
    "HTML with 200, called JSON": no_answer(answers.whole(f"<h1>{SECRET_WORDS}</h1>".encode())),
    "gzip that was not asked for": no_answer(
        answers.whole(gzip.compress(json.dumps(PLAIN).encode()), headers=[("Content-Encoding", "gzip")])
    ),
    "gzip garbage": no_answer(answers.whole(GARBAGE, headers=[("Content-Encoding", "gzip")])),
    "garbage, called JSON": no_answer(answers.whole(GARBAGE)),
    "an error body with 200": Shape(
        502, "upstream_error", True, True, answers.whole({"error": {"message": SECRET_WORDS, "code": "x"}})
    ),
    "an object with 200 that is no completion": no_answer(answers.whole({"status": SECRET_WORDS})),
    "nothing with 200": no_answer(answers.whole(b"")),
    "half an object, as long as announced": no_answer(answers.whole(b'{"choices":[{"index":0')),
    "204": no_answer(answers.whole(b"", 204)),
    "a redirect": Shape(502, "upstream_error", next=True, again=False),
    "no head in time": Shape(
        504, "upstream_timeout", next=False, again=False, behaviour=answers.stall_before_head(), provider="hasty"
    ),
    "closed without a byte": broken(b""),
    "reset without a byte": broken(b"", then="reset"),
    "half a head": broken(b"HTTP/1.1 200 OK\r\nContent-"),
    "another protocol": broken(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "half a body": half_a_body(),
    "a refused connection": unreachable("refused"),
    "a name that does not exist": unreachable("nameless"),
    "an untrusted certificate": unreachable("untrusted", again=False),
}
CASES = [(name, family) for name, shape in SHAPES.items() for family in shape.families]
LIMITS = {"connect_ms": 400, "head_ms": 400, "stream_head_ms": 400}
