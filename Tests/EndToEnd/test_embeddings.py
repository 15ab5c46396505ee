"""`POST /v1/embeddings` through the official SDK: any input, either encoding, large answers."""

import json

import openai
import pytest
from support import answers, responses
from support.chat import check_error
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream


@pytest.fixture
def provider(upstream: FakeUpstream) -> FakeUpstream:
    upstream.behaviour = responses.ordinary()
    return upstream


@pytest.mark.parametrize("given", ["text", ["one", "two"], [1, 2, 3], [[1, 2], [3]]], ids=str)
@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_any_input(sdk: openai.OpenAI, provider: FakeUpstream, given, encoding: str) -> None:
    answer = sdk.embeddings.create(model="chat", input=given, encoding_format=encoding)
    count = len(given) if isinstance(given, list) and not isinstance(given[0], int) else 1
    assert (len(answer.data), answer.model, answer.usage.prompt_tokens) == (count, "chat", 5 * count)
    sent = json.loads(provider.wait_for_request().body)
    assert sent == {"model": answers.UPSTREAM_MODEL, "input": given, "encoding_format": encoding}
    assert provider.requests[0].target == "/v1/embeddings"


def test_the_sdks_own_choice_of_encoding(sdk: openai.OpenAI, provider: FakeUpstream) -> None:
    assert sdk.embeddings.create(model="chat", input="text").data[0].embedding == [0.25] * 4


def test_many_inputs_and_a_large_answer(gateway: Gateway, sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    before = gateway.memory_mib("VmRSS")
    answer = json.dumps(responses.embeddings(2048, dimensions=1024)).encode()
    assert len(answer) > 10 * 1024 * 1024
    upstream.behaviour = answers.whole(answer)
    for _ in range(3):
        got = sdk.embeddings.create(model="chat", input=[f"text {n}" for n in range(2048)], encoding_format="float")
        assert len(got.data) == 2048 and len(got.data[-1].embedding) == 1024
    assert gateway.memory_mib("VmRSS") - before < 60, "the answer is not kept"


@pytest.mark.parametrize(
    ("fields", "param"), [({}, "input"), ({"input": ""}, "input"), ({"input": "x", "stream": True}, "stream")], ids=str
)
def test_what_is_wrong_is_told(gateway: Gateway, key: Key, provider: FakeUpstream, fields: dict, param: str) -> None:
    headers = {"Authorization": f"Bearer {key.text}", "Content-Type": "application/json"}
    body = json.dumps({"model": "chat"} | fields).encode()
    error = check_error(gateway.request("POST", "/v1/embeddings", body, headers), 400, "invalid_request")
    assert error["param"] == param and provider.requests == []


def test_a_model_that_only_chats_is_refused(sdk: openai.OpenAI, provider: FakeUpstream) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        sdk.embeddings.create(model="simulated", input="x")
    assert raised.value.code == "capability_not_supported"
