"""The official SDK gets its answers, unmodified: models, chat, streams, tools, vision."""

import json

import openai
from support import answers
from support.answers import UPSTREAM_MODEL
from support.chat import MESSAGES
from support.upstream import FakeUpstream

TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a place.",
        "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
    },
}


def test_models_are_listed_by_rank_and_id(sdk: openai.OpenAI) -> None:
    listed = [model.id for model in sdk.models.list()]
    assert listed == [
        "chat",
        "vendor/family/chat",
        "default",
        "disabled",
        "keyed",
        "other",
        "simulated",
        "text-only",
        "unset",
    ]


def test_a_model_is_retrieved(sdk: openai.OpenAI) -> None:
    model = sdk.models.retrieve("chat")
    assert (model.id, model.object) == ("chat", "model")
    assert isinstance(model.created, int) and model.owned_by


def test_a_model_with_slashes_is_retrieved_escaped_and_not(sdk: openai.OpenAI) -> None:
    assert sdk.models.retrieve("vendor/family/chat").id == "vendor/family/chat"
    assert sdk.get("/models/vendor/family/chat", cast_to=dict)["id"] == "vendor/family/chat"
    assert sdk.get("/models/vendor%2Ffamily%2Fchat", cast_to=dict)["id"] == "vendor/family/chat"


def test_chat(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    answer = sdk.chat.completions.create(model="chat", messages=MESSAGES)
    assert answer.choices[0].message.content == "Hello there"
    assert (answer.model, answer.usage.total_tokens) == ("chat", 12)
    assert json.loads(upstream.wait_for_request().body)["model"] == UPSTREAM_MODEL


def test_an_alias_answers_under_its_own_name(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    assert sdk.chat.completions.create(model="default", messages=MESSAGES).model == "default"


def test_a_stream(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    chunks = list(sdk.chat.completions.create(model="vendor/family/chat", messages=MESSAGES, stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == " word0 word1 word2"
    assert {c.model for c in chunks} == {"vendor/family/chat"}
    assert chunks[-1].choices[0].finish_reason == "stop", "the usage that the caller did not request is removed"


def test_a_stream_with_usage(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    options = {"include_usage": True}
    chunks = list(sdk.chat.completions.create(model="chat", messages=MESSAGES, stream=True, stream_options=options))
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens == 12
    assert {c.model for c in chunks} == {"chat"}


def test_tools_pass_through(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    calls = [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"place":"Oslo"}'}}]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    upstream.behaviour = answers.whole(answers.completion(choices=[choice]))
    answer = sdk.chat.completions.create(model="chat", messages=MESSAGES, tools=[TOOL], tool_choice="required")
    assert answer.choices[0].message.tool_calls[0].function.arguments == '{"place":"Oslo"}'
    sent = json.loads(upstream.wait_for_request().body)
    assert (sent["tools"], sent["tool_choice"]) == ([TOOL], "required")


def test_streamed_tool_calls_pass_through(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    pieces = ['{"pla', 'ce":"Os', 'lo"}']
    deltas = [first] + [{"index": 0, "function": {"arguments": piece}} for piece in pieces]
    events = [answers.event(answers.chunk({"tool_calls": [delta]})) for delta in deltas]
    finish = answers.event(answers.chunk(finish="tool_calls"))
    upstream.behaviour = answers.stream([*events, finish, answers.DONE])
    chunks = list(sdk.chat.completions.create(model="chat", messages=MESSAGES, tools=[TOOL], stream=True))
    called = [call for c in chunks for call in c.choices[0].delta.tool_calls or []]
    assert "".join(call.function.arguments for call in called) == '{"place":"Oslo"}'


def test_images_pass_through(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}},
    ]
    messages = [{"role": "user", "content": content}]
    sdk.chat.completions.create(model="chat", messages=messages)
    assert json.loads(upstream.wait_for_request().body)["messages"] == messages


def test_the_headers_of_an_answer(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    raw = sdk.chat.completions.with_raw_response.create(model="chat", messages=MESSAGES)
    assert raw.headers["x-request-id"] and raw.headers["x-gateway-request-id"]
    assert raw.headers["x-request-id"] == raw.request_id
    assert raw.headers["x-gateway-provider"] == "fake"
    assert raw.headers["x-gateway-route"]
    assert raw.headers["x-gateway-attempts"] == "1"
    assert raw.parse().choices[0].message.content == "Hello there"


def test_the_simulator_answers_and_says_so(sdk: openai.OpenAI) -> None:
    raw = sdk.chat.completions.with_raw_response.create(model="simulated", messages=MESSAGES)
    answer = raw.parse()
    assert raw.headers["x-gateway-provider"] == "sim"
    assert answer.model == "simulated" and answer.choices[0].message.content
    assert "simulat" in raw.text.lower().replace('"model":"simulated"', "").replace('"model": "simulated"', "")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
    again = sdk.chat.completions.create(model="simulated", messages=MESSAGES)
    assert again.choices[0].message.content == answer.choices[0].message.content


def test_the_simulator_streams(sdk: openai.OpenAI) -> None:
    options = {"include_usage": True}
    chunks = list(
        sdk.chat.completions.create(model="simulated", messages=MESSAGES, stream=True, stream_options=options)
    )
    whole = sdk.chat.completions.create(model="simulated", messages=MESSAGES)
    streamed = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert streamed == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage
