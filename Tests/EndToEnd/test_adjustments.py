"""What a route changes in a request, as the provider gets it: the body, the compatibility profile, the headers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from conftest import launch
from support import chat, documents
from support.client import Answer, events
from support.documents import provider, route
from support.explanation import explain, reason
from support.failures import check_failure
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream, Received

ABSENT = object()
DEVELOPER = [
    {"role": "developer", "content": "the developer says developer", "name": "developer"},
    {"role": "user", "content": [{"type": "text", "text": '"role":"developer"'}]},
    {"role": "assistant", "content": None, "role_model": "developer"},
]
AS_SYSTEM = [DEVELOPER[0] | {"role": "system"}, *DEVELOPER[1:]]


@dataclass
class Change:
    """What a route is told, what a caller sends, and what of it the provider gets."""

    options: dict
    sent: dict
    received: dict
    stream: bool = False
    # What must be in the body as it was written.
    as_written: list[str] = field(default_factory=list)


def profile(option: str, value: object, sent: dict, received: dict, **fields) -> Change:
    return Change({"compatibility": {option: value}}, sent, received, **fields)


def extra(body: dict, sent: dict, received: dict, **fields) -> Change:
    return Change({"extra_body": body}, sent, received, **fields)


LIMITS = {"max_tokens": 5, "max_completion_tokens": 7}
USAGE = {"stream_options": {"include_usage": True}}
CHANGES = {
    # The compatibility profile
    "nothing, by default": Change(
        {},
        LIMITS | {"store": True, "reasoning_effort": "low", "messages": DEVELOPER},
        LIMITS | {"store": True, "messages": DEVELOPER},
    ),
    "store is left out": profile("supports_store", False, {"store": True}, {"store": ABSENT}),
    "store is left out if it is false": profile("supports_store", False, {"store": False}, {"store": ABSENT}),
    "store stays": profile("supports_store", True, {"store": True}, {"store": True}),
    "the limit becomes max_tokens": profile(
        "max_tokens_field",
        "max_tokens",
        {"max_completion_tokens": 7},
        {"max_tokens": 7, "max_completion_tokens": ABSENT},
    ),
    "max_tokens stays": profile(
        "max_tokens_field", "max_tokens", {"max_tokens": 5}, {"max_tokens": 5, "max_completion_tokens": ABSENT}
    ),
    "of two limits max_tokens stays": profile(
        "max_tokens_field", "max_tokens", LIMITS, {"max_tokens": 5, "max_completion_tokens": ABSENT}
    ),
    "the limit becomes max_completion_tokens": profile(
        "max_tokens_field",
        "max_completion_tokens",
        {"max_tokens": 5},
        {"max_tokens": ABSENT, "max_completion_tokens": 5},
    ),
    "of two limits max_completion_tokens stays": profile(
        "max_tokens_field", "max_completion_tokens", LIMITS, {"max_tokens": ABSENT, "max_completion_tokens": 7}
    ),
    "no limit is none": profile(
        "max_tokens_field", "max_tokens", {}, {"max_tokens": ABSENT, "max_completion_tokens": ABSENT}
    ),
    "a limit keeps its digits": profile(
        "max_tokens_field",
        "max_tokens",
        {"max_completion_tokens": 12345678901234567890},
        {"max_tokens": 12345678901234567890, "max_completion_tokens": ABSENT},
        as_written=['"max_tokens":12345678901234567890'],
    ),
    "developers become system": profile("developer_role", "system", {"messages": DEVELOPER}, {"messages": AS_SYSTEM}),
    "developers stay": profile("developer_role", "passthrough", {"messages": DEVELOPER}, {"messages": DEVELOPER}),
    "reasoning_effort is left out": profile(
        "reasoning_effort", "omit", {"reasoning_effort": "high"}, {"reasoning_effort": ABSENT, "reasoning": ABSENT}
    ),
    "reasoning_effort becomes an object": profile(
        "reasoning_effort",
        "reasoning_object",
        {"reasoning_effort": "high"},
        {"reasoning_effort": ABSENT, "reasoning": {"effort": "high"}},
    ),
    "no reasoning_effort becomes nothing": profile("reasoning_effort", "reasoning_object", {}, {"reasoning": ABSENT}),
    "a stream's usage is asked for": profile("supports_stream_usage", True, {}, USAGE, stream=True),
    "a stream's usage is not asked for": profile(
        "supports_stream_usage", False, {}, {"stream_options": ABSENT}, stream=True
    ),
    "a caller's stream_options are left out": profile(
        "supports_stream_usage", False, USAGE, {"stream_options": ABSENT}, stream=True
    ),
    # extra_body
    "a field is added": extra({"top_k": 40}, {"seed": 1}, {"top_k": 40, "seed": 1}),
    "the configuration goes before the caller": extra({"temperature": 0.25}, {"temperature": 2}, {"temperature": 0.25}),
    "objects are merged deeply": extra(
        {"metadata": {"a": {"x": 1, "y": {"deep": True}}, "b": 2}},
        {"metadata": {"a": {"x": 0, "z": 3, "y": {"other": None}}, "c": 4}},
        {"metadata": {"a": {"x": 1, "z": 3, "y": {"other": None, "deep": True}}, "b": 2, "c": 4}},
    ),
    "lists are replaced": extra({"stop": ["x"]}, {"stop": ["a", "b"]}, {"stop": ["x"]}),
    "an object replaces what is none": extra(
        {"reasoning": {"max": 9}}, {"reasoning": "high"}, {"reasoning": {"max": 9}}
    ),
    "what is none replaces an object": extra(
        {"reasoning": False}, {"reasoning": {"effort": "high"}}, {"reasoning": False}
    ),
    "texts keep their characters": extra(
        {"note": 'a "quoted" \\ line\nand € é'}, {}, {"note": 'a "quoted" \\ line\nand € é'}
    ),
    "numbers keep their digits": extra(
        {"a": 0.1, "b": 1e30, "c": 9007199254740993}, {}, {"a": 0.1, "b": 1e30, "c": 9007199254740993}
    ),
    "references in it are texts": extra({"note": "env.PATH"}, {}, {"note": "env.PATH"}),
    # The order: model, extra_body, profile, usage
    "the profile has the last word on extra_body": Change(
        {
            "extra_body": {"store": True, "max_tokens": 3},
            "compatibility": {"supports_store": False, "max_tokens_field": "max_completion_tokens"},
        },
        {},
        {"store": ABSENT, "max_tokens": ABSENT, "max_completion_tokens": 3},
    ),
    "usage is asked for whatever extra_body says": extra(
        {"stream_options": {"include_usage": False, "other": 1}},
        {},
        {"stream_options": {"include_usage": True, "other": 1}},
        stream=True,
    ),
    "everything at once": Change(
        {
            "extra_body": {"messages": DEVELOPER, "reasoning_effort": "low"},
            "compatibility": {
                "developer_role": "system",
                "reasoning_effort": "reasoning_object",
                "max_tokens_field": "max_tokens",
                "supports_store": False,
                "supports_stream_usage": False,
            },
        },
        LIMITS | USAGE | {"store": True, "reasoning_effort": "high"},
        {
            "messages": AS_SYSTEM,
            "reasoning": {"effort": "low"},
            "reasoning_effort": ABSENT,
            "max_tokens": 5,
            "max_completion_tokens": ABSENT,
            "store": ABSENT,
            "stream_options": ABSENT,
        },
        stream=True,
    ),
}
DEFAULT_HEADERS = {
    "X-Team": "provider",
    "x-both": "provider",
    "User-Agent": "sluice-test/1",
    "X-Quoted": 'a "b", c; d=é',
}
EXTRA_HEADERS = {"X-BOTH": "route", "x-route": "route"}
NAMED = {"kind": "header", "header": "X-Credential", "token": f"env.{documents.TOKEN_VARIABLE}"}


def model_of(name: str) -> str:
    return f"change-{list(CHANGES).index(name)}"


@pytest.fixture(scope="module")
def gateway(shared_upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    port = shared_upstream.port
    document = {
        "routing": {"max_attempts": 1},
        "providers": [
            provider("fake", port),
            provider("default", port, default_headers=DEFAULT_HEADERS),
            provider("named", port, auth=NAMED, default_headers={"x-team": "provider"}),
            provider("shadowed", port, auth=NAMED, default_headers={"x-credential": "not-this"}),
            provider("open", port, auth={"kind": "none"}),
        ],
        "models": [
            *({"id": model_of(name), "routes": [route("fake", **change.options)]} for name, change in CHANGES.items()),
            {"id": "default", "routes": [route("default")]},
            {"id": "extra", "routes": [route("default", extra_headers=EXTRA_HEADERS)]},
            {"id": "fake-extra", "routes": [route("fake", extra_headers=EXTRA_HEADERS)]},
            {"id": "named", "routes": [route("named")]},
            {"id": "shadowed", "routes": [route("shadowed", extra_headers={"X-CREDENTIAL": "nor-this"})]},
            {"id": "open", "routes": [route("open")]},
            {"id": "missing", "routes": [route("fake", extra_headers={"x-a": "env.THIS_VARIABLE_IS_NOT_SET"})]},
        ],
    }
    gateway = launch(tmp_path_factory.mktemp("adjustments"), document)
    # Values of headers are secrets too.
    gateway.secrets += ["sluice-test/1", "not-this", "nor-this"]
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return gateway.create_key("caller")


def only(upstream: FakeUpstream) -> Received:
    [request] = upstream.requests
    return request


def unique(pairs: list[tuple[str, object]]) -> dict:
    assert len(pairs) == len(dict(pairs)), f"a key stands twice: {pairs}"
    return dict(pairs)


# --- the body


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_body(gateway: Gateway, key: Key, upstream: FakeUpstream, name: str) -> None:
    change = CHANGES[name]
    body = {"model": model_of(name), "messages": chat.MESSAGES} | change.sent
    body |= {"stream": True} if change.stream else {}
    answer = chat.ask(gateway, key, json.dumps(body).encode())
    assert answer.status == 200, answer
    text = only(upstream).body.decode()
    received = json.loads(text, object_pairs_hook=unique)
    # What the change does not speak of is as it was sent.
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
def test_an_escaped_or_repeated_key_goes_past_nothing(
    gateway: Gateway, key: Key, upstream: FakeUpstream, name: str, written: str, field: str, wanted: object
) -> None:
    answer = chat.ask(gateway, key, ('{"model":"%s","messages":[],%s}' % (model_of(name), written)).encode())
    assert answer.status == 200, answer
    received = json.loads(only(upstream).body, object_pairs_hook=unique)
    assert received.get(field, ABSENT) == wanted, received


def test_an_escaped_developer_is_one(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    body = '{"model":"%s","messages":[{"r\\u006fle":"dev\\u0065loper","content":"x"}]}' % model_of(
        "developers become system"
    )
    assert chat.ask(gateway, key, body.encode()).status == 200
    assert json.loads(only(upstream).body)["messages"] == [{"role": "system", "content": "x"}]


# --- headers


def ask(gateway: Gateway, key: Key, model: str) -> Answer:
    answer = chat.ask(gateway, key, chat.body(model))
    assert answer.status == 200, answer
    return answer


def values(request: Received, name: str) -> list[str]:
    return [value for header, value in request.headers if header == name]


def check_headers(request: Received, **wanted: str) -> None:
    """Each of them once, with this value."""
    for name, value in wanted.items():
        assert values(request, name.replace("_", "-")) == [value], request.head


def test_default_headers(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    ask(gateway, key, "default")
    request = only(upstream)
    check_headers(request, x_team="provider", x_both="provider", user_agent="sluice-test/1")
    assert values(request, "x-quoted")[0].encode("latin-1").decode() == DEFAULT_HEADERS["X-Quoted"]
    check_headers(request, authorization=f"Bearer {documents.TOKEN}", content_type="application/json")


def test_extra_headers_come_in_the_place_of_default_headers(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    ask(gateway, key, "extra")
    check_headers(only(upstream), x_team="provider", x_both="route", x_route="route", user_agent="sluice-test/1")
    upstream.requests.clear()
    # Another route of the same provider has nothing of it.
    ask(gateway, key, "default")
    check_headers(only(upstream), x_both="provider")
    assert values(only(upstream), "x-route") == []


def test_extra_headers_without_default_headers(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    ask(gateway, key, "fake-extra")
    check_headers(only(upstream), x_both="route", x_route="route", authorization=f"Bearer {documents.TOKEN}")


@pytest.mark.parametrize("model", ["named", "shadowed"])
def test_a_credential_in_a_header_of_its_own(gateway: Gateway, key: Key, upstream: FakeUpstream, model: str) -> None:
    """No other header of that name comes in its place."""
    ask(gateway, key, model)
    check_headers(only(upstream), x_credential=documents.TOKEN)
    assert values(only(upstream), "authorization") == []


def test_no_credential(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    ask(gateway, key, "open")
    assert values(only(upstream), "authorization") == []
    assert documents.TOKEN.encode() not in only(upstream).head


def test_a_header_without_a_value_takes_its_route_out(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    error = chat.check_error(chat.ask(gateway, key, chat.body("missing")), 503, "no_route_available")
    assert "missing/1 (fake): provider_credentials_missing" in error["message"]
    assert "THIS_VARIABLE" not in error["message"]
    explanation = explain(gateway, key.public_id, "missing")
    [view] = explanation["routes"]
    assert reason(explanation, "missing/1") == "provider_credentials_missing"
    assert (
        "THIS_VARIABLE_IS_NOT_SET" in view["finding"] and view["setting"] == "models[missing].routes[1].extra_headers"
    )
    assert upstream.requests == []


def test_the_second_attempt_has_the_second_routes_changes_alone(make_gateway) -> None:
    with Fleet("first", "second") as fleet:
        changes = {
            name: {"extra_headers": {f"x-{name}": name}, "extra_body": {name: True}} for name in ("first", "second")
        }
        routes = [route(name, priority=number, **changes[name]) for number, name in enumerate(changes)]
        gateway = make_gateway({"providers": fleet.providers(), "models": [{"id": "chat", "routes": routes}]}).start()
        fleet.reset(first=lambda call: call.send(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"))
        assert chat.ask(gateway, gateway.create_key()).status == 200
        for name, other in (("first", "second"), ("second", "first")):
            request = only(fleet[name])
            body = json.loads(request.body)
            assert (values(request, f"x-{name}"), values(request, f"x-{other}")) == ([name], [])
            assert (body.get(name), body.get(other)) == (True, None)


# --- what cannot be configured

FRAMING = ["host", "Content-Length", "content-type", "Transfer-Encoding", "connection", "expect", "upgrade", "te"]
PLACES = {
    "default_headers": lambda document, headers: document["providers"][0].update(default_headers=headers),
    "extra_headers": lambda document, headers: document["models"][0]["routes"][0].update(extra_headers=headers),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "headers", [*({name: "x"} for name in [*FRAMING, "authorization", "a b", "a:b", "", "é"])], ids=str
)
def test_a_header_that_is_not_the_operators_to_set(make_gateway, standard_document, place: str, headers: dict) -> None:
    PLACES[place](standard_document, headers)
    gateway = make_gateway(standard_document)
    check_failure(gateway, gateway.command("config", "validate"), 3, place)


SPLIT = "a\r\nx-injected: 1"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", [SPLIT, f"literal.{SPLIT}", "a\nb", "a\0b", "env.SPLIT_VALUE"])
def test_a_value_that_would_end_its_line(make_gateway, standard_document, place: str, value: str) -> None:
    PLACES[place](standard_document, {"x-a": value})
    gateway = make_gateway(standard_document, SPLIT_VALUE=SPLIT)
    done = gateway.command("config", "validate")
    assert done.returncode in (0, 3) and "x-injected" not in done.stdout + done.stderr, done
    if done.returncode == 0:
        assert value.startswith("env."), "only a reference may be without a value"
        assert place in done.stderr, "it is warned of"


def test_a_credential_that_would_end_its_line(make_gateway, standard_document, upstream: FakeUpstream) -> None:
    gateway = make_gateway(standard_document)
    gateway.environment[documents.TOKEN_VARIABLE] = f"token-of-two-lines\r\n{SPLIT}"
    gateway.secrets.append("token-of-two-lines")
    if gateway.command("config", "validate").returncode == 0:
        gateway.start()
        chat.check_error(chat.ask(gateway, gateway.create_key()), 503, "no_route_available")
    assert upstream.requests == []


@pytest.mark.parametrize("body", [{"model": "x"}, {"stream": True}, {"stream": False}, [1], "text"], ids=str)
def test_an_extra_body_that_is_not_the_operators_to_set(make_gateway, standard_document, body: object) -> None:
    standard_document["models"][0]["routes"][0]["extra_body"] = body
    gateway = make_gateway(standard_document)
    check_failure(gateway, gateway.command("config", "validate"), 3, "extra_body")


@pytest.mark.parametrize(
    "profile",
    [
        {"max_tokens_field": "tokens"},
        {"developer_role": "user"},
        {"reasoning_effort": "high"},
        {"supports_store": "no"},
        {"supports_sotre": True},
    ],
    ids=str,
)
def test_a_profile_that_makes_no_sense(make_gateway, standard_document, profile: dict) -> None:
    standard_document["models"][0]["routes"][0]["compatibility"] = profile
    gateway = make_gateway(standard_document)
    check_failure(gateway, gateway.command("config", "validate"), 3, "compatibility", next(iter(profile)))
