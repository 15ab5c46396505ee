"""Tags that callers send with their requests: `x-gateway-service`, `-component`, `-env` and `-tags`."""

import pytest
from support import chat
from support.chat import check_error
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

NAMES = ["service", "component", "env"]
LONGEST = "v" * 64
GOOD_TAGS = [
    "a=1",
    "key=value; key2=value2",
    "a=1;b=2;c=3;d=4;e=5",
    " a = 1 ; b = 2 ",
    f"{'k' * 32}={LONGEST}",
    "a.b_c-9=A.b_c/d:e-9",
    "services=x",
]


def twice(header: str, first: str, second: str) -> dict[str, str]:
    return {header: f"{first}\r\n{header}: {second}"}


BAD_VALUES = {
    "nothing": "",
    "too long": LONGEST + "v",
    "a space": "a b",
    "a comma": "a,b",
    "a semicolon": "a;b",
    "an equals sign": "a=b",
    "quotes": '"a"',
    "not ASCII": "caf\xe9",
    "a tab": "a\tb",
    "a percent sign": "a%20b",
    "an at sign": "a@b",
    "a backslash": "a\\b",
}
BAD_TAGS = {
    "nothing": "",
    "no equals sign": "a",
    "no key": "=1",
    "no value": "a=",
    "nothing but an equals sign": "=",
    "a capital": "Team=1",
    "a digit first": "1a=1",
    "a point first": ".a=1",
    "a space in the key": "a b=1",
    "a space in the value": "a=1 2",
    "a key too long": "k" * 33 + "=1",
    "a value too long": f"a={LONGEST}v",
    "two equals signs": "a=b=c",
    "a key twice": "a=1; a=2",
    "the same twice": "a=1; a=1",
    "six": "a=1;b=2;c=3;d=4;e=5;f=6",
    "a semicolon at the end": "a=1;",
    "a semicolon first": ";a=1",
    "two semicolons": "a=1;;b=2",
    "commas": "a=1,b=2",
    "quotes": 'a="1"',
    "not ASCII": "a=caf\xe9",
    "a key that is not ASCII": "caf\xe9=1",
    "JSON": '{"a":"1"}',
    **{f"the key {name}": f"{name}=x" for name in NAMES},
}
VIOLATIONS: dict[str, tuple[str, dict[str, str]]] = {}
for name in NAMES:
    header = f"x-gateway-{name}"
    VIOLATIONS |= {f"{name}: {what}": (header, {header: value}) for what, value in BAD_VALUES.items()}
    VIOLATIONS[f"{name}: twice"] = (header, twice(header, "a", "b"))
    VIOLATIONS[f"{name}: twice the same"] = (header, twice(header, "a", "a"))
VIOLATIONS |= {f"tags: {what}": ("x-gateway-tags", {"x-gateway-tags": value}) for what, value in BAD_TAGS.items()}
VIOLATIONS["tags: twice"] = ("x-gateway-tags", twice("x-gateway-tags", "a=1", "b=2"))


@pytest.mark.parametrize("what", VIOLATIONS)
def test_a_broken_tag_is_refused_by_its_header(gateway: Gateway, key: Key, upstream: FakeUpstream, what: str) -> None:
    header, headers = VIOLATIONS[what]
    # The other headers are valid: the message must not name them.
    others = {f"x-gateway-{name}": "fine" for name in NAMES if f"x-gateway-{name}" != header}
    answer = gateway.request("POST", chat.PATH, chat.body(), chat.headers(key) | others | headers)
    error = check_error(answer, 400, "invalid_tags")
    assert error["param"] == header and f"`{header}`" in error["message"], error
    assert upstream.requests == []


@pytest.mark.parametrize("tags", GOOD_TAGS)
def test_good_tags(gateway: Gateway, key: Key, upstream: FakeUpstream, tags: str) -> None:
    said = {
        "X-Gateway-Service": "a/b:c.d_e-9",
        "x-gateway-COMPONENT": LONGEST,
        "x-gateway-env": "P",
        "x-gateway-tags": tags,
    }
    answer = gateway.request("POST", chat.PATH, chat.body(), chat.headers(key) | said)
    assert answer.status == 200, answer
    # The tags are for the gateway's own records.
    assert b"x-gateway" not in upstream.wait_for_request().head.lower()


def test_a_caller_without_a_key_learns_nothing_about_tags(gateway: Gateway) -> None:
    answer = gateway.request("POST", chat.PATH, chat.body(), chat.STRANGER | {"x-gateway-tags": "oops"})
    check_error(answer, 401, "invalid_api_key")
