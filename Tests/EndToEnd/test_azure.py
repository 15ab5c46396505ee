"""Clients of Azure OpenAI: the official SDK's `AzureOpenAI`, unmodified."""

from collections.abc import Iterator

import openai
import pytest
from support import chat, responses
from support.chat import check_error
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

VERSION = "2024-10-21"


@pytest.fixture(params=["deployments", "a deployment", "v1"])
def azure(request: pytest.FixtureRequest, gateway: Gateway, key: Key) -> Iterator[openai.OpenAI]:
    """The three ways to set it up."""
    common = {"api_key": key.text, "max_retries": 0, "timeout": 20}
    match request.param:
        case "deployments":
            client = openai.AzureOpenAI(azure_endpoint=gateway.url, api_version=VERSION, **common)
        case "a deployment":
            client = openai.AzureOpenAI(
                azure_endpoint=gateway.url, azure_deployment="chat", api_version=VERSION, **common
            )
        case _:
            client = openai.OpenAI(base_url=f"{gateway.url}/openai/v1", **common)
    with client:
        yield client


def test_chat(azure: openai.OpenAI, upstream: FakeUpstream) -> None:
    answer = azure.chat.completions.create(model="chat", messages=chat.MESSAGES)
    assert answer.model == "chat" and answer.choices[0].message.content
    assert upstream.wait_for_request().target == "/v1/chat/completions"


def test_a_stream(azure: openai.OpenAI, upstream: FakeUpstream) -> None:
    chunks = list(azure.chat.completions.create(model="chat", messages=chat.MESSAGES, stream=True))
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_the_list_of_models(gateway: Gateway, key: Key) -> None:
    with openai.AzureOpenAI(azure_endpoint=gateway.url, api_version=VERSION, api_key=key.text) as client:
        assert "chat" in [model.id for model in client.models.list()]


def test_embeddings(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.behaviour = responses.ordinary()
    with openai.AzureOpenAI(azure_endpoint=gateway.url, api_version=VERSION, api_key=key.text, max_retries=0) as client:
        assert client.embeddings.create(model="chat", input="x").model == "chat"


def ask(gateway: Gateway, key: Key, path: str, body: bytes) -> object:
    headers = {"api-key": key.text, "Content-Type": "application/json"}
    return gateway.request("POST", f"{path}?api-version={VERSION}", body, headers)


@pytest.mark.parametrize(
    "body", [b'{"messages":[]}', b'{"model":"other","messages":[]}', b' { "messages" : [] , "model" : "other" } ']
)
def test_the_path_names_the_model(gateway: Gateway, key: Key, upstream: FakeUpstream, body: bytes) -> None:
    answer = ask(gateway, key, "/openai/deployments/vendor/family/chat/chat/completions", body)
    assert answer.status == 200 and answer.json()["model"] == "vendor/family/chat"
    answer = ask(gateway, key, "/openai/deployments/vendor%2Ffamily%2Fchat/chat/completions", body)
    assert answer.status == 200 and answer.json()["model"] == "vendor/family/chat"


def test_what_is_refused(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    path = "/openai/deployments/chat/chat/completions"
    check_error(ask(gateway, key, path, b"[]"), 400, "invalid_request")
    check_error(ask(gateway, key, path, b"{"), 400, "invalid_json")
    check_error(ask(gateway, key, path, b'{"model":"a","messages":[],"model":"b"}'), 400, "invalid_json")
    check_error(ask(gateway, key, path.replace("/chat/", "/unknown/", 1), b'{"messages":[]}'), 404, "model_not_found")
    for unknown in ("/openai/deployments/chat/completions", "/openai/deployments//chat/completions", "/openai/x"):
        check_error(ask(gateway, key, unknown, b"{}"), 404, "not_found")
    check_error(gateway.get(path), 405, "method_not_allowed")
    assert upstream.requests == []
