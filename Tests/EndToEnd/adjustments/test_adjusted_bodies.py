"""What a route changes in the body of a request, as the provider receives it."""

import json

import pytest
from support import chat, documents
from support.adjustments import ABSENT, CHANGES, model_of, only
from support.client import events
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream


def unique(pairs: list[tuple[str, object]]) -> dict:
    assert len(pairs) == len(dict(pairs)), f"a key stands twice: {pairs}"
    return dict(pairs)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_body(gateway: Gateway, key: Key, upstream: FakeUpstream, name: str) -> None:
    change = CHANGES[name]
    body = {"model": model_of(name), "messages": chat.MESSAGES} | change.sent
    body |= {"stream": True} if change.stream else {}
    answer = chat.ask(gateway, key, json.dumps(body).encode())
    assert answer.status == 200, answer
    text = only(upstream).body.decode()
    received = json.loads(text, object_pairs_hook=unique)
    # All other fields are as they were sent.
    wanted = body | {"model": documents.UPSTREAM_MODEL} | change.received
    if change.stream:
        wanted.setdefault("stream_options", {"include_usage": True})
        assert events(answer.body)[-1] == "[DONE]"
    assert received == {field: value for field, value in wanted.items() if value is not ABSENT}
    for words in change.as_written:
        assert words in text.replace(" ", "")


def test_what_is_not_changed_stays_as_it_was_written(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    """Numbers, escapes, order: also where the body is changed by more than its model."""
    messages = '[{"role":"user","content":"\\u00e9 é \\/ \\ud83d\\ude00","n":1.50}]'
    body = '{"zebra":1E+2,"model":"%s","seed":0.10000000000000000001,"messages":%s,"alpha":{"x" : -0}}'
    for name in ("the limit becomes max_tokens", "a field is added", "developers become system"):
        upstream.requests.clear()
        answer = chat.ask(gateway, key, (body % (model_of(name), messages)).encode())
        assert answer.status == 200, answer
        text = only(upstream).body.decode()
        for written in (
            '"zebra":1E+2',
            '"seed":0.10000000000000000001',
            f'"messages":{messages}',
            '"alpha":{"x" : -0}',
        ):
            assert written in text, text
        assert text.index("zebra") < text.index("seed") < text.index("messages") < text.index("alpha")


@pytest.mark.parametrize(
    ("name", "written", "field", "wanted"),
    [
        ("the configuration goes before the caller", '"temper\\u0061ture":2', "temperature", 0.25),
        (
            "objects are merged deeply",
            '"metadata":{"b":1,"b":0,"\\u0062":5}',
            "metadata",
            {"a": {"x": 1, "y": {"deep": True}}, "b": 2},
        ),
        ("store is left out", '"st\\u006fre":true', "store", ABSENT),
        ("reasoning_effort is left out", '"re\\u0061soning_effort":"high"', "reasoning_effort", ABSENT),
        ("of two limits max_tokens stays", '"max_c\\u006fmpletion_tokens":7', "max_tokens", 7),
    ],
)
def test_an_escaped_or_repeated_key_evades_nothing(
    gateway: Gateway, key: Key, upstream: FakeUpstream, name: str, written: str, field: str, wanted: object
) -> None:
    answer = chat.ask(gateway, key, f'{{"model":"{model_of(name)}","messages":[],{written}}}'.encode())
    assert answer.status == 200, answer
    received = json.loads(only(upstream).body, object_pairs_hook=unique)
    assert received.get(field, ABSENT) == wanted, received


def test_an_escaped_developer_is_one(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    messages = '[{"r\\u006fle":"dev\\u0065loper","content":"x"}]'
    body = f'{{"model":"{model_of("developers become system")}","messages":{messages}}}'
    assert chat.ask(gateway, key, body.encode()).status == 200
    assert json.loads(only(upstream).body)["messages"] == [{"role": "system", "content": "x"}]
