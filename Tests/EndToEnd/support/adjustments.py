"""What routes change in requests: each change with what a caller sends and what the provider receives."""

from dataclasses import dataclass, field

from . import documents
from .upstream import FakeUpstream, Received

ABSENT = object()
DEVELOPER = [
    {"role": "developer", "content": "the developer says developer", "name": "developer"},
    {"role": "user", "content": [{"type": "text", "text": '"role":"developer"'}]},
    {"role": "assistant", "content": None, "role_model": "developer"},
]
AS_SYSTEM = [DEVELOPER[0] | {"role": "system"}, *DEVELOPER[1:]]


@dataclass
class Change:
    """The options of a route, the caller's fields, and the fields that the provider gets."""

    options: dict
    sent: dict
    received: dict
    stream: bool = False
    # Text that must be in the body as written.
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
    "no limit adds no limit": profile(
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
    "an object replaces another type": extra(
        {"reasoning": {"max": 9}}, {"reasoning": "high"}, {"reasoning": {"max": 9}}
    ),
    "another type replaces an object": extra(
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


def only(upstream: FakeUpstream) -> Received:
    [request] = upstream.requests
    return request
