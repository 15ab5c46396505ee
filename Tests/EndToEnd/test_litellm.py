"""LiteLLM's proxy, with mock answers, as the upstream: CI skips these tests, `script/proof litellm` runs them.

Only the model is a mock. Parsing, framing, usage and errors are LiteLLM's own, and nothing leaves this machine."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from support import answers, chat, documents, wait
from support.chat import MESSAGES
from support.client import events
from support.gateway import Gateway, Key, free_port
from support.upstream import FakeUpstream

EXECUTABLE = os.environ.get("LITELLM_BIN")
pytestmark = pytest.mark.skipif(not EXECUTABLE, reason="LITELLM_BIN is not set: run script/proof litellm")

MASTER_KEY = "sk-canary-litellm-7e20c4"
TEXT = "Hello from the mock, word by word"
VECTOR = [0.25, -0.5, 0.125]
REFUSAL = {"error": {"message": "canary of a key", "type": "invalid_request_error", "code": "invalid_api_key"}}


def entry(name: str, **parameters) -> dict:
    return {"model_name": name, "litellm_params": {"api_key": "none"} | parameters}


def configuration(port: int, fake: FakeUpstream) -> dict:
    mocked, base = "openai/gpt-4o-mini", f"http://127.0.0.1:{port}/v1"
    # The mock can't stream responses. Through itself LiteLLM makes them from a chat, as for a chat-only model.
    own = {"api_base": base, "api_key": MASTER_KEY, "use_chat_completions_api": True}
    return {
        "model_list": [
            entry("words", model=mocked, mock_response=TEXT),
            entry("vectors", model="openai/text-embedding-3-small", mock_response=VECTOR),
            entry("made-of-chat", model="openai/words", **own),
            entry("limited", model=mocked, mock_response="litellm.RateLimitError"),
            entry("failing", model=mocked, mock_response="litellm.InternalServerError"),
            entry("too-long", model=mocked, mock_response="litellm.ContextWindowExceededError"),
            entry("refused", model="openai/any", api_base=f"http://127.0.0.1:{fake.port}/v1"),
        ],
        "general_settings": {"master_key": MASTER_KEY},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    }


def answers_readiness(port: int, process: subprocess.Popen, log: Path) -> bool:
    assert process.poll() is None, f"LiteLLM ended with {process.returncode}:\n{log.read_text()[-4000:]}"
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/readiness", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def litellm(shared_upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a LiteLLM that runs."""
    folder, port = tmp_path_factory.mktemp("litellm"), free_port()
    file, log = folder / "config.yaml", folder / "litellm.log"
    file.write_text(json.dumps(configuration(port, shared_upstream)))
    # It asks a provider for its models as it starts.
    shared_upstream.reset(answers.whole(REFUSAL, 401))
    # Requests to other machines go to a port without a listener instead.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
    }
    command = [EXECUTABLE, "--config", file, "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, env=environment)
    try:
        wait.until(lambda: answers_readiness(port, process, log), "LiteLLM is ready", seconds=50)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def gateway(litellm: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    def model(upstream: str, provider: str = "litellm", identifier: str = "") -> dict:
        route = documents.route(provider, upstream_model=upstream)
        return {"id": identifier or f"our-{upstream}", "routes": [route]}

    names = ("words", "vectors", "made-of-chat", "limited", "failing", "too-long", "refused", "unheard-of")
    document = {
        "routing": {"max_attempts": 1},
        "providers": [
            documents.provider("litellm", litellm, auth={"kind": "bearer", "token": "env.LITELLM_KEY"}),
            documents.provider("wrong-key", litellm, auth={"kind": "bearer", "token": "env.WRONG_KEY"}),
        ],
        "models": [*map(model, names), model("words", "wrong-key", "our-wrong-key")],
    }
    wrong = f"{MASTER_KEY}-not"
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), document, {"LITELLM_KEY": MASTER_KEY, "WRONG_KEY": wrong})
    gateway.secrets += [MASTER_KEY, wrong, documents.PROMPT, TEXT]
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return gateway.create_key("everything")


@pytest.fixture(scope="module")
def sdk(gateway: Gateway, key: Key) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key.text, max_retries=0, timeout=20) as client:
        yield client


def logged(gateway: Gateway, request_id: str) -> dict:
    return json.loads(gateway.log_line(request_id))


def check_usage(gateway: Gateway, raw, prompt: int, completion: int) -> None:
    line = logged(gateway, raw.headers["x-gateway-request-id"])
    assert (line["prompt_tokens"], line["completion_tokens"]) == (prompt, completion), line
    assert prompt > 0


def test_models_are_the_gateways(sdk: openai.OpenAI) -> None:
    assert {"our-words", "our-vectors"} <= {model.id for model in sdk.models.list()}
    assert sdk.models.retrieve("our-words").id == "our-words"
    assert all(model.id.startswith("our-") for model in sdk.models.list())


def test_chat(sdk: openai.OpenAI, gateway: Gateway) -> None:
    raw = sdk.chat.completions.with_raw_response.create(model="our-words", messages=MESSAGES)
    answer = raw.parse()
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (TEXT, "stop")
    assert (answer.model, raw.headers["x-gateway-provider"]) == ("our-words", "litellm")
    check_usage(gateway, raw, answer.usage.prompt_tokens, answer.usage.completion_tokens)


@pytest.mark.parametrize("model", ["our-words", "our-made-of-chat"])
@pytest.mark.parametrize("asked", [False, True], ids=["no usage", "usage"])
def test_a_stream(sdk: openai.OpenAI, gateway: Gateway, model: str, asked: bool) -> None:
    fields = {"stream_options": {"include_usage": True}} if asked else {}
    raw = sdk.chat.completions.with_raw_response.create(model=model, messages=MESSAGES, stream=True, **fields)
    chunks = list(raw.parse())
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == TEXT
    assert {chunk.model for chunk in chunks} == {model}
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [asked]
    if asked:
        check_usage(gateway, raw, chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens)
    line = logged(gateway, raw.headers["x-gateway-request-id"])
    assert line["prompt_tokens"] > 0 and line["completion_tokens"] > 0, "usage is known for every caller"


@pytest.mark.parametrize("fields", [{}, {"stream_options": {"include_usage": True}}], ids=["no usage", "usage"])
def test_a_stream_on_the_wire(gateway: Gateway, key: Key, fields: dict) -> None:
    answer = chat.ask(gateway, key, chat.body("our-words", stream=True, **fields))
    assert (answer.status, chat.content(answer)) == (200, TEXT)
    found = events(answer.body)
    assert found[-1] == "[DONE]" and found.count("[DONE]") == 1
    assert b"our-words" in answer.body and b'"words"' not in answer.body


@pytest.mark.parametrize("model", ["our-words", "our-made-of-chat"])
def test_a_response(sdk: openai.OpenAI, gateway: Gateway, model: str) -> None:
    raw = sdk.responses.with_raw_response.create(model=model, input=documents.PROMPT)
    answer = raw.parse()
    assert (answer.output_text, answer.status, answer.model) == (TEXT, "completed", model)
    check_usage(gateway, raw, answer.usage.input_tokens, answer.usage.output_tokens)


def test_a_stream_of_a_response(sdk: openai.OpenAI, gateway: Gateway) -> None:
    """LiteLLM's events have no `event:` lines, and a `[DONE]` follows `response.completed`."""
    model = "our-made-of-chat"
    raw = sdk.responses.with_raw_response.create(model=model, input=documents.PROMPT, stream=True)
    found = list(raw.parse())
    assert "".join(event.delta for event in found if event.type == "response.output_text.delta") == TEXT
    assert (found[0].type, found[-1].type) == ("response.created", "response.completed")
    assert {event.response.model for event in found if hasattr(event, "response")} == {model}
    # LiteLLM writes it beside the response too.
    assert {event.model for event in found} == {model}
    assert [event.sequence_number for event in found] == list(range(len(found)))
    usage = found[-1].response.usage
    check_usage(gateway, raw, usage.input_tokens, usage.output_tokens)


def test_a_stream_of_a_response_that_litellm_cannot_mock(sdk: openai.OpenAI) -> None:
    """It answers 500 with a body of events."""
    with pytest.raises(openai.InternalServerError) as raised:
        sdk.responses.create(model="our-words", input=documents.PROMPT, stream=True)
    assert (raised.value.status_code, raised.value.code) == (502, "upstream_error")


@pytest.mark.parametrize("encoding", [{}, {"encoding_format": "float"}], ids=["the SDK's own", "float"])
def test_embeddings(sdk: openai.OpenAI, gateway: Gateway, encoding: dict) -> None:
    raw = sdk.embeddings.with_raw_response.create(model="our-vectors", input=["one", "two"], **encoding)
    answer = raw.parse()
    assert (answer.data[0].embedding, answer.model) == (VECTOR, "our-vectors")
    check_usage(gateway, raw, answer.usage.prompt_tokens, 0)


FAILURES = {
    "our-limited": (openai.RateLimitError, 429, "upstream_rate_limited"),
    "our-failing": (openai.InternalServerError, 502, "upstream_error"),
    "our-too-long": (openai.BadRequestError, 400, "invalid_request"),
    "our-unheard-of": (openai.BadRequestError, 400, "invalid_request"),
    "our-refused": (openai.InternalServerError, 502, "upstream_rejected_credentials"),
    # Without its database LiteLLM can't look an unknown key up, and answers 400 where one expects 401.
    "our-wrong-key": (openai.BadRequestError, 400, "invalid_request"),
}
WORDS = {"our-too-long": "context window", "our-unheard-of": "Invalid model name", "our-wrong-key": "No connected db"}


@pytest.mark.parametrize("model", FAILURES)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_what_litellm_refuses(sdk: openai.OpenAI, upstream: FakeUpstream, model: str, stream: bool) -> None:
    """A 400 has LiteLLM's message; other errors only tell the caller who is at fault."""
    upstream.behaviour = answers.whole(REFUSAL, 401)
    kind, status, code = FAILURES[model]
    with pytest.raises(kind) as raised:
        sdk.chat.completions.create(model=model, messages=MESSAGES, stream=stream)
    assert (raised.value.status_code, raised.value.code) == (status, code)
    assert WORDS.get(model, "") in raised.value.message
    assert model in WORDS or not any(word in raised.value.message for word in ("LiteLLM:", "mock", "canary"))
