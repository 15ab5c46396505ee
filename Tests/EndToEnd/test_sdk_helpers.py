"""What the official SDK builds on top of requests: stream helpers, parsed answers, the asynchronous client."""

import asyncio
import inspect
import json
from collections.abc import Callable

import openai
import pytest
from pydantic import BaseModel
from support import answers, responses
from support.answers import UPSTREAM_MODEL
from support.chat import MESSAGES
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream


class Weather(BaseModel):
    place: str
    degrees: int


OSLO = Weather(place="Oslo", degrees=-4)
PIECES = ['{"place":"Os', 'lo","degrees"', ":-4}"]
TEXT = "".join(PIECES)


def received(upstream: FakeUpstream) -> dict:
    """The request as the provider got it."""
    return json.loads(upstream.wait_for_request().body)


# --- chat


def test_the_chat_helper(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    with sdk.chat.completions.stream(model="vendor/family/chat", messages=MESSAGES) as stream:
        events = list(stream)
        final = stream.get_final_completion()
    assert [event.delta for event in events if event.type == "content.delta"] == ["", " word0", " word1", " word2"]
    assert [event.content for event in events if event.type == "content.done"] == [" word0 word1 word2"]
    assert (final.choices[0].message.content, final.choices[0].finish_reason) == (" word0 word1 word2", "stop")
    assert (final.model, final.usage) == ("vendor/family/chat", None)


def test_the_chat_helper_with_usage(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    options = {"include_usage": True}
    with sdk.chat.completions.stream(model="chat", messages=MESSAGES, stream_options=options) as stream:
        assert stream.get_final_completion().usage.total_tokens == 12


def tool_call() -> list[bytes]:
    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "Weather", "arguments": ""}}
    deltas = [{"role": "assistant", "content": None, "tool_calls": [first]}]
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in PIECES]
    return [answers.event(answers.chunk(delta)) for delta in deltas]


def test_the_chat_helper_with_a_tool_call(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stream([*tool_call(), answers.event(answers.chunk(finish="tool_calls")), answers.DONE])
    tool = openai.pydantic_function_tool(Weather)
    with sdk.chat.completions.stream(model="chat", messages=MESSAGES, tools=[tool]) as stream:
        events = list(stream)
        [choice] = stream.get_final_completion().choices
    told = [event.arguments_delta for event in events if event.type == "tool_calls.function.arguments.delta"]
    done = [event.parsed_arguments for event in events if event.type == "tool_calls.function.arguments.done"]
    assert (told, done) == (["", *PIECES], [OSLO])
    [call] = choice.message.tool_calls
    assert (call.id, call.function.arguments, call.function.parsed_arguments) == ("call_1", TEXT, OSLO)
    assert choice.finish_reason == "tool_calls" and received(upstream)["tools"] == [tool]


def test_a_parsed_completion(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.whole(answers.completion(TEXT))
    answer = sdk.chat.completions.parse(model="chat", messages=MESSAGES, response_format=Weather)
    assert (answer.choices[0].message.parsed, answer.model) == (OSLO, "chat")
    sent = received(upstream)
    assert (sent["model"], sent["response_format"]["type"]) == (UPSTREAM_MODEL, "json_schema")
    assert set(sent["response_format"]["json_schema"]["schema"]["properties"]) == {"place", "degrees"}


def test_a_parsed_completion_in_a_stream(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    pieces = [answers.event(answers.chunk({"content": piece})) for piece in PIECES]
    upstream.behaviour = answers.stream([*pieces, answers.event(answers.chunk(finish="stop")), answers.DONE])
    with sdk.chat.completions.stream(model="chat", messages=MESSAGES, response_format=Weather) as stream:
        assert stream.get_final_completion().choices[0].message.parsed == OSLO


# --- responses


def test_a_parsed_response(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.whole(responses.response(TEXT))
    answer = sdk.responses.parse(model="chat", input="hi", text_format=Weather)
    assert (answer.output_parsed, answer.model) == (OSLO, "chat")
    sent = received(upstream)
    assert (sent["model"], sent["text"]["format"]["type"]) == (UPSTREAM_MODEL, "json_schema")
    assert set(sent["text"]["format"]["schema"]["properties"]) == {"place", "degrees"}


def test_a_parsed_response_in_a_stream(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    pieces = [responses.delta(piece, number) for number, piece in enumerate(PIECES, 4)]
    end = responses.event("response.completed", 7, response=responses.response(TEXT))
    upstream.behaviour = answers.stream([*responses.LIFECYCLE, *responses.CONTENT[:2], *pieces, end])
    with sdk.responses.stream(model="default", input="hi", text_format=Weather) as stream:
        told = [event.snapshot for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert told == [PIECES[0], PIECES[0] + PIECES[1], TEXT]
    assert (final.output_parsed, final.output_text, final.model) == (OSLO, TEXT, "default")
    assert final.usage.total_tokens == 12


def test_the_response_helper_with_a_function_call(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "Weather", "status": "in_progress"}
    place = {"item_id": "fc_1", "output_index": 0}
    kind = "response.function_call_arguments"
    done = call | {"arguments": TEXT, "status": "completed"}
    upstream.behaviour = answers.stream(
        [
            *responses.LIFECYCLE,
            responses.event("response.output_item.added", 2, output_index=0, item=call | {"arguments": ""}),
            *(responses.event(f"{kind}.delta", n, delta=piece, **place) for n, piece in enumerate(PIECES, 3)),
            responses.event(f"{kind}.done", 6, arguments=TEXT, name="Weather", **place),
            responses.event("response.output_item.done", 7, output_index=0, item=done),
            responses.event("response.completed", 8, response=responses.response(None, output=[done])),
        ]
    )
    tool = {"type": "function"} | openai.pydantic_function_tool(Weather)["function"]
    with sdk.responses.stream(model="chat", input="hi", tools=[tool]) as stream:
        told = [event.delta for event in stream if event.type == f"{kind}.delta"]
        [item] = stream.get_final_response().output
    assert told == PIECES
    assert (item.type, item.call_id, item.arguments) == ("function_call", "call_1", TEXT)
    assert received(upstream)["tools"] == [tool]


# --- whole and truncated streams, in every way to read them


def chat_helper(sdk: openai.OpenAI, heard: list[str]) -> None:
    with sdk.chat.completions.stream(model="chat", messages=MESSAGES) as stream:
        heard.extend(event.delta for event in stream if event.type == "content.delta")


def response_helper(sdk: openai.OpenAI, heard: list[str]) -> None:
    with sdk.responses.stream(model="chat", input="hi") as stream:
        heard.extend(event.delta for event in stream if event.type == "response.output_text.delta")


async def chat_stream_async(sdk: openai.AsyncOpenAI, heard: list[str]) -> None:
    async for chunk in await sdk.chat.completions.create(model="chat", messages=MESSAGES, stream=True):
        heard.extend(choice.delta.content or "" for choice in chunk.choices)


async def chat_helper_async(sdk: openai.AsyncOpenAI, heard: list[str]) -> None:
    async with sdk.chat.completions.stream(model="chat", messages=MESSAGES) as stream:
        async for event in stream:
            if event.type == "content.delta":
                heard.append(event.delta)


async def response_stream_async(sdk: openai.AsyncOpenAI, heard: list[str]) -> None:
    async for event in await sdk.responses.create(model="chat", input="hi", stream=True):
        if event.type == "response.output_text.delta":
            heard.append(event.delta)


async def response_helper_async(sdk: openai.AsyncOpenAI, heard: list[str]) -> None:
    async with sdk.responses.stream(model="chat", input="hi") as stream:
        async for event in stream:
            if event.type == "response.output_text.delta":
                heard.append(event.delta)


def hear(gateway: Gateway, key: Key, read: Callable, heard: list[str]) -> None:
    """Lets `read` add to `heard` what a client of its kind is given to read."""
    options = {"base_url": f"{gateway.url}/v1", "api_key": key.text, "max_retries": 0, "timeout": 20}

    async def read_async() -> None:
        async with openai.AsyncOpenAI(**options) as sdk:
            await read(sdk, heard)

    if inspect.iscoroutinefunction(read):
        asyncio.run(read_async())
    else:
        with openai.OpenAI(**options) as sdk:
            read(sdk, heard)


# For each way to read: the events, how many of them come before the cut, the text until there.
CHAT = ([*answers.words(), answers.DONE], 3, " word0 word1")
RESPONSE = (responses.WHOLE, 5, "Hello")
WAYS = {
    "chat, helper": (chat_helper, *CHAT),
    "chat, async": (chat_stream_async, *CHAT),
    "chat, async helper": (chat_helper_async, *CHAT),
    "responses, helper": (response_helper, *RESPONSE),
    "responses, async": (response_stream_async, *RESPONSE),
    "responses, async helper": (response_helper_async, *RESPONSE),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_whole_stream_is_read_to_its_end(gateway: Gateway, key: Key, upstream: FakeUpstream, way: str) -> None:
    read, events, _, _ = WAYS[way]
    upstream.behaviour = answers.stream(events)
    heard = []
    hear(gateway, key, read, heard)
    assert "".join(heard) == (" word0 word1 word2" if way.startswith("chat") else "Hello there")


@pytest.mark.parametrize("terminated", [False, True], ids=["cut", "ended well as HTTP"])
@pytest.mark.parametrize("way", WAYS)
def test_a_truncated_stream_raises(
    gateway: Gateway, key: Key, upstream: FakeUpstream, way: str, terminated: bool
) -> None:
    read, events, count, text = WAYS[way]
    upstream.behaviour = answers.stream(events[:count], terminated=terminated)
    heard = []
    with pytest.raises(openai.APIError) as raised:
        hear(gateway, key, read, heard)
    assert raised.value.code == "upstream_stream_truncated"
    assert "".join(heard) == text


@pytest.mark.parametrize("read", [chat_helper, chat_helper_async])
def test_half_a_tool_call_raises(gateway: Gateway, key: Key, upstream: FakeUpstream, read: Callable) -> None:
    upstream.behaviour = answers.stream(tool_call()[:3])
    with pytest.raises(openai.APIError) as raised:
        hear(gateway, key, read, [])
    assert raised.value.code == "upstream_stream_truncated"
