"""What providers do beside the rules, as users of gateways report it: it breaks no answer and blames no caller."""

import json
from collections.abc import Callable, Iterator

import openai
import pytest
from support import answers, chat, documents
from support.client import events
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import Behaviour, Call, FakeUpstream

STREAM = chat.body(stream=True)


def named(content_type: str, body: bytes) -> Behaviour:
    return answers.whole(body, content_type=content_type, headers=[("Connection", "close")])


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/octet-stream"])
def test_a_stream_under_another_name(gateway: Gateway, key: Key, upstream: FakeUpstream, content_type: str) -> None:
    upstream.behaviour = named(content_type, b"".join([*answers.words(), answers.DONE]))
    answer = chat.ask(gateway, key, STREAM)
    assert answer.status == 200 and answer.header("content-type").startswith("text/event-stream")
    assert chat.content(answer) == " word0 word1 word2" and events(answer.body)[-1] == "[DONE]"


def test_json_under_another_name(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = named("text/plain", json.dumps(answers.completion()).encode())
    answer = chat.ask(gateway, key)
    assert (answer.status, answer.header("content-type")) == (200, "application/json")


@pytest.mark.parametrize("body", [STREAM, chat.body()], ids=["stream", "whole"])
def test_a_page_with_200_is_asked_for_once(start_gateway, standard_document, upstream, body: bytes) -> None:
    """The provider has done its work: it is not asked to do it again."""
    standard_document["routing"] = {"max_attempts": 3}
    gateway = start_gateway(standard_document)
    upstream.behaviour = named("text/html", b"<h1>Welcome</h1>")
    chat.check_error(chat.ask(gateway, gateway.create_key(), body), 502, "upstream_error")
    assert len(upstream.requests) == 1


def test_a_heartbeat_without_data(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    beats = [b"data:\n\n", b"data: \n\n", b"event: ping\n\n"]
    first, *rest = answers.words()
    upstream.behaviour = answers.stream([first, *beats, *rest, answers.DONE])
    chunks = list(sdk.chat.completions.create(model="chat", messages=chat.MESSAGES, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == " word0 word1 word2"


def test_logprobs_that_are_no_json_numbers(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    """Python's servers (vLLM) write them, and Python's clients read them."""
    logprobs = {"content": [{"token": "a", "logprob": float("-inf"), "bytes": None, "top_logprobs": []}]}
    whole = answers.completion()
    whole["choices"][0]["logprobs"] = logprobs
    upstream.behaviour = answers.whole(whole)
    told = sdk.chat.completions.create(model="chat", messages=chat.MESSAGES)
    assert told.choices[0].logprobs.content[0].logprob == float("-inf")
    piece = answers.chunk({"content": "a"})
    piece["choices"][0]["logprobs"] = logprobs
    upstream.behaviour = answers.stream([answers.event(piece), *answers.words(), answers.DONE])
    chunks = list(sdk.chat.completions.create(model="chat", messages=chat.MESSAGES, stream=True))
    assert chunks[0].choices[0].logprobs.content[0].logprob == float("-inf")


def test_a_usage_that_was_asked_for_and_cut_off_is_missed(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    """A caller that bills by the usage must not take the stream for whole."""
    upstream.behaviour = answers.stream(answers.words(), terminated=False)
    options = {"model": "chat", "messages": chat.MESSAGES, "stream": True}
    with pytest.raises(openai.APIError) as caught:
        list(sdk.chat.completions.create(**options, stream_options={"include_usage": True}))
    assert caught.value.code == "upstream_stream_truncated"
    assert list(sdk.chat.completions.create(**options)), "who did not ask for it misses nothing"


def refuses_stream_options() -> Behaviour:
    error = {"message": "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options')}]", "type": "BadRequestError"}

    async def behave(call: Call) -> None:
        if "stream_options" in json.loads(call.request.body):
            await answers.whole({"error": error}, 400)(call)
        else:
            await answers.stream([*answers.words(), answers.DONE])(call)

    return behave


def test_a_provider_that_refuses_what_the_gateway_adds(start_gateway, standard_document, upstream) -> None:
    gateway = start_gateway(standard_document)
    key = gateway.create_key()
    upstream.behaviour = refuses_stream_options()
    first = chat.ask(gateway, key, STREAM)
    assert chat.content(first) == " word0 word1 word2"
    assert len(upstream.requests) == 2
    assert chat.ask(gateway, key, STREAM).status == 200
    assert len(upstream.requests) == 3, "it is remembered"
    gateway.log_line("compatibility.supports_stream_usage")
    own = chat.ask(gateway, key, chat.body(stream=True, stream_options={"include_usage": True}))
    assert own.status == 400 and "stream_options" in own.json()["error"]["message"], "the caller's own is the caller's"


def moderation() -> Behaviour:
    metadata = {"reasons": ["violence"], "flagged_input": "x", "provider_name": "p"}
    return answers.whole({"error": {"code": 403, "message": "Your input was flagged", "metadata": metadata}}, 403)


@pytest.fixture
def pair(make_gateway: Callable[..., Gateway]) -> Iterator[tuple[Gateway, Fleet]]:
    with Fleet("first", "second") as fleet:
        routes = [documents.route("first", priority=1), documents.route("second", priority=2)]
        document = {"providers": fleet.providers(), "models": [{"id": "chat", "routes": routes}]}
        yield make_gateway(document).start(), fleet


def test_flagged_content_goes_nowhere_else(pair: tuple[Gateway, Fleet]) -> None:
    gateway, fleet = pair
    fleet.reset(first=moderation())
    key = gateway.create_key()
    for _ in range(6):
        error = chat.check_error(chat.ask(gateway, key), 400, "content_policy_violation")
        assert "flagged" in error["message"]
    assert fleet.counts() == {"first": 6, "second": 0}, "and it cools nothing down"
    fleet.reset(first=answers.whole({"error": {"message": "no such key"}}, 403))
    assert chat.ask(gateway, key).header("x-gateway-provider") == "second", "any other 403 is about the credential"


@pytest.mark.parametrize("header", ["Retry-After", "retry-after-ms"])
def test_a_short_wait_is_waited_for(start_gateway, standard_document, upstream, header: str) -> None:
    standard_document["routing"] = {"max_attempts": 2}
    gateway = start_gateway(standard_document)
    value = " 1.2 " if header == "Retry-After" else "1200"
    busy = answers.whole({"error": {"message": "slow down"}}, 429, headers=[(header, value)])

    async def busy_once(call: Call) -> None:
        await (busy if len(upstream.requests) == 1 else answers.ordinary())(call)

    upstream.behaviour = busy_once
    assert chat.ask(gateway, gateway.create_key()).status == 200
    first, second = upstream.requests
    assert 1.1 < second.arrived_at - first.arrived_at < 4


def test_a_stream_tells_proxies_not_to_hold_it_back(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    answer = chat.ask(gateway, key, STREAM)
    assert answer.header("x-accel-buffering") == "no"
    assert answer.header("cache-control") == "no-cache, no-transform"
    assert chat.ask(gateway, key).header("x-accel-buffering") is None


def test_a_stream_of_nothing_but_comments_ends(start_gateway, standard_document, upstream: FakeUpstream) -> None:
    """Comments keep the idle limit from passing; the limit for the first content does not care."""
    standard_document["providers"][0]["timeouts"] = documents.PATIENT | {"first_content_ms": 1000}
    gateway = start_gateway(standard_document)
    key = gateway.create_key()
    upstream.behaviour = answers.stream([b": PROCESSING\n\n"] * 60, pace=0.1)
    assert chat.last_error(chat.ask(gateway, key, STREAM))["code"] == "upstream_timeout"
    slow = [*answers.words(20), answers.DONE]
    upstream.behaviour = answers.stream(slow, pace=0.1)
    assert chat.content(chat.ask(gateway, key, STREAM)).endswith("word19"), "a stream with content may take its time"
