"""Who may ask for which model, what a name stands for, and what callers say about their requests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from conftest import launch
from support import answers, chat, documents, people, wait
from support.chat import check_error
from support.client import Answer
from support.configuration import seed, seeded_key
from support.documents import route
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

ALL = None
TEAMS = {"platform": ALL, "narrow": ["small", "chat", "default"], "closed": ALL}
# e-mail: team, allowed models
USERS = {
    "free@example.com": ("platform", ALL),
    "limited@example.com": ("platform", ["other", "default"]),
    "both@example.com": ("narrow", ["small", "other", "tool/large"]),
    "alone@example.com": (None, ["chat"]),
    "invited@example.com": ("platform", ALL),
    "gone@example.com": ("platform", ALL),
    "member@example.com": ("closed", ALL),
}


@dataclass
class Caller:
    owner: str | None = None
    grants: list[str] | None = ALL

    def layers(self) -> list[tuple[str, list[str]]]:
        """Those that restrict at all, in the order in which they are asked, each by the words that name it."""
        kind, _, name = (self.owner or "").partition(":")
        team, own = USERS[name] if kind == "user" else (name or None, ALL)
        found = [
            ("this API key's grants", self.grants),
            (f"allowed models of the team `{team}`", TEAMS.get(team, ALL)),
            (f"allowed models of the user `{name}`", own),
        ]
        return [(words, models) for words, models in found if models is not ALL]

    def refusal(self, model: str) -> str | None:
        """The words of the first layer that does not have the model."""
        return next((words for words, models in self.layers() if model not in models), None)


CALLERS = {
    "everything": Caller(),
    "granted": Caller(grants=["chat", "tool/large"]),
    "aliasgrant": Caller(grants=["default", "latest"]),
    "nothing": Caller(grants=[]),
    "teamkey": Caller("team:narrow"),
    "teamgrant": Caller("team:narrow", ["small", "other"]),
    "freeuser": Caller("user:free@example.com"),
    "limited": Caller("user:limited@example.com"),
    "bothlimits": Caller("user:both@example.com"),
    "threelimits": Caller("user:both@example.com", ["chat", "small"]),
    "loneuser": Caller("user:alone@example.com"),
}
# Their owners are not always active.
OTHERS = {
    "invitedkey": Caller("user:invited@example.com"),
    "goneuser": Caller("user:gone@example.com"),
    "closedmember": Caller("user:member@example.com"),
    "closedteam": Caller("team:closed"),
}
SECRET = "a" * 43
# In the order of lists: by rank, then id. Their tags, and what an alias stands for.
MODELS = {
    "chat": ({"fast", "cheap"}, "chat"),
    "default": ({"fast", "aliased"}, "chat"),
    "latest": ({"newest"}, "chat"),
    "small": ({"fast", "cheap", "tiny"}, "small"),
    "other": ({"fast"}, "other"),
    "tool/large": ({"smart", "fast"}, "tool/large"),
}
ALIASES = {"default": "chat", "latest": "default"}


def document(port: int) -> dict:
    keys = []
    for name, caller in (CALLERS | OTHERS).items():
        key: dict = {"name": name, "value": f"literal.gwk_{name}01.{SECRET}"}
        key |= {"owner": caller.owner} if caller.owner else {}
        keys.append(key | ({} if caller.grants is ALL else {"allowed_models": caller.grants}))
    models = []
    for rank, (name, (tags, _)) in enumerate(MODELS.items()):
        target = {"alias_of": ALIASES[name]} if name in ALIASES else {"routes": [route("fake")]}
        # Written the other way round, so that the order of lists is not that of the file.
        models.insert(0, {"id": name, "rank": rank // 2, "tags": sorted(tags)} | target)
    users = []
    for email, (team, allowed) in USERS.items():
        user: dict = {"name": email, "email": email}
        user |= {"membership": {"team": team, "role": "member"}} if team else {}
        users.append(user | ({} if allowed is ALL else {"allowed_models": allowed}))
    return {
        "auth": {"seed_api_keys": keys},
        "providers": [documents.provider("fake", port)],
        "models": models,
        "teams": [
            {"key": key} | ({} if allowed is ALL else {"allowed_models": allowed}) for key, allowed in TEAMS.items()
        ],
        "users": users,
    }


@pytest.fixture(scope="module")
def gateway(shared_upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Everybody is active but `invited`."""
    gateway = launch(tmp_path_factory.mktemp("access"), document(shared_upstream.port))
    assert gateway.command("migrate").returncode == 0
    seed(gateway)
    for email in USERS:
        if not email.startswith("invited"):
            people.set_user(gateway.database, email, "active")
    try:
        yield gateway.start()
    finally:
        gateway.stop()


def key_of(gateway: Gateway, name: str) -> Key:
    return seeded_key(gateway, f"{name}01", SECRET)


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return key_of(gateway, "everything")


def ask(gateway: Gateway, key: Key, model: str, **fields) -> Answer:
    return chat.ask(gateway, key, chat.body(model, **fields))


def logged(gateway: Gateway, answer: Answer) -> dict:
    return json.loads(gateway.log_line(answer.header("x-gateway-request-id")))


# --- grants and allowlists


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", CALLERS)
def test_a_model_is_for_those_whom_every_list_allows_it(
    gateway: Gateway, upstream: FakeUpstream, name: str, model: str
) -> None:
    key, refusal = key_of(gateway, name), CALLERS[name].refusal(model)
    answer = ask(gateway, key, model)
    one = gateway.get(f"/v1/models/{model}", chat.headers(key))
    if refusal is None:
        assert (answer.status, one.status) == (200, 200), answer
        assert (answer.json()["model"], one.json()["id"]) == (model, model)
        return
    for refused in (answer, one):
        error = check_error(refused, 403, "model_not_allowed")
        message = error["message"].lower()
        assert refusal.lower() in message and f"`{model}`" in message, error
        # It names the first list that says no, and none besides.
        assert sum(words in message for words in ("grants", "the team", "the user")) == 1, error
        assert error["param"] == "model"
    assert upstream.requests == []


@pytest.mark.parametrize("name", CALLERS)
def test_the_list_has_what_may_be_asked_for(gateway: Gateway, name: str) -> None:
    answer = gateway.get("/v1/models", chat.headers(key_of(gateway, name)))
    assert answer.status == 200
    visible = [model for model in MODELS if CALLERS[name].refusal(model) is None]
    assert [model["id"] for model in answer.json()["data"]] == visible


@pytest.mark.parametrize("name", ["everything", "granted", "threelimits", "nothing"])
@pytest.mark.parametrize("model", ["no-such-model", "Chat", "chat ", "upstream-model-2026-01-01", ""])
def test_what_nobody_has_is_not_found(gateway: Gateway, upstream: FakeUpstream, name: str, model: str) -> None:
    """Also for those who may not use anything: a name that does not exist is no secret."""
    answer = ask(gateway, key_of(gateway, name), model)
    if model:
        assert f"`{model}`" in check_error(answer, 404, "model_not_found")["message"]
    else:
        assert answer.status in (400, 404)
    assert upstream.requests == []


# --- names: aliases and tags


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_asked_for_and_what_it_stands_for(
    gateway: Gateway, key: Key, upstream: FakeUpstream, model: str, stream: bool
) -> None:
    """The caller sees the name that it used, the operator both, the provider neither."""
    answer = ask(gateway, key, model, stream=stream)
    told = chat.documents(answer) if stream else [answer.json()]
    assert {document["model"] for document in told} == {model}
    line = logged(gateway, answer)
    assert (line["model"], line["resolved_model"]) == (model, MODELS[model][1])
    assert answer.header("x-gateway-route") == f"{MODELS[model][1]}/1"
    assert json.loads(upstream.wait_for_request().body)["model"] == answers.UPSTREAM_MODEL


SELECTORS = [
    "tag:fast",
    "tag:cheap,fast",
    "tag:fast,cheap",
    "tag:tiny",
    "tag:smart",
    "tag:newest",
    "tag:fast, aliased",
    "tag:fast,fast",
]


def selected(caller: Caller, selector: str) -> str | None:
    wanted = {tag.strip() for tag in selector.removeprefix("tag:").split(",")}
    return next((name for name, (tags, _) in MODELS.items() if wanted <= tags and caller.refusal(name) is None), None)


@pytest.mark.parametrize("selector", SELECTORS)
@pytest.mark.parametrize("name", CALLERS)
def test_a_selector_picks_the_first_that_the_caller_may_use(
    gateway: Gateway, upstream: FakeUpstream, name: str, selector: str
) -> None:
    answer, model = ask(gateway, key_of(gateway, name), selector), selected(CALLERS[name], selector)
    if model is None:
        assert selector in check_error(answer, 404, "model_not_found")["message"]
        assert upstream.requests == []
        return
    assert (answer.status, answer.json()["model"]) == (200, selector)
    assert answer.header("x-gateway-route") == f"{MODELS[model][1]}/1"


def test_what_a_selector_stands_for_is_in_the_log(gateway: Gateway, key: Key) -> None:
    line = logged(gateway, ask(gateway, key, "tag:aliased"))
    assert (line["model"], line["resolved_model"]) == ("tag:aliased", "chat")


@pytest.mark.parametrize("selector", ["tag:", "tag:,", "tag:fast,", "tag:,fast", "tag:fast,,cheap", "tag: "])
def test_a_selector_without_a_tag(gateway: Gateway, key: Key, upstream: FakeUpstream, selector: str) -> None:
    error = check_error(ask(gateway, key, selector), 400, "invalid_request")
    assert error["param"] == "model"
    assert upstream.requests == []


@pytest.mark.parametrize("selector", ["tag:FAST", "tag:fas", "tag:fast cheap", "tag:nothing", "tag:chat"])
def test_a_selector_of_tags_that_nobody_has(gateway: Gateway, key: Key, upstream: FakeUpstream, selector: str) -> None:
    assert selector in check_error(ask(gateway, key, selector), 404, "model_not_found")["message"]
    assert upstream.requests == []


# --- owners


def everywhere(gateway: Gateway, key: Key) -> set[int]:
    """The statuses on every event loop: each connection goes to the next one."""
    return {ask(gateway, key, "small").status for _ in range(8)}


def check_inactive(answer: Answer, owner: str) -> None:
    assert owner in check_error(answer, 403, "owner_inactive")["message"]


def test_a_user_who_is_invited(gateway: Gateway, upstream: FakeUpstream) -> None:
    key = key_of(gateway, "invitedkey")
    check_inactive(ask(gateway, key, "chat"), "user:invited@example.com")
    check_inactive(gateway.get("/v1/models", chat.headers(key)), "user:invited@example.com")
    assert upstream.requests == []
    people.set_user(gateway.database, "invited@example.com", "active")
    took = wait.until(lambda: everywhere(gateway, key) == {200}, "the gateway follows")
    print(f"the key was taken after {took:.1f} s; promised: 2 s")


def test_owners_who_become_inactive_and_active_again(gateway: Gateway, upstream: FakeUpstream) -> None:
    """A user, a user's team, and a team; all at once, since the gateway looks each second."""
    owners = {
        "goneuser": "user:gone@example.com",
        "closedmember": "user:member@example.com",
        "closedteam": "team:closed",
    }
    keys = {name: key_of(gateway, name) for name in owners}

    def all_get(status: int) -> bool:
        return all(everywhere(gateway, key) == {status} for key in keys.values())

    assert all_get(200)
    people.set_user(gateway.database, "gone@example.com", "disabled")
    people.set_team(gateway.database, "closed", "inactive")
    took = wait.until(lambda: all_get(403), "the gateway follows")
    print(f"the keys were refused after {took:.1f} s; promised: 2 s")
    for name, owner in owners.items():
        check_inactive(ask(gateway, keys[name], "chat"), owner)
    assert everywhere(gateway, key_of(gateway, "freeuser")) == {200}, "the others are not concerned"
    people.set_user(gateway.database, "gone@example.com", "active")
    people.set_team(gateway.database, "closed", "active")
    wait.until(lambda: all_get(200), "the gateway follows again")


# --- what callers say about their requests

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
    # The others are in order: the message must not name them.
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
    # They are for the gateway's own books.
    assert b"x-gateway" not in upstream.wait_for_request().head.lower()


def test_who_has_no_key_learns_nothing_of_tags(gateway: Gateway) -> None:
    answer = gateway.request("POST", chat.PATH, chat.body(), chat.STRANGER | {"x-gateway-tags": "oops"})
    check_error(answer, 401, "invalid_api_key")
