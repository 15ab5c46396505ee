"""Errors that a provider reports within a 200 answer, as OpenAI does for a context that is too long or a rate limit.

The caller learns of its own errors, which cool down no route; nothing secret goes out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import openai
import pytest
from support import answers, chat, documents, responses
from support.chat import check_error
from support.client import Answer, events
from support.documents import TOKEN
from support.explanation import explain, routes
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import Behaviour

WORDS = "Your input exceeds the context window of this model."


@dataclass
class Setting:
    gateway: Gateway
    key: Key
    fleet: Fleet

    def ask(self, path: str, model: str, **fields) -> Answer:
        prompt = {"input": documents.PROMPT} if path == "/v1/responses" else {"messages": chat.MESSAGES}
        body = json.dumps({"model": model} | prompt | fields).encode()
        headers = {"Authorization": f"Bearer {self.key.text}", "Content-Type": "application/json"}
        return self.gateway.request("POST", path, body, headers)

    def line(self, answer: Answer) -> dict:
        return json.loads(self.gateway.log_line(answer.header("x-gateway-request-id")))


@pytest.fixture
def setting(make_gateway: Callable[..., Gateway]) -> Iterator[Setting]:
    with Fleet("first", "second") as fleet:
        pair = [documents.route("first", priority=1), documents.route("second", priority=2)]
        document = {
            "routing": {"cooldown": {"failures": 2, "seconds": 600}},
            "providers": fleet.providers(),
            "models": [{"id": "pair", "routes": pair}, {"id": "lone", "routes": [documents.route("first")]}],
        }
        gateway = make_gateway(document).start()
        yield Setting(gateway, gateway.create_key("everything"), fleet)


def failed(code: str, message: str = WORDS, first: list[bytes] = responses.LIFECYCLE) -> Behaviour:
    """As OpenAI sends it: the error event, and the error again in `response.failed`."""
    error = {"code": code, "message": message}
    events = [
        responses.event("error", 8, error=error | {"type": "invalid_request_error", "param": "input"}),
        responses.event("response.failed", 9, response=responses.response(None, "failed", error=error)),
    ]
    return answers.stream([*first, *events])


def only_failed(code: str, message: str = WORDS, first: list[bytes] = responses.LIFECYCLE) -> Behaviour:
    error = {"code": code, "message": message}
    return answers.stream(
        [*first, responses.event("response.failed", 9, response=responses.response(None, "failed", error=error))]
    )


def names(answer: Answer) -> list[str]:
    lines = answer.body.decode().splitlines()
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]


@pytest.mark.parametrize("shape", [failed, only_failed])
def test_a_request_that_is_at_fault(setting: Setting, shape: Callable[[str], Behaviour]) -> None:
    """The gateway makes one attempt, the caller gets the provider's stream, and the route stays healthy: Codex knows
    an overflow only by that event."""
    setting.fleet.reset(first=shape("context_length_exceeded"))
    for _ in range(4):
        answer = setting.ask("/v1/responses", "pair", stream=True)
        assert (answer.status, names(answer)[-1]) == (200, "response.failed")
        assert "error" not in names(answer), "response.failed ends a stream of responses"
        told = json.loads(events(answer.body)[-1])["response"]["error"]
        assert told == {"code": "context_length_exceeded", "message": WORDS}
        line = setting.line(answer)
        assert (line["error"], line["end_reason"]) == ("invalid_request", "upstream_error")
        assert "context_length_exceeded" in line["cause"] and WORDS in line["cause"]
    assert setting.fleet.counts() == {"first": 4, "second": 0}
    assert "cools down" not in routes(explain(setting.gateway, setting.key.public_id, "pair"))["pair/1"]["finding"]
    sdk = openai.OpenAI(base_url=f"{setting.gateway.url}/v1", api_key=setting.key.text, max_retries=0)
    with sdk:
        heard = list(sdk.responses.create(model="pair", input="hi", stream=True))
    assert (heard[-1].type, heard[-1].response.error.code) == ("response.failed", "context_length_exceeded")


def test_an_error_event_alone_keeps_its_code(setting: Setting) -> None:
    """Nothing has gone out, so the caller gets an ordinary error."""
    error = {"code": "context_length_exceeded", "message": WORDS, "param": "input"}
    setting.fleet.reset(first=answers.stream([*responses.LIFECYCLE, responses.event("error", 8, **error)]))
    told = check_error(setting.ask("/v1/responses", "pair", stream=True), 400, "context_length_exceeded")
    assert (told["message"], told["param"], told["type"]) == (WORDS, "input", "invalid_request_error")


def test_a_chat_that_is_at_fault(setting: Setting) -> None:
    error = {"error": {"code": 400, "message": WORDS}}
    setting.fleet.reset(first=answers.stream([answers.event(error)]))
    check_error(setting.ask("/v1/chat/completions", "pair", stream=True), 400, "400")
    setting.fleet.reset(first=answers.whole(error))
    check_error(setting.ask("/v1/chat/completions", "pair"), 400, "400")
    assert setting.fleet.counts()["second"] == 0


@pytest.mark.parametrize("code", ["rate_limit_exceeded", "insufficient_quota"])
def test_a_limit_goes_elsewhere_and_cools_down(setting: Setting, code: str) -> None:
    setting.fleet.reset(first=only_failed(code), second=responses.ordinary())
    answer = setting.ask("/v1/responses", "pair", stream=True)
    assert (answer.status, answer.header("x-gateway-provider")) == (200, "second")
    assert b"response.failed" not in answer.body
    assert "cools down" in routes(explain(setting.gateway, setting.key.public_id, "pair"))["pair/1"]["finding"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_falls_back_streaming_or_not(setting: Setting, stream: bool) -> None:
    broken = responses.response("half", "failed", error={"code": "server_error", "message": WORDS})
    setting.fleet.reset(
        first=only_failed("server_error") if stream else answers.whole(broken), second=responses.ordinary()
    )
    answer = setting.ask("/v1/responses", "pair", stream=stream)
    assert (answer.status, answer.header("x-gateway-provider")) == (200, "second")
    answer = setting.ask("/v1/responses", "lone", stream=stream)
    assert setting.line(answer)["error"] == "upstream_error"


def test_a_long_request_that_is_at_fault(setting: Setting) -> None:
    """Each of the first events repeats the instructions: the buffer must not overflow before the last one."""
    long = responses.response(None, "in_progress", instructions="x" * 25_000)
    error = {"code": "context_length_exceeded", "message": WORDS}
    events = [
        responses.event("response.created", 0, response=long),
        responses.event("response.in_progress", 1, response=long),
        responses.event("response.failed", 2, response=long | {"status": "failed", "error": error}),
    ]
    setting.fleet.reset(first=answers.stream(events))
    answer = setting.ask("/v1/responses", "pair", stream=True)
    assert (answer.status, names(answer)[-1]) == (200, "response.failed")


def test_an_error_and_no_end(setting: Setting) -> None:
    """The provider reports the error and keeps the connection open: the gateway waits for a second at most."""
    error = responses.event("error", 2, code="server_error", message=WORDS, param=None)
    setting.fleet.reset(first=answers.stall_after([*responses.LIFECYCLE, *responses.CONTENT, error]))
    answer = setting.ask("/v1/responses", "lone", stream=True)
    line = setting.line(answer)
    assert (line["error"], line["end_reason"]) == ("upstream_error", "upstream_error")
    assert line["duration_ms"] < 10_000, line


@pytest.mark.parametrize("shape", [failed, only_failed])
def test_a_failure_after_content_keeps_the_providers_event(setting: Setting, shape: Callable[..., Behaviour]) -> None:
    """Some clients (Codex) know no other event of a failure than `response.failed`."""
    setting.fleet.reset(first=shape("server_error", first=[*responses.LIFECYCLE, *responses.CONTENT]))
    answer = setting.ask("/v1/responses", "pair", stream=True)
    assert names(answer)[-1] == "response.failed" and "error" not in names(answer)
    assert setting.line(answer)["end_reason"] == "upstream_error"


@pytest.mark.parametrize(
    "first", [responses.LIFECYCLE, [*responses.LIFECYCLE, *responses.CONTENT]], ids=["early", "late"]
)
@pytest.mark.parametrize("code", ["server_error", "invalid_prompt"])
def test_a_credential_in_an_error_goes_nowhere(setting: Setting, code: str, first: list[bytes]) -> None:
    setting.fleet.reset(first=only_failed(code, f"bad key {TOKEN} here", first=first))
    answer = setting.ask("/v1/responses", "lone", stream=True)
    assert TOKEN not in answer.body.decode() and TOKEN not in json.dumps(setting.line(answer))
    assert b"response.failed" not in answer.body, "the event quotes it"
    assert (b"bad key" in answer.body) == (code == "invalid_prompt"), (
        "the words about a request, without the credential"
    )


def test_an_item_that_was_not_kept(setting: Setting) -> None:
    """OpenAI's message for a reasoning item of a response with `store: false`."""
    words = "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false."
    error = {"message": words, "type": "invalid_request_error", "param": "input", "code": None}
    setting.fleet.reset(first=answers.whole({"error": error}, 404))
    for _ in range(3):
        told = check_error(setting.ask("/v1/responses", "pair"), 400, None)
        assert (told["message"], told["param"]) == (words, "input")
    assert setting.fleet.counts() == {"first": 3, "second": 0}
    assert "cools down" not in routes(explain(setting.gateway, setting.key.public_id, "pair"))["pair/1"]["finding"]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_provider_without_such_an_endpoint_keeps_its_other_requests(setting: Setting, status: int) -> None:
    """llama.cpp's server answers embeddings with 501, and chats normally."""
    setting.fleet.reset(first=answers.whole({"error": {"message": "not here"}}, status), second=responses.ordinary())
    for _ in range(4):
        assert setting.ask("/v1/embeddings", "pair", input="x", messages=None).header("x-gateway-provider") == "second"
    setting.fleet.reset(first=answers.ordinary())
    assert setting.ask("/v1/chat/completions", "pair").header("x-gateway-provider") == "first"


@pytest.mark.parametrize("kind", ["response.in_progress", "response.incomplete", "response.output_item.done"])
def test_a_credential_in_any_other_event_goes_nowhere(setting: Setting, kind: str) -> None:
    quoted = responses.response(None, "incomplete", error={"code": "x", "message": f"bad key {TOKEN} here"})
    events = [*responses.LIFECYCLE, *responses.CONTENT, responses.event(kind, 9, response=quoted)]
    setting.fleet.reset(first=answers.stream(events))
    answer = setting.ask("/v1/responses", "lone", stream=True)
    assert TOKEN not in answer.body.decode() and TOKEN not in json.dumps(setting.line(answer))
    assert names(answer)[-1] == "error"
