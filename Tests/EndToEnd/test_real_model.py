"""A real model as the upstream. CI skips these tests; this runs them:

    REAL_MODEL_URL=http://127.0.0.1:9100/v1 script/proof real-model

Each test compares the server's answer through the gateway with its direct answer. REAL_MODEL is the model's name on the
server, by default the first that the server lists; REAL_MODEL_KEY is for a server that requires one."""

import asyncio
import json
import os
import re
import time
from collections.abc import Iterator

import openai
import pytest
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response
from support import chat, documents
from support.gateway import Gateway, Key

URL = os.environ.get("REAL_MODEL_URL", "")
UPSTREAM_KEY = os.environ.get("REAL_MODEL_KEY", "canary-real-model-key-4c91")
pytestmark = pytest.mark.skipif(not URL, reason="REAL_MODEL_URL is not set: see script/proof")

MODEL = "our/real-model"
# A server that batches requests rounds differently in each batch: where two words are about equally likely, its choice
# varies in spite of the seed. In the answer to this question one word is always by far the likeliest.
QUESTION = "What is the capital of France? Answer in one sentence."
STORY = "Tell a long story about a river, from its spring to the sea."
CHAT = {"messages": [{"role": "user", "content": QUESTION}], "max_tokens": 24, "temperature": 0, "seed": 7}
RESPONSE = {"input": QUESTION, "max_output_tokens": 24, "temperature": 0}
USAGE = {"stream_options": {"include_usage": True}}


@pytest.fixture(scope="module")
def direct() -> Iterator[openai.OpenAI]:
    """The SDK without the gateway."""
    with openai.OpenAI(base_url=URL, api_key=UPSTREAM_KEY, max_retries=0, timeout=50) as client:
        yield client


@pytest.fixture(scope="module")
def name(direct: openai.OpenAI) -> str:
    """The server's name of its model."""
    return os.environ.get("REAL_MODEL") or direct.models.list().data[0].id


@pytest.fixture(scope="module")
def gateway(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    document = {
        "routing": {"max_attempts": 1},
        "providers": [documents.provider("real", 0, base_url=URL)],
        "models": [{"id": MODEL, "routes": [documents.route("real", upstream_model=name)]}],
    }
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), document, {documents.TOKEN_VARIABLE: UPSTREAM_KEY})
    gateway.secrets += [UPSTREAM_KEY, QUESTION, STORY]
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return gateway.create_key("everything")


@pytest.fixture(scope="module")
def sdk(gateway: Gateway, key: Key) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key.text, max_retries=0, timeout=50) as client:
        yield client


@pytest.fixture(scope="module")
def completion(direct: openai.OpenAI, name: str) -> ChatCompletion:
    """The server's answer to CHAT."""
    return direct.chat.completions.create(model=name, **CHAT)


@pytest.fixture(scope="module")
def response(direct: openai.OpenAI, name: str) -> Response:
    """The server's answer to RESPONSE."""
    return direct.responses.create(model=name, **RESPONSE)


def asynchronous(gateway: Gateway, key: Key) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=key.text, max_retries=0, timeout=50)


def text_of(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def deltas(events: list) -> str:
    return "".join(event.delta for event in events if event.type == "response.output_text.delta")


def models(events: list) -> set[str | None]:
    """The models that the events name; None for an event without a model."""
    return {event.response.model for event in events if hasattr(event, "response")}


def logged(gateway: Gateway, raw) -> dict:
    return json.loads(gateway.log_line(raw.headers["x-gateway-request-id"]))


def check_usage(gateway: Gateway, raw, prompt: int, completion: int) -> None:
    line = logged(gateway, raw)
    assert (line["prompt_tokens"], line["completion_tokens"]) == (prompt, completion), line
    assert line["end_reason"] == "complete" and prompt > 0 and completion > 0, line


def test_models_are_the_gateways(sdk: openai.OpenAI) -> None:
    assert [model.id for model in sdk.models.list()] == [MODEL]


# --- chat


def test_chat(sdk: openai.OpenAI, gateway: Gateway, completion: ChatCompletion) -> None:
    raw = sdk.chat.completions.with_raw_response.create(model=MODEL, **CHAT)
    answer = raw.parse()
    assert answer.choices[0].to_dict() == completion.choices[0].to_dict() and answer.choices[0].message.content
    assert (answer.model, raw.headers["x-gateway-provider"]) == (MODEL, "real")
    assert set(answer.to_dict()) == set(completion.to_dict()), "the server's own fields are kept"
    check_usage(gateway, raw, answer.usage.prompt_tokens, answer.usage.completion_tokens)


@pytest.mark.parametrize("fields", [{}, USAGE], ids=["no usage", "usage"])
def test_a_chat_stream(sdk: openai.OpenAI, gateway: Gateway, completion: ChatCompletion, fields: dict) -> None:
    raw = sdk.chat.completions.with_raw_response.create(model=MODEL, stream=True, **CHAT, **fields)
    chunks = list(raw.parse())
    assert text_of(chunks) == completion.choices[0].message.content
    assert {chunk.model for chunk in chunks} == {MODEL}
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [bool(fields)]
    usage = chunks[-1].usage or completion.usage
    check_usage(gateway, raw, usage.prompt_tokens, usage.completion_tokens)


def test_the_chat_helper(sdk: openai.OpenAI, completion: ChatCompletion) -> None:
    heard = []
    with sdk.chat.completions.stream(model=MODEL, **CHAT, **USAGE) as stream:
        heard.extend(event.delta for event in stream if event.type == "content.delta")
        try:
            final = stream.get_final_completion()
        except openai.LengthFinishReasonError as cut:
            # So the SDK reports that the answer was cut by its limit.
            final = cut.completion
    assert "".join(heard) == final.choices[0].message.content == completion.choices[0].message.content
    assert final.choices[0].finish_reason == completion.choices[0].finish_reason
    assert (final.model, final.usage.total_tokens) == (MODEL, completion.usage.total_tokens)


# --- responses


def test_a_response(sdk: openai.OpenAI, gateway: Gateway, response: Response) -> None:
    raw = sdk.responses.with_raw_response.create(model=MODEL, **RESPONSE)
    answer = raw.parse()
    assert (answer.output_text, answer.status, answer.model) == (response.output_text, response.status, MODEL)
    assert answer.output_text and set(answer.to_dict()) == set(response.to_dict())
    check_usage(gateway, raw, answer.usage.input_tokens, answer.usage.output_tokens)


def test_a_stream_of_a_response(sdk: openai.OpenAI, gateway: Gateway, response: Response) -> None:
    """llama.cpp's events have no `sequence_number`, and those before the last name no model."""
    raw = sdk.responses.with_raw_response.create(model=MODEL, stream=True, **RESPONSE)
    events = list(raw.parse())
    final = events[-1].response
    assert deltas(events) == final.output_text == response.output_text
    assert (events[0].type, events[-1].type) == ("response.created", f"response.{response.status}")
    assert final.model == MODEL and models(events) <= {MODEL, None}
    check_usage(gateway, raw, final.usage.input_tokens, final.usage.output_tokens)


def through_the_helper(client: openai.OpenAI, model: str) -> tuple[str, str] | str:
    """The text in pieces and as a whole, or why the helper can't read the events."""
    try:
        with client.responses.stream(model=model, **RESPONSE) as stream:
            return deltas(list(stream)), stream.get_final_response().output_text
    except (TypeError, RuntimeError) as error:
        return str(error)


def test_the_response_helper(sdk: openai.OpenAI, direct: openai.OpenAI, name: str, response: Response) -> None:
    """llama.cpp leaves out the indices that the helper needs (ggml-org/llama.cpp#20607): it fails either way."""
    outcome = through_the_helper(sdk, MODEL)
    assert outcome == through_the_helper(direct, name)
    if isinstance(outcome, str):
        print(f"\nresponses.stream() can't read this server, with or without the gateway: {outcome}")
    else:
        assert outcome == (response.output_text, response.output_text)


# --- the asynchronous client


def test_the_asynchronous_client(gateway: Gateway, key: Key, completion: ChatCompletion, response: Response) -> None:
    async def everything() -> list[str]:
        async with asynchronous(gateway, key) as sdk:
            whole = await sdk.chat.completions.create(model=MODEL, **CHAT)
            chunks = [chunk async for chunk in await sdk.chat.completions.create(model=MODEL, stream=True, **CHAT)]
            async with sdk.chat.completions.stream(model=MODEL, **CHAT) as stream:
                pieces = [event.delta async for event in stream if event.type == "content.delta"]
            answer = await sdk.responses.create(model=MODEL, **RESPONSE)
            events = [event async for event in await sdk.responses.create(model=MODEL, stream=True, **RESPONSE)]
        chats = [whole.choices[0].message.content, text_of(chunks), "".join(pieces)]
        return [*chats, answer.output_text, deltas(events), events[-1].response.output_text]

    expected = [completion.choices[0].message.content] * 3 + [response.output_text] * 3
    assert asyncio.run(everything()) == expected


def test_streams_at_once(gateway: Gateway, key: Key) -> None:
    """Each caller gets one answer, its own, and the usage of it; the server may make them wait for each other."""
    count = 8

    async def read_all() -> list[tuple]:
        async with asynchronous(gateway, key) as sdk:

            async def read_one(number: int) -> tuple:
                fields = CHAT | USAGE | {"messages": [{"role": "user", "content": f"{STORY} It has {number} bends."}]}
                raw = await sdk.chat.completions.with_raw_response.create(model=MODEL, stream=True, **fields)
                return raw, [chunk async for chunk in raw.parse()]

            return await asyncio.gather(*map(read_one, range(count)))

    began = time.monotonic()
    answered = asyncio.run(read_all())
    took = time.monotonic() - began
    for raw, chunks in answered:
        assert text_of(chunks) and {chunk.model for chunk in chunks} == {MODEL}
        assert [choice.finish_reason for choice in chunks[-2].choices] in (["length"], ["stop"])
        check_usage(gateway, raw, chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens)
    names = [{chunk.id for chunk in chunks} for _, chunks in answered]
    assert [len(each) for each in names] == [1] * count and len(set.union(*names)) == count
    tokens = sum(chunks[-1].usage.completion_tokens for _, chunks in answered)
    print(f"\n{count} streams at once: {tokens} tokens in {took:.1f} s")


# --- what goes wrong


def begin_chat(sdk: openai.OpenAI):
    messages = [{"role": "user", "content": STORY}]
    return sdk.chat.completions.with_raw_response.create(model=MODEL, messages=messages, max_tokens=2000, stream=True)


def begin_response(sdk: openai.OpenAI):
    return sdk.responses.with_raw_response.create(model=MODEL, input=STORY, max_output_tokens=2000, stream=True)


@pytest.mark.parametrize("begin", [begin_chat, begin_response], ids=["chat", "responses"])
def test_a_client_that_leaves(sdk: openai.OpenAI, gateway: Gateway, completion: ChatCompletion, begin) -> None:
    raw = begin(sdk)
    stream = raw.parse()
    for _ in range(8):
        next(stream)
    stream.close()
    line = logged(gateway, raw)
    assert (line["end_reason"], line["status"], line["stream"]) == ("client_cancelled", 200, True), line
    again = sdk.chat.completions.create(model=MODEL, **CHAT)
    assert again.choices[0].message.content == completion.choices[0].message.content


REQUESTS = {"/v1/chat/completions": CHAT, "/v1/responses": RESPONSE}


@pytest.mark.parametrize("path", REQUESTS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_the_upstreams_name_is_nowhere_on_the_wire(gateway: Gateway, key: Key, path: str, stream: bool) -> None:
    body = json.dumps({"model": MODEL, "stream": stream} | REQUESTS[path]).encode()
    answer = gateway.request("POST", path, body, chat.headers(key), timeout=50)
    assert answer.status == 200, answer
    found = re.findall(rb'"model"\s*:\s*("(?:[^"\\]|\\.)*")', answer.body)
    assert {json.loads(each) for each in found} == {MODEL}


def embed(client: openai.OpenAI, model: str, **fields) -> CreateEmbeddingResponse | openai.InternalServerError:
    try:
        return client.embeddings.create(model=model, **fields)
    except openai.InternalServerError as error:
        return error


def test_embeddings(sdk: openai.OpenAI, direct: openai.OpenAI, gateway: Gateway, name: str) -> None:
    """Many servers of a chat model have none; the caller then gets the gateway's own error, and chat still works."""
    inputs = {"input": ["one", "two"], "encoding_format": "float"}
    expected = embed(direct, name, **inputs)
    if isinstance(expected, openai.InternalServerError):
        with pytest.raises(openai.InternalServerError) as caught:
            sdk.embeddings.create(model=MODEL, **inputs)
        assert (caught.value.status_code, caught.value.code) == (502, "upstream_error")
        assert set(caught.value.body) == {"message", "type", "code", "param", "request_id"}
        assert expected.body["message"] not in caught.value.message
        assert sdk.chat.completions.create(model=MODEL, **CHAT).model == MODEL
        print(f"\nthis server has no embeddings: {expected.status_code} becomes {caught.value.status_code}")
    else:
        raw = sdk.embeddings.with_raw_response.create(model=MODEL, **inputs)
        answer = raw.parse()
        assert (len(answer.data), answer.model) == (2, MODEL)
        for one, other in zip(answer.data, expected.data, strict=True):
            assert one.embedding == pytest.approx(other.embedding, abs=1e-3)
        line = logged(gateway, raw)
        assert line["prompt_tokens"] == answer.usage.prompt_tokens == expected.usage.prompt_tokens
