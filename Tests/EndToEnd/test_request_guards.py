"""What a request may carry to a provider, and what it may not: fields that choose the model, headers, references."""

import json

import openai
import pytest
from support import answers, chat, documents, responses
from support.gateway import Gateway, Key
from support.upstream import Call, FakeUpstream


@pytest.mark.parametrize(
    "field", ["models", "fallbacks", "route", "provider", "model_list", "Models", "fallbac\u212as"]
)
def test_a_field_that_chooses_the_model_is_refused(gateway: Gateway, key: Key, upstream, field: str) -> None:
    answer = chat.ask(gateway, key, chat.body(**{field: ["expensive"]}))
    error = chat.check_error(answer, 400, "unsupported_parameter")
    assert error["param"] == field.lower().replace("\u212a", "k") and "allow_fields" in error["message"]
    assert not upstream.requests
    assert chat.ask(gateway, key, chat.body(**{field: None})).status == 200, "null chooses nothing"


def test_a_route_may_allow_such_a_field(start_gateway, standard_document, upstream: FakeUpstream) -> None:
    pair = [documents.route("fake", priority=1), documents.route("fake", priority=2, allow_fields=["provider"])]
    standard_document["models"] = [{"id": "chat", "routes": pair}]
    standard_document["routing"] = {"max_attempts": 3}
    gateway = start_gateway(standard_document)
    key = gateway.create_key()
    answer = chat.ask(gateway, key, chat.body(provider={"zdr": True}))
    assert (answer.status, answer.header("x-gateway-route")) == (200, "chat/2")
    assert json.loads(upstream.wait_for_request().body)["provider"] == {"zdr": True}
    chat.check_error(chat.ask(gateway, key, chat.body(models=["x"])), 400, "unsupported_parameter")


def test_headers_of_codex_pass_both_ways(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    headers = {"session_id": "s1", "X-Codex-Window-Id": "w1", "OpenAI-Beta": "b1", "x-gateway-env": "test"}
    headers |= {"Cookie": "c", "User-Agent": "codex_exec/1"}
    told = [("x-codex-turn-state", "t1"), ("x-codex-primary-used-percent", "93"), ("openai-organization", "org-1")]
    upstream.behaviour = answers.whole(responses.response("hello"), headers=told)
    body = json.dumps({"model": "chat", "input": "hi"}).encode()
    answer = gateway.request("POST", "/v1/responses", body, chat.headers(key) | headers)
    assert answer.status == 200, answer
    request = upstream.wait_for_request()
    assert [request.header(name) for name in ("session_id", "x-codex-window-id", "openai-beta")] == ["s1", "w1", "b1"]
    assert request.header("x-gateway-env") is None and request.header("cookie") is None
    assert request.header("user-agent") == "sluice"
    assert answer.header("x-codex-turn-state") == "t1"
    assert answer.header("x-codex-primary-used-percent") is None and answer.header("openai-organization") is None


def reasoning_model(upstream: FakeUpstream) -> None:
    """As OpenAI does without a store: reasoning without content unless it is asked for, and no id resolves."""

    async def behave(call: Call) -> None:
        body = json.loads(call.request.body)
        items = body["input"] if isinstance(body["input"], list) else []
        if any(item.get("type") == "reasoning" and not item.get("encrypted_content") for item in items):
            error = {"message": "Item with id 'rs_1' not found.", "type": "invalid_request_error", "param": "input"}
            await answers.whole({"error": error}, 404)(call)
            return
        item = {"type": "reasoning", "id": "rs_1", "summary": []}
        if "reasoning.encrypted_content" in (body.get("include") or []):
            item["encrypted_content"] = "sealed"
        whole = responses.response("hello")
        whole["output"].insert(0, item)
        await answers.whole(whole)(call)

    upstream.behaviour = behave


@pytest.mark.parametrize("fields", [{}, {"reasoning": {"effort": "low"}}], ids=["unasked", "asked"])
def test_reasoning_goes_back_and_forth_without_a_store(
    sdk: openai.OpenAI, upstream: FakeUpstream, fields: dict
) -> None:
    """The SDK's own idiom, which agents use: all of the output becomes input."""
    reasoning_model(upstream)
    history = [{"role": "user", "content": "hi"}]
    for _ in range(3):
        told = sdk.responses.create(model="chat", input=history, **fields)
        history += [*told.output, {"role": "user", "content": "go on"}]
    last = json.loads(upstream.requests[-1].body)
    sealed = [item for item in last["input"] if item.get("type") == "reasoning"]
    # By its id alone reasoning is lost, and left out; from then on it is clear that the model reasons.
    assert len(sealed) == (2 if fields else 1)


@pytest.mark.parametrize("silence", ["id: 7\n"])
def test_a_keep_alive_is_no_event_of_an_sdk(sdk: openai.OpenAI, upstream: FakeUpstream, silence: str) -> None:
    """Once a stream has had an id, openai-python makes an event of each blank line, and raises."""
    first, *rest = [silence.encode() + event for event in answers.words()]
    upstream.behaviour = answers.stream([first, b"".join([*rest, answers.DONE])], pace=16)
    chunks = list(sdk.chat.completions.create(model="chat", messages=chat.MESSAGES, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == " word0 word1 word2"


def test_one_tenant_takes_no_route_from_the_others(start_gateway, standard_document, upstream: FakeUpstream) -> None:
    """Bodies that crash the provider's server are their sender's own affair."""
    standard_document["teams"] = [{"key": "blue"}, {"key": "red"}]
    pair = [documents.route("fake", priority=1), documents.route("sim", priority=2)]
    standard_document["models"] = [{"id": "chat", "routes": pair}]
    standard_document["routing"] = {"max_attempts": 2, "cooldown": {"failures": 3, "seconds": 60}}
    gateway = start_gateway(standard_document)
    blue, red = gateway.create_key("blue", team="blue"), gateway.create_key("red", team="red")

    async def crash_on_poison(call: Call) -> None:
        poisoned = b"poison" in call.request.body
        await (answers.whole(b"oops", 500) if poisoned else answers.ordinary())(call)

    upstream.behaviour = crash_on_poison
    for _ in range(5):
        assert chat.ask(gateway, blue, chat.body(user="poison")).header("x-gateway-provider") == "sim"
    assert len(upstream.requests) == 3, "for its sender the route cools down"
    assert chat.ask(gateway, blue).header("x-gateway-provider") == "sim"
    assert chat.ask(gateway, red).header("x-gateway-provider") == "fake"
