"""An incomplete or invalid upstream response becomes an error, never an answer."""

import pytest
from support import answers, chat
from support.client import events
from support.gateway import Gateway, Key, free_port
from support.upstream import FakeUpstream

STREAM = chat.body(stream=True)
WORDS = answers.words()
EVENT = answers.event(answers.chunk({"content": "half"}))


def chunked(*parts: bytes) -> bytes:
    return answers.STREAM_HEAD + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


CUT = {
    "between chunks": answers.raw(chunked(*WORDS[:2])),
    "by a reset": answers.raw(chunked(*WORDS[:2]), then="reset"),
    "within a chunk": answers.raw(chunked(*WORDS[:2]) + b"ff\r\ndata: {"),
    "within a chunk's size": answers.raw(chunked(*WORDS[:2]) + b"f"),
    "within an event": answers.raw(chunked(*WORDS[:2], EVENT[:30])),
    "within an event, ended well as HTTP": answers.stream([*WORDS[:2], EVENT[:30]]),
    "no finish_reason, ended well as HTTP": answers.stream(WORDS[:-1]),
    "no finish_reason, but [DONE]": answers.stream([*WORDS[:-1], answers.DONE]),
    "by an invalid chunk size": answers.raw(chunked(*WORDS[:2]) + b"xyz\r\n"),
    "by an in-band error": answers.stream([*WORDS[:2], b'data: {"error":{"message":"overloaded"}}\n\n']),
    "by an event that is not JSON": answers.stream([*WORDS[:2], b"data: {oops\n\n", answers.DONE]),
}


@pytest.mark.parametrize("how", CUT)
def test_a_stream_that_is_cut(gateway: Gateway, key: Key, upstream: FakeUpstream, how: str) -> None:
    upstream.behaviour = CUT[how]
    answer = chat.ask(gateway, key, STREAM)
    assert answer.status == 200
    error = chat.last_error(answer)
    # These two are not truncated: the upstream reports its own failure, or sends an unreadable event.
    is_error = how in ("by an in-band error", "by an event that is not JSON")
    assert error["code"] == ("upstream_error" if is_error else "upstream_stream_truncated"), error
    assert error["request_id"] == answer.header("x-request-id")
    assert " word0" in answer.body.decode()


def test_a_cut_after_the_finish_is_no_cut(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.raw(chunked(*WORDS))
    assert events(chat.ask(gateway, key, STREAM).body)[-1] == "[DONE]"


NO_ANSWER = {
    "nothing at all": answers.raw(b""),
    "a reset": answers.raw(b"", then="reset"),
    "half a head": answers.raw(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "not HTTP": answers.raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "HTML with 200": answers.whole(b"<html>Welcome</html>", content_type="text/html"),
    "HTML with 502": answers.whole(b"<html>Welcome</html>", 502, "text/html"),
    "an error body with 200": answers.whole({"error": {"message": "overloaded", "code": "x"}}),
    "204": answers.raw(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "a redirect": answers.whole(b"", 307, headers=[("Location", "http://127.0.0.1:1/")]),
    "half a JSON body": answers.raw(
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"model":"m","choices":['
    ),
    "invalid JSON": answers.whole(b"{oops"),
    "an empty body": answers.whole(b""),
    "a JSON list": answers.whole(b"[1,2]"),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", NO_ANSWER)
def test_no_usable_answer(gateway: Gateway, key: Key, upstream: FakeUpstream, how: str, stream: bool) -> None:
    upstream.behaviour = NO_ANSWER[how]
    answer = chat.ask(gateway, key, chat.body(stream=stream))
    chat.check_error(answer, 502, "upstream_error")
    assert b"overloaded" not in answer.body and b"Welcome" not in answer.body


BARREN = {
    "no event": answers.stream([]),
    "only a comment, then cut": answers.stream([b": hello\n\n"], terminated=False),
    "an error as its first event": answers.stream([b'data: {"error":{"message":"overloaded"}}\n\n']),
}


@pytest.mark.parametrize("how", BARREN)
def test_a_stream_that_fails_before_its_first_content(
    gateway: Gateway, key: Key, upstream: FakeUpstream, how: str
) -> None:
    """The head may have been sent already; then the error is an event of the stream."""
    upstream.behaviour = BARREN[how]
    answer = chat.ask(gateway, key, STREAM)
    if answer.status == 200:
        assert chat.last_error(answer)["code"] in ("upstream_error", "upstream_stream_truncated")
    else:
        assert (answer.status, answer.json()["error"]["code"]) == (502, "upstream_error")


def test_a_redirect_is_never_followed(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    location = f"http://127.0.0.1:{upstream.port}/elsewhere"
    upstream.behaviour = answers.whole(b"", 308, headers=[("Location", location)])
    chat.check_error(chat.ask(gateway, key), 502, "upstream_error")
    assert [request.target for request in upstream.requests] == [chat.PATH]


def test_a_refused_connection(start_gateway, standard_document) -> None:
    standard_document["providers"][0]["base_url"] = f"http://127.0.0.1:{free_port()}/v1"
    gateway = start_gateway(standard_document)
    key = gateway.create_key()
    for stream in (False, True):
        answer = chat.ask(gateway, key, chat.body(stream=stream))
        chat.check_error(answer, 502, "upstream_unreachable")


def test_a_stale_connection_is_replaced_unseen(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    """The upstream closes its idle connection; the next request uses a new one and succeeds."""
    ordinary = upstream.behaviour

    async def answer_then_close(call) -> None:
        await ordinary(call)
        call.close()

    upstream.behaviour = answer_then_close
    for _ in range(10):
        assert chat.ask(gateway, key).status == 200


def test_the_operators_log_tells_why(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = CUT["by a reset"]
    chat.ask(gateway, key, STREAM, x_request_id="why-was-it-cut")
    line = gateway.log_line("why-was-it-cut")
    assert '"end_reason":"upstream_truncated"' in line and '"cause"' in line
