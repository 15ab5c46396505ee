"""`POST /v1/embeddings` through the official SDK: any input, either encoding, large answers."""

import json
import time
from contextlib import ExitStack

import openai
import pytest
from support import answers, chat, responses
from support.chat import check_error
from support.client import Client
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

LARGE = json.dumps(responses.embeddings(2048, dimensions=1024)).encode()


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


def test_many_inputs_and_a_large_answer(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.whole(LARGE)
    got = sdk.embeddings.create(model="chat", input=[f"text {n}" for n in range(2048)], encoding_format="float")
    assert len(got.data) == 2048 and len(got.data[-1].embedding) == 1024


def test_many_inputs_and_large_answers_pass_through_unchanged(
    gateway: Gateway, key: Key, upstream: FakeUpstream
) -> None:
    """Eight callers at once that read late: the gateway does not keep the unread bytes for them."""
    template = json.dumps(
        {"input": [f"text {n} \u00e9" for n in range(2048)], "model": "@", "encoding_format": "float"}
    ).encode()
    assert len(LARGE) > 10 << 20
    upstream.behaviour = answers.whole(LARGE)
    before = gateway.memory_mib()
    with ExitStack() as clients:
        late = [clients.enter_context(Client(gateway.port, receive_buffer=4096)) for _ in range(8)]
        for client in late:
            client.send_request("POST", "/v1/embeddings", chat.headers(key), template.replace(b"@", b"chat"))
        upstream.wait_for_request(len(late))
        time.sleep(0.5)  # reason: lets the answers pile up on the way
        assert gateway.memory_mib() - before < 40, "the gateway keeps the answers"
        got = [client.read_answer() for client in late]
    model = answers.UPSTREAM_MODEL.encode()
    for answer in got:
        assert answer.status == 200 and answer.body == LARGE.replace(model, b"chat")
    assert {request.body for request in upstream.requests} == {template.replace(b"@", model)}
    assert gateway.memory_mib() - before < 40, "the gateway keeps the answers"


@pytest.mark.parametrize(
    ("fields", "param"), [({}, "input"), ({"input": ""}, "input"), ({"input": "x", "stream": True}, "stream")], ids=str
)
def test_errors_are_reported(gateway: Gateway, key: Key, provider: FakeUpstream, fields: dict, param: str) -> None:
    headers = {"Authorization": f"Bearer {key.text}", "Content-Type": "application/json"}
    body = json.dumps({"model": "chat"} | fields).encode()
    error = check_error(gateway.request("POST", "/v1/embeddings", body, headers), 400, "invalid_request")
    assert error["param"] == param and provider.requests == []


def test_a_model_without_embeddings_is_refused(sdk: openai.OpenAI, provider: FakeUpstream) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        sdk.embeddings.create(model="text-only", input="x")
    assert raised.value.code == "capability_not_supported"
