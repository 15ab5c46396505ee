"""A provider that sends back the credentials that it received."""

from . import answers
from .canaries import CANARIES
from .upstream import Behaviour

SAID = "your headers: " + ", ".join(f"Bearer {each}" for each in CANARIES["first"])
NESTED = {"error": {"message": SAID, "type": CANARIES["first"][0], "code": CANARIES["first"][1]}}
HEADERS = [
    ("x-echo", CANARIES["first"][0]),
    ("x-request-id", CANARIES["first"][0]),
    ("set-cookie", CANARIES["first"][1]),
]


def at(offset: int) -> dict:
    """The credential is at the place where the message is truncated."""
    return {"error": {"message": "m" * (offset - 10) + SAID}}


ECHOES: dict[str, Behaviour] = {
    **{
        f"status {status}": answers.whole(NESTED, status, headers=HEADERS)
        for status in (400, 401, 403, 404, 413, 422, 429, 500, 503)
    },
    **{f"text with {status}": answers.whole(SAID.encode(), status, "text/plain") for status in (400, 401, 500)},
    "another shape": answers.whole({"detail": SAID}, 422),
    "a text": answers.whole({"error": SAID}, 400),
    "a list": answers.whole(b'[{"error":{"message":"%s"}}]' % SAID.encode(), 400),
    "escaped": answers.whole(b'{"error":{"message":"%s"}}' % SAID.replace("-", "\\u002d").encode(), 400),
    "before a combining mark": answers.whole({"error": {"message": f"{CANARIES['first'][0]}\u0301"}}, 400),
    "cut at 2 KiB, 400": answers.whole(at(2048), 400),
    "cut at 2 KiB, 500": answers.whole(at(2048), 500),
    "cut at 64 KiB": answers.whole(at(65536), 400),
    "an error with 200": answers.whole(NESTED, headers=HEADERS),
    "no JSON": answers.whole(f"{{{SAID}".encode()),
    "a content type": answers.whole(b"{}", content_type=f"text/{CANARIES['first'][0]}"),
    "an encoding": answers.whole(b"{}", headers=[("Content-Encoding", CANARIES["first"][0])]),
    "a status line": answers.raw(f"HTTP/1.1 200{SAID}\r\n\r\n".encode()),
    "another protocol": answers.raw(f"{SAID}\r\n\r\n".encode()),
    "an invalid header": answers.raw(f"HTTP/1.1 200 OK\r\n{SAID} \r\n\r\n".encode()),
    "a retry-after": answers.whole({"error": {"message": SAID}}, 429, headers=[("Retry-After", CANARIES["first"][0])]),
}
STREAM_ECHOES: dict[str, Behaviour] = {
    "an error event": answers.stream([answers.event(NESTED)]),
    "an error event after content": answers.stream([*answers.words()[:2], answers.event(NESTED)]),
    "no JSON": answers.stream([*answers.words()[:2], f"data: {SAID}\n\n".encode()]),
    "an event's name": answers.stream([*answers.words()[:2], f"event: error\ndata: {SAID}\n\n".encode()]),
    "a chunk size": answers.raw(answers.STREAM_HEAD + f"{SAID}\r\n".encode()),
}
