"""The caller's bytes reach the upstream unchanged, apart from what must change; so do the bytes of the answer."""

import json

import pytest
from support import answers, chat, documents
from support.answers import UPSTREAM_MODEL
from support.client import events
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

REWRITTEN = json.dumps(UPSTREAM_MODEL).encode()

# Each has @ in place of the model's value.
BODIES = [
    b'{"model":@,"messages":[]}',
    b'{"messages":[],"model":@}',
    b' {\r\n\t"model" : @ , "messages" : [ ] } \n',
    b'{"model":@,"messages":[],"temperature":1e400,"top_p":0.10000000000000000001,"seed":12345678901234567890123}',
    b'{"model":@,"messages":[],"x":-0,"y":1E+2,"z":1.50,"w":-0.0e-0}',
    b'{"zebra":1,"model":@,"alpha":2,"messages":[{"role":"user","content":"a","b":null}],"mid":3}',
    b'{"model":@,"messages":[{"role":"user","content":"\\u00e9\\u0041\\/\\ud83d\\ude00 \xc3\xa9 \xf0\x9f\x98\x80"}]}',
    b'{"model":@,"messages":[{"content":"\\ud800 lone","role":"user"}]}',
    b'{"model":@,"messages":[],"unknown_field":{"model":"not this","deep":[[["model",{"model":"nor this"}]]]}}',
    b'{"model":@,"messages":[{"role":"user","content":"\\"model\\":\\"no\\""}],"":"empty","\\u006dodels":1}',
    b'{"model":@,"messages":[{"a":1,"a":2}],"metadata":{"k":"v","k":"v"}}',
]


@pytest.mark.parametrize("template", BODIES)
def test_only_the_model_changes(gateway: Gateway, key: Key, upstream: FakeUpstream, template: bytes) -> None:
    upstream.behaviour = answers.whole(answers.completion())
    answer = chat.ask(gateway, key, template.replace(b"@", b'"chat"', 1))
    assert answer.status == 200, answer
    assert upstream.wait_for_request().body == template.replace(b"@", REWRITTEN, 1)


def test_an_escaped_model_and_an_escaped_key(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    answer = chat.ask(gateway, key, b'{"mod\\u0065l":"ch\\u0061t","messages":[]}')
    assert answer.status == 200, answer
    assert upstream.wait_for_request().body == b'{"mod\\u0065l":%s,"messages":[]}' % REWRITTEN


def without_stream_options(body: bytes) -> bytes:
    """The body without the one member that the gateway adds; fails if it added anything else in another place."""
    added = b'"stream_options":{"include_usage":true}'
    for piece in (b"," + added, added + b","):
        if piece in body:
            return body.replace(piece, b"", 1)
    raise AssertionError(f"no stream_options were added: {body}")


def test_a_stream_gains_only_stream_options(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    template = b'{"model":@,"stream":true,"messages":[],"seed":0.10000000000000000001}'
    answer = chat.ask(gateway, key, template.replace(b"@", b'"chat"'))
    assert answer.status == 200, answer
    assert without_stream_options(upstream.wait_for_request().body) == template.replace(b"@", REWRITTEN)


def test_the_callers_own_stream_options_stay(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    for written in (b'{"include_usage":true,"x":1.0}', b'{ "include_usage" : true }'):
        upstream.reset(answers.ordinary())
        template = b'{"model":@,"stream":true,"stream_options":%s,"messages":[]}' % written
        assert chat.ask(gateway, key, template.replace(b"@", b'"chat"')).status == 200
        assert upstream.wait_for_request().body == template.replace(b"@", REWRITTEN)


@pytest.mark.parametrize("written", ["null", "{}", '{"include_usage":false}', '{"include_obfuscation":false}'])
def test_usage_is_requested_whatever_the_caller_sends(
    gateway: Gateway, key: Key, upstream: FakeUpstream, written: str
) -> None:
    body = b'{"model":"chat","stream":true,"stream_options":%s,"messages":[]}' % written.encode()
    answer = chat.ask(gateway, key, body)
    sent = json.loads(upstream.wait_for_request().body)["stream_options"]
    assert sent == (json.loads(written) or {}) | {"include_usage": True}
    assert all(not document.get("usage") for document in chat.documents(answer))
    assert events(answer.body)[-1] == "[DONE]"


def test_the_answer_keeps_its_bytes_but_the_model(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    template = (
        b'{ "id":"x","model" : @,"choices":[{"index":0,"message":{"role":"assistant","content":"\\u00e9 \xc3\xa9",'
        b'"model":"inner"},"logprobs":{"p":-0.10000000000000000001},"finish_reason":"stop"}],'
        b'"n":1e400,"zz":{"model":"m"} }\n'
    )
    upstream.behaviour = answers.whole(template.replace(b"@", REWRITTEN))
    assert chat.ask(gateway, key).body == template.replace(b"@", b'"chat"')


def test_every_chunk_keeps_its_bytes_but_the_model(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    template = b'{"model":@,"choices":[{"index":0,"delta":{"content":"\\u0041 1e400"},"x":0.10000000000000000001%s}]}'
    parts = [template % b"", template % b', "finish_reason":"stop"']
    sent = [b"data: %s\n\n" % part.replace(b"@", REWRITTEN) for part in parts]
    upstream.behaviour = answers.stream([*sent, answers.DONE])
    answer = chat.ask(gateway, key, chat.body("vendor/family/chat", stream=True))
    wanted = [part.replace(b"@", b'"vendor/family/chat"').decode() for part in parts]
    assert events(answer.body) == [*wanted, "[DONE]"]


def test_the_upstream_gets_its_own_credential_and_nothing_of_the_callers(
    gateway: Gateway, key: Key, upstream: FakeUpstream
) -> None:
    chat.ask(gateway, key, cookie="session=1", x_custom="1", openai_organization="org-1", user_agent="caller/1")
    request = upstream.wait_for_request()
    assert request.header("authorization") == f"Bearer {documents.TOKEN}"
    assert request.target == "/v1/chat/completions"
    assert request.header("host") == f"127.0.0.1:{upstream.port}"
    assert request.header("content-type") == "application/json"
    for name in ("cookie", "x-custom", "openai-organization", "x-api-key"):
        assert request.header(name) is None, name
    assert key.secret.encode() not in request.head


def test_a_named_header_carries_the_credential(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    assert chat.ask(gateway, key, chat.body("keyed")).status == 200
    request = upstream.wait_for_request()
    assert (request.header("api-key"), request.header("authorization")) == (documents.TOKEN, None)


def test_a_body_of_ten_mebibytes_passes(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    body = chat.body(padding="x" * (10 << 20))
    upstream.behaviour = answers.whole(answers.completion())
    assert chat.ask(gateway, key, body).status == 200
    assert upstream.wait_for_request().body == body.replace(b'"chat"', REWRITTEN, 1)
