"""`POST /v1/responses`, streaming and not, through the official SDK; callers cannot reach what a provider stores."""

import json

import openai
import pytest
from support import answers, responses
from support.chat import check_error
from support.client import Client
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

PATH = "/v1/responses"


@pytest.fixture
def provider(upstream: FakeUpstream) -> FakeUpstream:
    upstream.behaviour = responses.ordinary()
    return upstream


def ask(gateway: Gateway, key: Key, timeout: float = 20, **fields):
    body = json.dumps({"model": "chat", "input": "hi"} | fields).encode()
    headers = {"Authorization": f"Bearer {key.text}", "Content-Type": "application/json"}
    return gateway.request("POST", PATH, body, headers, timeout)


def frames(body: bytes) -> list[tuple[str, dict]]:
    found = []
    for block in body.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "data" in lines:
            found.append((lines.get("event", ""), json.loads(lines["data"])))
    return found


def test_a_response(sdk: openai.OpenAI, provider: FakeUpstream) -> None:
    answer = sdk.responses.create(model="chat", input="hi", instructions="Be brief.")
    assert answer.output_text == "Hello there"
    assert (answer.model, answer.usage.total_tokens, answer.usage.input_tokens_details.cached_tokens) == ("chat", 12, 4)
    received = provider.wait_for_request()
    sent = json.loads(received.body)
    assert received.target == "/v1/responses"
    assert sent == {"model": answers.UPSTREAM_MODEL, "input": "hi", "instructions": "Be brief.", "store": False}


def test_a_stream(sdk: openai.OpenAI, provider: FakeUpstream) -> None:
    events = list(sdk.responses.create(model="default", input="hi", stream=True))
    assert [event.type for event in events][:2] == ["response.created", "response.in_progress"]
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == "Hello there"
    assert events[-1].type == "response.completed"
    assert {event.response.model for event in events if hasattr(event, "response")} == {"default"}


def test_the_streaming_helper(sdk: openai.OpenAI, provider: FakeUpstream) -> None:
    with sdk.responses.stream(model="chat", input="hi") as stream:
        assert [event.delta for event in stream if event.type == "response.output_text.delta"] == ["Hello", " there"]


def test_the_bytes_are_the_providers(gateway: Gateway, key: Key, provider: FakeUpstream) -> None:
    answer = ask(gateway, key, stream=True)
    assert answer.status == 200 and answer.header("content-type").startswith("text/event-stream")
    assert answer.body == b"".join(responses.WHOLE).replace(answers.UPSTREAM_MODEL.encode(), b"chat")


STATE = {
    "previous_response_id": "resp_of_somebody_else",
    "conversation": "conv_1",
    "prompt": {"id": "pmpt_1"},
    "input": [{"type": "item_reference", "id": "msg_1"}],
    "tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}],
    "background": True,
}


@pytest.mark.parametrize("field", STATE)
def test_what_a_provider_keeps_is_out_of_reach(gateway: Gateway, key: Key, provider: FakeUpstream, field: str) -> None:
    error = check_error(ask(gateway, key, **{field: STATE[field]}), 400, "unsupported_parameter")
    assert error["param"] in (field, "vector_store_ids")
    assert provider.requests == []


def test_nothing_is_stored_whatever_the_caller_says(gateway: Gateway, key: Key, provider: FakeUpstream) -> None:
    assert ask(gateway, key, store=True).status == 200
    assert json.loads(provider.wait_for_request().body)["store"] is False


BROKEN = {
    "dies before the head": answers.raw(b""),
    "dies after the head": answers.raw(answers.STREAM_HEAD),
    "after lifecycle frames": answers.stream(responses.LIFECYCLE, terminated=False),
    "after content": answers.stream([*responses.LIFECYCLE, *responses.CONTENT], terminated=False),
    "ends without its last event": answers.stream([*responses.LIFECYCLE, *responses.CONTENT]),
    "an error frame": answers.stream(
        [*responses.LIFECYCLE, *responses.CONTENT, responses.event("error", 6, message="x")]
    ),
    "malformed JSON": answers.stream([*responses.LIFECYCLE, *responses.CONTENT, b"data: {oops\n\n"]),
    "the wrong family": answers.stream([*answers.words(), answers.DONE]),
    "HTML": answers.whole(b"<html>", content_type="text/html"),
    "a reset": answers.raw(answers.STREAM_HEAD + b"5\r\n: hi\n\r\n", then="reset"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_stream_makes_the_sdk_raise(sdk: openai.OpenAI, upstream: FakeUpstream, how: str) -> None:
    upstream.behaviour = BROKEN[how]
    seen = []
    with pytest.raises(openai.APIError):
        seen.extend(event.type for event in sdk.responses.create(model="chat", input="hi", stream=True))
    assert "response.completed" not in seen


def test_the_last_frame_says_what_happened(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = BROKEN["after content"]
    name, data = frames(ask(gateway, key, stream=True).body)[-1]
    assert name == data["type"] == "error"
    assert data["code"] == data["error"]["code"] == "upstream_stream_truncated"
    assert data["sequence_number"] == 6


def test_a_failure_that_the_provider_reports_ends_the_stream(
    sdk: openai.OpenAI, gateway: Gateway, key: Key, upstream: FakeUpstream
) -> None:
    """`response.failed` is a terminal event: an error of the gateway's after it would hide the provider's."""
    upstream.behaviour = answers.stream([*responses.LIFECYCLE, *responses.CONTENT, responses.FAILED])
    told = [name for name, _ in frames(ask(gateway, key, stream=True).body)]
    assert told[-1] == "response.failed" and "error" not in told
    heard = list(sdk.responses.create(model="chat", input="hi", stream=True))
    assert (heard[-1].type, heard[-1].response.status) == ("response.failed", "failed")


def test_a_cut_after_the_last_event_is_no_cut(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stream(responses.WHOLE, terminated=False)
    assert list(sdk.responses.create(model="chat", input="hi", stream=True))[-1].type == "response.completed"


def test_usage_is_in_the_log(gateway: Gateway, key: Key, provider: FakeUpstream) -> None:
    for stream in (False, True):
        answer = ask(gateway, key, stream=stream)
        line = json.loads(gateway.log_line(answer.header("x-gateway-request-id")))
        assert (line["prompt_tokens"], line["completion_tokens"], line["path"]) == (9, 3, PATH)


def test_a_client_that_leaves_frees_its_upstream(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stall_after([*responses.LIFECYCLE, *responses.CONTENT])
    with Client(gateway.port, 20) as client:
        body = json.dumps({"model": "chat", "input": "hi", "stream": True}).encode()
        headers = {"Authorization": f"Bearer {key.text}", "Content-Type": "application/json"}
        client.send_request("POST", PATH, headers, body)
        request = upstream.wait_for_request()
    assert request.left.wait(10)
