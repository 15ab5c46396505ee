"""`gateway explain`: what becomes of a request and why, at each stage, allowed or refused; and it is what happens."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from conftest import launch
from support import chat, people, wait
from support.client import Answer
from support.configuration import seed, seeded_key
from support.databases import Database
from support.documents import model, provider, route
from support.explanation import explain, reason, routes, stage
from support.failures import check_failure
from support.gateway import BINARY, Gateway, Key
from support.upstream import FakeUpstream

SECRET = "e" * 43
# What the flags of the command stand for in a request.
FLAGS = {
    "--stream": {"stream": True},
    "--tools": {"tools": [{"type": "function", "function": {"name": "f"}}]},
    "--vision": {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
    "--audio": {
        "messages": [
            {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]}
        ]
    },
    "--files": {"messages": [{"role": "user", "content": [{"type": "file", "file": {"filename": "f", "file_data": "data:text/plain;base64,aGk="}}]}]},
    "--json-schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}},
    "--developer-role": {"messages": [{"role": "developer", "content": "x"}]},
}
CAPABILITIES = {flag: flag.removeprefix("--").replace("-", "_") for flag in FLAGS}
NO_TOOLS = {"capabilities": {"tools": False}}
MIXED = [
    route("fake", enabled=False),
    route("fake", weight=0),
    {"provider": "vertex", "upstream_model": "google/gemini", "pricing": "free"},
    route("unset"),
    route("fake", **NO_TOOLS),
    route("fake", extra_headers={"x-a": "env.THIS_VARIABLE_IS_NOT_SET"}),
]


def seeded(name: str, owner: str | None = None, grants: list[str] | None = None) -> dict:
    fields: dict = {"owner": owner} if owner else {}
    return (
        {"name": name, "value": f"literal.gwk_{name}01.{SECRET}"}
        | fields
        | ({"allowed_models": grants} if grants else {})
    )


def document(port: int) -> dict:
    lacking = [
        {"id": f"no{flag}", "tags": ["lacking"], "routes": [route("fake", capabilities={capability: False})]}
        for flag, capability in CAPABILITIES.items()
    ]
    return {
        "routing": {"max_attempts": 1},
        "auth": {
            "seed_api_keys": [
                seeded("caller"),
                seeded("granted", grants=["chat", "alias"]),
                seeded("teamkey", "team:narrow"),
                seeded("userkey", "user:user@example.com"),
                seeded("memberkey", "user:member@example.com"),
                seeded("invitedkey", "user:invited@example.com"),
                seeded("inactivekey", "team:inactive"),
            ]
        },
        "providers": [
            provider("fake", port),
            provider("unset", port, auth={"kind": "bearer", "token": "env.THIS_VARIABLE_IS_NOT_SET"}),
            {"id": "vertex", "type": "gcp_vertex", "project_id": "p"},
        ],
        "models": [
            {
                "id": "chat",
                "tags": ["fast"],
                "rank": 1,
                "routes": [route("fake", weight=3), route("fake"), route("fake", priority=200)],
            },
            {"id": "alias", "tags": ["named"], "alias_of": "between"},
            {"id": "between", "alias_of": "chat"},
            model("other", tags=["fast", "other"]),
            {"id": "disabled", "routes": [route("fake", enabled=False)]},
            {"id": "weightless", "routes": [route("fake", weight=0)]},
            {"id": "vertex", "routes": [MIXED[2]]},
            model("unset", "unset"),
            {"id": "headless", "routes": [MIXED[5]]},
            {"id": "mixed", "routes": MIXED},
            {"id": "mixed-only", "routes": MIXED[:4]},
            {"id": "partly", "routes": [route("fake", capabilities={"vision": False}), route("fake", **NO_TOOLS)]},
            *lacking,
        ],
        "teams": [{"key": "narrow", "allowed_models": ["chat"]}, {"key": "inactive"}],
        "users": [
            {"name": "User", "email": "user@example.com", "allowed_models": ["chat"]},
            {"name": "Member", "email": "member@example.com", "membership": {"team": "narrow", "role": "member"}},
            {"name": "Invited", "email": "invited@example.com"},
        ],
    }


@pytest.fixture(scope="module")
def gateway(shared_upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    gateway = launch(tmp_path_factory.mktemp("explain"), document(shared_upstream.port))
    gateway.secrets.append(SECRET)
    assert gateway.command("migrate").returncode == 0
    seed(gateway)
    for email in ("user@example.com", "member@example.com"):
        people.set_user(gateway.database, email, "active")
    people.set_team(gateway.database, "inactive", "inactive")
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def keys(gateway: Gateway) -> dict[str, Key]:
    """By name: those of the file, one that is revoked, and one that has expired."""
    found = {
        each["name"]: seeded_key(gateway, f"{each['name']}01", SECRET) for each in document(0)["auth"]["seed_api_keys"]
    }
    found["revoked"] = gateway.create_key("revoked")
    assert gateway.command("keys", "revoke", found["revoked"].public_id).returncode == 0
    found["expired"] = gateway.create_key("expired", expires="1s")
    headers = chat.headers(found["expired"])
    wait.until(lambda: gateway.get("/v1/models", headers).status == 401, "the key expires")
    return found


@dataclass
class Case:
    """A request, what becomes of it, and the setting behind it."""

    key: str
    model: str
    status: int = 200
    code: str | None = None
    # Where it is refused; None if it is let through.
    stage: str | None = None
    setting: str | None = None
    flags: tuple[str, ...] = ()
    # By route: why it is dropped, None if it is kept.
    routes: dict[str, str | None] = field(default_factory=dict)
    resolved: str | None = None


def dropped(model: str, reason: str, setting: str) -> Case:
    return Case(
        "caller", model, 503, "no_route_available", "plan", setting, routes={f"{model}/1": reason}, resolved=model
    )


CHAT = {"chat/1": None, "chat/2": None, "chat/3": None}
CASES = {
    # Let through
    "a model": Case("caller", "chat", routes=CHAT, resolved="chat"),
    "a model for which a key has a grant": Case("granted", "chat", routes=CHAT, resolved="chat"),
    "an alias for which a key has a grant": Case("granted", "alias", routes=CHAT, resolved="chat"),
    "a model of the team": Case("teamkey", "chat", routes=CHAT, resolved="chat"),
    "a model of the user's team": Case("memberkey", "chat", routes=CHAT, resolved="chat"),
    "a model of the user": Case("userkey", "chat", routes=CHAT, resolved="chat"),
    "a tag": Case("caller", "tag:fast", routes=CHAT, resolved="chat"),
    "a tag of an alias": Case("caller", "tag:named", routes=CHAT, resolved="chat"),
    "two tags": Case("caller", "tag:other,fast", routes={"other/1": None}, resolved="other"),
    "everything at once": Case(
        "caller", "chat", flags=("--stream", "--tools", "--json-schema"), routes=CHAT, resolved="chat"
    ),
    "a route of several": Case(
        "caller",
        "mixed",
        routes={
            "mixed/1": "disabled",
            "mixed/2": "weight_not_positive",
            "mixed/3": "provider_missing",
            "mixed/4": "provider_credentials_missing",
            "mixed/5": None,
            "mixed/6": "provider_credentials_missing",
        },
        resolved="mixed",
    ),
    "a route that has the capability": Case(
        "caller",
        "partly",
        flags=("--tools",),
        routes={"partly/1": None, "partly/2": "lacks_capability"},
        resolved="partly",
    ),
    # Authenticate
    "a revoked key": Case("revoked", "chat", 401, "api_key_revoked", "authenticate", "final"),
    "an expired key": Case("expired", "chat", 401, "api_key_expired", "authenticate", "expiry"),
    "an invited owner": Case("invitedkey", "chat", 403, "owner_inactive", "authenticate", "user:invited@example.com"),
    "an inactive team": Case("inactivekey", "chat", 403, "owner_inactive", "authenticate", "team:inactive"),
    "a revoked key, and no such model": Case("revoked", "nothing", 401, "api_key_revoked", "authenticate", "final"),
    # Resolve
    "no grant": Case("granted", "other", 403, "model_not_allowed", "resolve", "the key's grants"),
    "no grant for what an alias leads to": Case("granted", "between", 403, "model_not_allowed", "resolve", "grants"),
    "not for the team": Case("teamkey", "other", 403, "model_not_allowed", "resolve", "teams[narrow].allowed_models"),
    "not for the user's team": Case(
        "memberkey", "alias", 403, "model_not_allowed", "resolve", "teams[narrow].allowed_models"
    ),
    "not for the user": Case(
        "userkey", "alias", 403, "model_not_allowed", "resolve", "users[user@example.com].allowed_models"
    ),
    "no such model": Case("caller", "nothing", 404, "model_not_found", "resolve", "models"),
    "no such model, with a grant": Case("granted", "nothing", 404, "model_not_found", "resolve", "models"),
    "no such tag": Case("caller", "tag:nothing", 404, "model_not_found", "resolve", "models"),
    "no such tag for the caller": Case("granted", "tag:other", 404, "model_not_found", "resolve", "models"),
    "a selector without tags": Case("caller", "tag:", 400, "invalid_request", "resolve"),
    # Plan
    "a disabled route": dropped("disabled", "disabled", "models[disabled].routes[1].enabled"),
    "a weight of zero": dropped("weightless", "weight_not_positive", "models[weightless].routes[1].weight"),
    "a provider of another release": dropped("vertex", "provider_missing", "models[vertex].routes[1].provider"),
    "no credential": dropped("unset", "provider_credentials_missing", "providers[unset]"),
    "no value of a header": dropped(
        "headless", "provider_credentials_missing", "models[headless].routes[1].extra_headers"
    ),
    "a reason for each route": Case(
        "caller",
        "mixed-only",
        503,
        "no_route_available",
        "plan",
        "models[mixed-only].routes[1].enabled",
        routes={
            "mixed-only/1": "disabled",
            "mixed-only/2": "weight_not_positive",
            "mixed-only/3": "provider_missing",
            "mixed-only/4": "provider_credentials_missing",
        },
        resolved="mixed-only",
    ),
    "other reasons than the capability": Case(
        "caller",
        "mixed",
        503,
        "no_route_available",
        "plan",
        "models[mixed].routes[1].enabled",
        flags=("--tools",),
        routes={"mixed/5": "lacks_capability"},
        resolved="mixed",
    ),
    "no route has both capabilities": Case(
        "caller",
        "partly",
        400,
        "capability_not_supported",
        "plan",
        "models[partly].routes[1].capabilities",
        flags=("--tools", "--vision"),
        routes={"partly/1": "lacks_capability", "partly/2": "lacks_capability"},
        resolved="partly",
    ),
    **{
        f"no capability for {flag}": Case(
            "caller",
            f"no{flag}",
            400,
            "capability_not_supported",
            "plan",
            f"models[no{flag}].routes[1].capabilities",
            flags=(flag,),
            routes={f"no{flag}/1": "lacks_capability"},
            resolved=f"no{flag}",
        )
        for flag in FLAGS
    },
    **{
        f"nothing is lacking without {flag}": Case(
            "caller", f"no{flag}", routes={f"no{flag}/1": None}, resolved=f"no{flag}"
        )
        for flag in FLAGS
    },
}
STAGES = ["authenticate", "resolve", "plan"]


def live(gateway: Gateway, key: Key, case: Case) -> Answer:
    """The request that the case speaks of."""
    fields = {"messages": chat.MESSAGES}
    for flag in case.flags:
        fields |= FLAGS[flag]
    body = json.dumps({"model": case.model} | fields).encode()
    return chat.ask(gateway, key, body)


@pytest.fixture(scope="module")
def without_gateway(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    """The same database, and no control socket to ask: not started."""
    folder = tmp_path_factory.mktemp("no-gateway")
    told = json.loads(gateway.config_path.read_text())
    told["server"]["control_socket"] = str(folder / "nobody.sock")
    other = launch(folder, told, gateway.database)
    other.secrets += gateway.secrets
    return other


@pytest.fixture(params=["running", "without a gateway"])
def asked(request: pytest.FixtureRequest, gateway: Gateway) -> Gateway:
    """Whom the command asks: the running gateway, or the database."""
    return gateway if request.param == "running" else request.getfixturevalue("without_gateway")


@pytest.fixture(scope="module")
def explained(keys: dict[str, Key]) -> Callable[[Gateway, str], dict]:
    """What is said of a case. Nothing changes while these tests run, so each is asked for once."""

    @cache
    def ask(gateway: Gateway, name: str) -> dict:
        case = CASES[name]
        return explain(gateway, keys[case.key].public_id, case.model, *case.flags)

    return ask


@pytest.mark.parametrize("name", CASES)
def test_what_is_explained(asked: Gateway, explained, name: str) -> None:
    case, explanation = CASES[name], explained(asked, name)
    assert (explanation["status"], explanation["code"]) == (case.status, case.code), explanation
    assert (explanation["requested_model"], explanation["resolved_model"]) == (case.model, case.resolved)
    assert explanation["message"]
    # Stage by stage, as far as it comes.
    reached = STAGES.index(case.stage) if case.stage else len(STAGES)
    verdicts = [True] * reached + ([False] + [None] * (len(STAGES) - reached - 1) if case.stage else [])
    assert [(each["name"], each["passes"]) for each in explanation["stages"]] == list(zip(STAGES, verdicts))
    assert all(each["finding"] for each in explanation["stages"])
    if case.stage:
        refused = stage(explanation, case.stage)
        assert refused["finding"] == explanation["message"]
        assert (case.setting or "") in (refused["setting"] or ""), refused
        assert case.setting is None or refused["setting"]
    # Route by route.
    for id, why in case.routes.items():
        assert reason(explanation, id) == why, explanation
        view = routes(explanation)[id]
        assert view["finding"] and (view["setting"] if why else True), view
    kept = [view for view in explanation["routes"] if view["kept"]]
    if case.status == 200:
        assert kept and sum(view["odds"] or 0 for view in kept) == pytest.approx(1)
    else:
        assert not kept
    assert bool(explanation["routes"]) == (case.resolved is not None)


@pytest.mark.parametrize("name", CASES)
def test_it_agrees_with_what_happens(
    gateway: Gateway, keys: dict[str, Key], explained, upstream: FakeUpstream, name: str
) -> None:
    case, explanation = CASES[name], explained(gateway, name)
    answer = live(gateway, keys[case.key], case)
    assert answer.status == explanation["status"] == case.status, answer
    if case.status == 200:
        assert routes(explanation)[answer.header("x-gateway-route")]["odds"]
        assert upstream.wait_for_request()
        return
    error = chat.check_error(answer, case.status, case.code)
    assert (error["code"], error["message"]) == (explanation["code"], explanation["message"])
    assert upstream.requests == []


def said(gateway: Gateway, key: str, model: str, *flags: str) -> str:
    done = gateway.command("explain", "--key", key, "--model", model, *flags)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


@pytest.mark.parametrize("name", CASES)
def test_the_text_has_all_of_it(asked: Gateway, keys: dict[str, Key], explained, name: str) -> None:
    case, explanation = CASES[name], explained(asked, name)
    text = said(asked, keys[case.key].public_id, case.model, *case.flags)
    lines = text.splitlines()
    assert case.model in lines[0] and keys[case.key].public_id in lines[0]
    assert lines[-1] == f"{case.status}{f' {case.code}' if case.code else ''}: {explanation['message']}"
    for each in explanation["stages"]:
        [line] = [line for line in lines if line.startswith(f"{each['name']} ")]
        assert {True: " ok ", False: " REFUSED ", None: " – "}[each["passes"]] in line
        assert each["finding"] in line and (each["setting"] or "") in line
    for id, view in routes(explanation).items():
        [line] = [line for line in lines if line.split()[1:2] == [id]]
        assert line.startswith("yes " if view["kept"] else "no ")
        assert view["finding"] in line and view["provider"] in line and (view["setting"] or "") in line


def test_odds_are_those_of_the_first_priority(asked: Gateway, keys: dict[str, Key]) -> None:
    explanation = explain(asked, keys["caller"].public_id, "chat")
    odds = {id: view["odds"] for id, view in routes(explanation).items()}
    assert odds == {"chat/1": pytest.approx(0.75), "chat/2": pytest.approx(0.25), "chat/3": None}
    text = said(asked, "caller", "chat")
    assert " 75 % " in text and " 25 % " in text


def test_the_way_of_an_alias_is_shown(asked: Gateway, keys: dict[str, Key]) -> None:
    explanation = explain(asked, keys["caller"].public_id, "alias")
    assert explanation["aliases"] == ["alias", "between"]
    assert "alias → between → chat" in stage(explanation, "resolve")["finding"]
    assert "alias → between → chat" in said(asked, "caller", "alias")


def test_a_missing_value_is_named_to_the_operator_alone(asked: Gateway, keys: dict[str, Key]) -> None:
    explanation = explain(asked, keys["caller"].public_id, "unset")
    assert "THIS_VARIABLE_IS_NOT_SET" in routes(explanation)["unset/1"]["finding"]
    assert "THIS_VARIABLE_IS_NOT_SET" not in explanation["message"]


# --- which key


def test_a_key_by_its_name(asked: Gateway, keys: dict[str, Key]) -> None:
    by_name, by_id = explain(asked, "granted", "other"), explain(asked, keys["granted"].public_id, "other")
    assert by_name == by_id


@pytest.mark.parametrize("key", ["nobody", "", " ", "caller01 ", "0123456789abcdef", "gwk_caller01", "caller\n"])
def test_a_key_that_is_not_there(asked: Gateway, key: str) -> None:
    done = asked.command("explain", "--key", key, "--model", "chat")
    check_failure(asked, done, 2, "no key")
    assert "gateway keys list" in done.stderr


def test_a_whole_key_is_not_repeated(asked: Gateway, keys: dict[str, Key]) -> None:
    """A slip of the hand that must not end in a file with the command's output."""
    done = asked.command("explain", "--key", keys["caller"].text, "--model", "chat")
    assert done.returncode == 2
    assert SECRET not in done.stdout + done.stderr, done


def test_a_name_of_several_keys(asked: Gateway, gateway: Gateway) -> None:
    name = f"double-{'running' if asked is gateway else 'database'}"
    twins = [gateway.create_key(name, models="chat"), gateway.create_key(name)]
    done = asked.command("explain", "--key", name, "--model", "chat")
    check_failure(asked, done, 2, name)
    assert all(twin.public_id in done.stderr for twin in twins), done.stderr
    # One that is valid goes before those that are not.
    assert gateway.command("keys", "revoke", twins[1].public_id).returncode == 0
    assert explain(asked, name, "other")["code"] == "model_not_allowed"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--key", "caller"],
        ["--model", "chat"],
        ["--key", "caller", "--model", "chat", "--nonsense"],
        ["--key", "caller", "--model"],
    ],
    ids=" ".join,
)
def test_a_wrong_command(gateway: Gateway, arguments: list[str]) -> None:
    done = gateway.command("explain", *arguments)
    assert done.returncode == 2 and done.stderr, done


@pytest.mark.parametrize("model", ["", " ", "é😀", "x" * 5000, "a\nb", "\x1b[31mred", '"quoted"', "tag:é"])
def test_an_odd_model(asked: Gateway, keys: dict[str, Key], model: str) -> None:
    explanation = explain(asked, keys["caller"].public_id, model)
    assert explanation["status"] in (400, 404) and explanation["requested_model"] == model
    assert model in said(asked, "caller", model)


# --- the database


def test_over_each_database(make_gateway, database: Database, upstream: FakeUpstream) -> None:
    """Without a gateway and with one, over each engine: the same."""
    gateway: Gateway = make_gateway(document(upstream.port), database)
    gateway.secrets.append(SECRET)
    assert gateway.command("migrate").returncode == 0
    seed(gateway)
    asked = [
        ("caller", "chat"),
        ("granted", "other"),
        ("teamkey", "other"),
        ("invitedkey", "chat"),
        ("caller", "mixed-only"),
    ]
    before = [explain(gateway, key, model) for key, model in asked]
    gateway.start()
    assert [explain(gateway, key, model) for key, model in asked] == before
    assert [each["status"] for each in before] == [200, 403, 403, 403, 503]


def test_a_database_that_is_not_there(make_gateway, standard_document: dict) -> None:
    gateway: Gateway = make_gateway(standard_document)
    done = gateway.command("explain", "--key", "caller", "--model", "chat")
    check_failure(gateway, done, 4)
    assert "gateway migrate" in done.stderr or "gateway serve" in done.stderr, done.stderr


def test_a_configuration_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("models: 1\n")
    command = [BINARY, "--config", path, "explain", "--key", "caller", "--model", "chat"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=30)
    assert done.returncode == 3 and "models" in done.stderr


def test_nothing_is_sent_and_nothing_is_written(gateway: Gateway, keys: dict[str, Key], upstream: FakeUpstream) -> None:
    def written() -> list[list[tuple]]:
        statements = ("SELECT * FROM change_version", "SELECT count(*) FROM audit_log")
        return [gateway.database.query(statement) for statement in statements]

    before = written()
    for asked_for in ("chat", "other", "nothing"):
        explain(gateway, keys["caller"].public_id, asked_for)
    assert written() == before
    assert upstream.requests == []
