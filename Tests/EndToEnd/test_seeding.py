"""What `gateway seed-config` and a start put into the database: what the file lists, once, and no secret."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from support import chat, documents, tables
from support.configuration import edit, entry, read, reload, remove, seed, seeded_key, told, write
from support.databases import Database, PostgresDatabase
from support.documents import model, provider, route
from support.failures import check_failure
from support.gateway import Gateway, Key
from support.postgres import PostgresServer
from support.upstream import FakeUpstream

MONTHLY = {"cadence": "monthly", "amount_usd": "500.00"}
SERVICE, EVERYTHING = ("servicekey01", "s" * 43), ("everythingkey01", "e" * 43)


def listed_key(name: str, key: tuple[str, str], **fields) -> dict:
    public_id, secret = key
    return {"name": name, "value": f"literal.gwk_{public_id}.{secret}"} | fields


def organisation(port: int) -> dict:
    """Something of everything that is seeded."""
    return {
        "auth": {
            "seed_api_keys": [
                listed_key("service", SERVICE, owner="team:platform", allowed_models=["chat", "other"]),
                listed_key("everything", EVERYTHING),
            ],
            "oidc": [{"key": "staff", "issuer": "https://login.example.com", "client_id": "sluice"}],
        },
        "providers": [provider("fake", port), provider("spare", port)],
        "models": [
            {"id": "chat", "tags": ["fast", "cheap"], "routes": [route("fake", weight=3), route("fake", priority=200)]},
            model("other"),
            model("third"),
            {"id": "default", "alias_of": "chat"},
        ],
        "teams": [
            {"key": "platform", "name": "Platform", "budget": MONTHLY},
            {"key": "research", "allowed_models": ["chat"]},
        ],
        "users": [
            {
                "name": "Ops",
                "email": "ops@example.com",
                "global_role": "platform_admin",
                "membership": {"team": "platform", "role": "admin"},
                "budget": {"cadence": "daily", "amount_usd": "5"},
            },
            {"name": "Dev", "email": "dev@example.com", "membership": {"team": "research", "role": "member"}},
            {"name": "Guest", "email": "guest@example.com", "allowed_models": ["other"]},
        ],
    }


def prepare(gateway: Gateway) -> Gateway:
    gateway.secrets += [SERVICE[1], EVERYTHING[1]]
    assert gateway.command("migrate").returncode == 0
    seed(gateway)
    return gateway


@pytest.fixture
def seeded(make_gateway, database: Database, upstream: FakeUpstream) -> Gateway:
    """A gateway that is not started, and whose file has been seeded."""
    return prepare(make_gateway(organisation(upstream.port), database))


@pytest.fixture
def seeded_file(make_gateway, upstream: FakeUpstream) -> Gateway:
    """Likewise, over SQLite alone."""
    return prepare(make_gateway(organisation(upstream.port)))


def key_of(gateway: Gateway, key: tuple[str, str]) -> Key:
    return seeded_key(gateway, *key)


def model_ids(gateway: Gateway, key: Key) -> list[str]:
    answer = gateway.get("/v1/models", chat.headers(key))
    assert answer.status == 200, answer
    return [each["id"] for each in answer.json()["data"]]


@dataclass
class Edit:
    """What is done to the file; then what becomes of rows, what is told, and what is audited."""

    change: Callable[[dict], object]
    rows: dict[str, str | set[str]]
    told: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    concerns_routing: bool = False


def set_in(section: str, called: str, **values) -> Callable[[dict], object]:
    return lambda document: entry(document[section], called).update(values)


def unset_in(section: str, name: str, field_name: str) -> Callable[[dict], object]:
    return lambda document: entry(document[section], name).pop(field_name)


def set_key(called: str, **values) -> Callable[[dict], object]:
    return lambda document: entry(document["auth"]["seed_api_keys"], called).update(values)


def set_route(name: str, index: int, **values) -> Callable[[dict], object]:
    return lambda document: entry(document["models"], name)["routes"][index].update(values)


def routing(change: Callable[[dict], object], rows: dict, subject: str, what: str, name: str, action: str) -> Edit:
    return Edit(change, rows, {subject: {what: [name]}}, [action], concerns_routing=True)


EDITS = {
    "a route's weight": routing(
        set_route("chat", 0, weight=7.5),
        {"models chat": set(), "routes chat/1": {"weight"}},
        "models", "updated", "chat", "model.update",
    ),
    "a route's options": routing(
        set_route("chat", 1, extra_body={"seed": 1}),
        {"models chat": set(), "routes chat/2": {"options"}},
        "models", "updated", "chat", "model.update",
    ),
    "a route disabled": routing(
        set_route("other", 0, enabled=False),
        {"models other": set(), "routes other/1": {"is_enabled"}},
        "models", "updated", "other", "model.update",
    ),
    "a route to another provider": routing(
        set_route("third", 0, provider="spare", upstream_model="another"),
        {"models third": set(), "routes third/1": {"provider_id", "upstream_model"}},
        "models", "updated", "third", "model.update",
    ),
    "a route removed": routing(
        lambda document: entry(document["models"], "chat")["routes"].pop(),
        {"models chat": set(), "routes chat/2": "removed"},
        "models", "updated", "chat", "model.update",
    ),
    "a tag": routing(
        set_in("models", "chat", tags=["fast", "good"]),
        {"models chat": set(), "model_tags chat cheap": "removed", "model_tags chat good": "added"},
        "models", "updated", "chat", "model.update",
    ),
    "a description": routing(
        set_in("models", "other", description="Another one"),
        {"models other": {"description"}},
        "models", "updated", "other", "model.update",
    ),
    "a model added": routing(
        lambda document: document["models"].append(model("fourth")),
        {"models fourth": "added", "routes fourth/1": "added"},
        "models", "created", "fourth", "model.create",
    ),
    "a model removed": routing(
        lambda document: remove(document["models"], "third"),
        {"models third": {"retired_at"}},
        "models", "retired", "third", "model.retire",
    ),
    "an alias's target": routing(
        set_in("models", "default", alias_of="other"),
        {"models default": {"alias_of"}},
        "models", "updated", "default", "model.update",
    ),
    "models in another order": Edit(lambda document: document["models"].reverse(), {}),
    "a provider's address": routing(
        set_in("providers", "spare", base_url="http://127.0.0.1:9/v1"),
        {"providers spare": {"settings"}},
        "providers", "updated", "spare", "provider.update",
    ),
    "a provider removed": routing(
        lambda document: remove(document["providers"], "spare"),
        {"providers spare": {"retired_at"}},
        "providers", "retired", "spare", "provider.retire",
    ),
    "a team's name": Edit(
        set_in("teams", "platform", name="Platform and tools"),
        {"teams platform": {"name"}},
        {"teams": {"updated": ["platform"]}},
        ["team.update"],
    ),
    "a team's models": Edit(
        set_in("teams", "research", allowed_models=["chat", "other"]),
        {"teams research": set(), "team_models research other": "added"},
        {"teams": {"updated": ["research"]}},
        ["team.update"],
    ),
    "a user's team": Edit(
        set_in("users", "dev@example.com", membership={"team": "platform", "role": "member"}),
        {"memberships dev@example.com": {"team_id"}},
        {"users": {"updated": ["dev@example.com"]}},
        ["user.update"],
    ),
    "a user's role in the team": Edit(
        set_in("users", "dev@example.com", membership={"team": "research", "role": "owner"}),
        {"memberships dev@example.com": {"role"}},
        {"users": {"updated": ["dev@example.com"]}},
        ["user.update"],
    ),
    "a membership that the file gives no longer": Edit(unset_in("users", "dev@example.com", "membership"), {}),
    "a user's models": Edit(
        set_in("users", "guest@example.com", allowed_models="all"),
        {"users guest@example.com": {"all_models"}, "user_models guest@example.com other": "removed"},
        {"users": {"updated": ["guest@example.com"]}},
        ["user.update"],
    ),
    "a user removed": Edit(
        lambda document: remove(document["users"], "guest@example.com"),
        {"users guest@example.com": {"managed_by"}},
        {"users": {"released": ["guest@example.com"]}},
        ["user.update"],
    ),
    "an e-mail in another case": Edit(set_in("users", "ops@example.com", email="OPS@Example.COM"), {}),
    "how an invited user signs in": Edit(
        set_in("users", "guest@example.com", auth_mode="oidc", oidc_provider_key="staff"),
        {"users guest@example.com": {"auth_mode", "oidc_provider_key"}},
        {"users": {"updated": ["guest@example.com"]}},
        ["user.update"],
    ),
    "a budget's amount": Edit(
        set_in("teams", "platform", budget=MONTHLY | {"amount_usd": "750.25"}),
        {"budgets platform": {"amount"}},
        {"budgets": {"updated": ["team:platform"]}},
        ["budget.update"],
    ),
    "a budget removed": Edit(
        unset_in("users", "ops@example.com", "budget"),
        {"budgets ops@example.com": {"managed_by"}},
        {"budgets": {"released": ["user:ops@example.com"]}},
        ["budget.update"],
    ),
    "a key's models": Edit(
        set_key("service", allowed_models=["other", "third"]),
        {
            f"api_keys {SERVICE[0]}": set(),
            f"api_key_grants {SERVICE[0]} chat": "removed",
            f"api_key_grants {SERVICE[0]} third": "added",
        },
        {"keys": {"updated": ["service"]}},
        ["api_key.update"],
    ),
    "a key's owner": Edit(
        set_key("everything", owner="user:dev@example.com"),
        {f"api_keys {EVERYTHING[0]}": {"user_id", "team_id"}},
        {"keys": {"updated": ["everything"]}},
        ["api_key.update"],
    ),
    "a key's secret alone": Edit(
        set_key("everything", value=f"literal.gwk_{EVERYTHING[0]}." + "n" * 43),
        {f"api_keys {EVERYTHING[0]}": set(), f"api_key_secrets {EVERYTHING[0]}": {"id", "hash", "created_at"}},
        {"keys": {"updated": ["everything"]}},
        ["api_key.replace_secrets"],
    ),
    "a key removed": Edit(
        lambda document: remove(document["auth"]["seed_api_keys"], "service"),
        {},
        {"keys": {"unlisted": ["service"]}},
    ),
    # The last: a value that was revoked once stays so.
    "a key's value": Edit(
        set_key("everything", value="literal.gwk_newvalue0001." + "n" * 43),
        {
            f"api_keys {EVERYTHING[0]}": {"revoked_at"},
            "api_keys newvalue0001": "added",
            "api_key_secrets newvalue0001": "added",
        },
        {"keys": {"created": ["everything"], "replaced": ["everything"]}},
        ["api_key.create", "api_key.revoke"],
    ),
}


def test_a_second_seeding_changes_no_row(seeded: Gateway, database: Database) -> None:
    before = tables.rows(database)
    assert all(before[table] for table in tables.SEEDED if table != "passwords"), "there is something to compare"
    assert told(seed(seeded)) == {}
    assert tables.rows(database) == before


def test_a_start_seeds_what_the_command_seeds(seeded: Gateway, database: Database) -> None:
    before = tables.rows(database)
    seeded.start()
    seeded.stop()
    assert tables.rows(database) == before


def check_edit(gateway: Gateway, wanted: Edit) -> None:
    before = tables.rows(gateway.database)
    edit(gateway, wanted.change)
    report = seed(gateway)
    after = tables.rows(gateway.database)
    assert tables.changes(before, after) == wanted.rows
    assert told(report) == wanted.told and report["changed"] == bool(wanted.actions)

    audited = tables.history(before, after)
    assert sorted(row["action"] for row in audited) == wanted.actions
    assert {(row["actor_kind"], row["actor_name"]) for row in audited} <= {("file", "gateway.yaml")}
    assert (tables.version(after) > tables.version(before)) == bool(wanted.actions)
    moved = tables.version(after, "routing_version") > tables.version(before, "routing_version")
    assert moved == wanted.concerns_routing

    seed(gateway)
    assert tables.rows(gateway.database) == after, "a second seeding of the edited file changes nothing"


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_changes_what_was_edited(seeded_file: Gateway, name: str) -> None:
    check_edit(seeded_file, EDITS[name])


def test_each_edit_and_back_over_postgresql(make_gateway, upstream: FakeUpstream, postgres: PostgresServer) -> None:
    """One after the other, since a database of its own for each takes long."""
    database = PostgresDatabase(postgres.empty_database(), postgres)
    gateway = prepare(make_gateway(organisation(upstream.port), database))
    original = gateway.config_path.read_text()
    for name, wanted in EDITS.items():
        print(name)
        check_edit(gateway, wanted)
        write(gateway, original)
        seed(gateway)


def test_several_edits_at_once(seeded: Gateway, database: Database) -> None:
    names = ["a route's weight", "a model removed", "a team's name", "a budget's amount", "a key's value"]
    before = tables.rows(database)
    edit(seeded, *(EDITS[name].change for name in names))
    seed(seeded)
    wanted = {row: change for name in names for row, change in EDITS[name].rows.items()}
    assert tables.changes(before, tables.rows(database)) == wanted


def test_the_audit_trail_begins_with_the_file(seeded: Gateway, database: Database) -> None:
    audited = tables.rows(database)["audit_log"]
    assert {(row["actor_kind"], row["actor_name"]) for row in audited} == {("file", "gateway.yaml")}
    listed = read(seeded)
    things = sum(len(listed[section]) for section in ("providers", "models", "teams", "users"))
    keys, budgets = len(listed["auth"]["seed_api_keys"]), 2
    assert len(audited) == things + keys + budgets, "a row for each thing"


def test_a_retired_model_is_invisible_and_comes_back(seeded: Gateway, database: Database) -> None:
    gateway = seeded.start()
    everything = key_of(gateway, EVERYTHING)
    assert model_ids(gateway, everything).count("third") == 1
    third = entry(read(gateway)["models"], "third")

    edit(gateway, lambda document: remove(document["models"], "third"))
    reload(gateway)
    assert "third" not in model_ids(gateway, everything)
    answer = chat.ask(gateway, everything, chat.body("third"))
    chat.check_error(answer, 404, "model_not_found")
    retired = tables.rows(database)
    assert entry(retired["models"], "third")["retired_at"] is not None
    assert entry(retired["routes"], "third/1"), "its routes are kept"

    edit(gateway, lambda document: document["models"].append(third))
    assert told(reload(gateway)["seeded"]) == {"models": {"updated": ["third"]}}
    assert tables.changes(retired, tables.rows(database)) == {"models third": {"retired_at"}}
    assert "third" in model_ids(gateway, everything)
    assert chat.ask(gateway, everything, chat.body("third")).status == 200


def test_what_the_file_does_not_give_is_left_alone(seeded: Gateway, database: Database) -> None:
    """As an administrator would have set it; what the file does give is set back."""
    [(user, budget, team)] = database.query(
        "SELECT u.id, b.id, t.id FROM users u, budgets b, teams t WHERE u.email = 'guest@example.com'"
        " AND b.team_id = (SELECT id FROM teams WHERE key = 'platform') AND t.key = 'research'"
    )
    database.execute(
        "INSERT INTO memberships (user_id, team_id, role, managed_by, version, created_at, updated_at)"
        f" VALUES ('{user}', '{team}', 'member', 'control_plane', 1, 1, 1)",
        "INSERT INTO budgets (id, user_id, cadence, amount, hard_limit, timezone, managed_by, version, created_at,"
        f" updated_at) VALUES ('0', '{user}', 'daily', 1, 1, 'UTC', 'control_plane', 1, 1, 1)",
        f"UPDATE budgets SET amount = 1 WHERE id = '{budget}'",
    )
    before = tables.rows(database)
    assert told(seed(seeded)) == {"budgets": {"updated": ["team:platform"]}}
    assert tables.changes(before, tables.rows(database)) == {"budgets platform": {"amount"}}


def test_what_the_file_lists_again_is_the_files_again(seeded: Gateway, database: Database) -> None:
    listed = read(seeded)
    edit(seeded, EDITS["a user removed"].change, EDITS["a budget removed"].change)
    seed(seeded)
    before = tables.rows(database)
    edit(seeded, lambda document: document.update(users=listed["users"]))
    seed(seeded)
    assert tables.changes(before, tables.rows(database)) == {
        "users guest@example.com": {"managed_by"},
        "budgets ops@example.com": {"managed_by"},
    }


def check_refused(gateway: Gateway, database: Database, *words: str) -> None:
    """By the command, by a start and by a reload; and nothing was changed."""
    before = tables.rows(database)
    for command in (["seed-config"], ["serve"]):
        check_failure(gateway, gateway.command(*command), 3, *words)
    assert tables.rows(database) == before


def test_a_key_that_somebody_else_made_is_not_taken_over(seeded: Gateway, database: Database) -> None:
    made = seeded.create_key("made by command")
    new = {"name": "mine", "value": f"literal.{made.text}"}
    edit(
        seeded,
        lambda document: document["auth"]["seed_api_keys"].append(new),
        EDITS["a team's name"].change,
        EDITS["a model added"].change,
    )
    check_refused(seeded, database, "mine", made.public_id)


def test_a_user_who_has_signed_in_keeps_the_way_to_sign_in(seeded: Gateway, database: Database) -> None:
    database.execute("UPDATE users SET status = 'active' WHERE email = 'guest@example.com'")
    edit(seeded, EDITS["how an invited user signs in"].change, EDITS["a team's name"].change)
    check_refused(seeded, database, "guest@example.com", "sign")


def test_two_users_with_one_e_mail(seeded: Gateway, database: Database) -> None:
    edit(seeded, lambda document: document["users"].append({"name": "Twin", "email": "Dev@Example.Com"}))
    check_refused(seeded, database, "gateway.yaml", "dev@example.com", "twice")


@pytest.mark.parametrize("form", ["flag", "variable"])
def test_a_start_that_must_not_seed(seeded: Gateway, database: Database, form: str) -> None:
    if form == "variable":
        seeded.environment["GATEWAY_SEED_CONFIG"] = "false"
    edit(seeded, EDITS["a model removed"].change, EDITS["a model added"].change, EDITS["a team's name"].change)
    before = tables.rows(database)
    seeded.start(*(["--seed-config", "false"] if form == "flag" else []))
    everything = key_of(seeded, EVERYTHING)
    assert set(model_ids(seeded, everything)) == {"chat", "other", "third", "default"}, "what is stored is served"
    assert chat.ask(seeded, everything, chat.body("third")).status == 200
    assert tables.rows(database) == before


def test_the_report_in_words(seeded: Gateway) -> None:
    edit(seeded, EDITS["a route's weight"].change, EDITS["a model removed"].change, EDITS["a key's value"].change)
    done = seeded.command("seed-config")
    assert done.returncode == 0, done.stderr
    for words in ("1 updated (chat)", "1 retired (third)", "1 created (everything)", "1 replaced (everything)"):
        assert words in done.stdout, done.stdout
    assert not any(secret in done.stdout for secret in [*seeded.secrets, "n" * 43])


# --- secrets

BY_FILE, BY_LITERAL, BY_HEADER, BY_ROUTE = (f"canary-{kind}-91c4e7" for kind in ("file", "literal", "header", "route"))


@pytest.fixture
def secretive(make_gateway, database: Database, upstream: FakeUpstream, tmp_path) -> Gateway:
    """A gateway whose providers have a secret of each form, and the key of which is one as well."""
    token = tmp_path / "token"
    token.write_text(f"{BY_FILE}\n")
    bearer, both_forms = {"kind": "bearer"}, {"X-A": f"literal.{BY_ROUTE}", "X-B": BY_ROUTE}
    document = {
        "auth": {"seed_api_keys": [listed_key("everything", EVERYTHING)]},
        "providers": [
            provider("by-environment", upstream.port),
            provider("by-file", upstream.port, auth=bearer | {"token": f"file.{token}"}),
            provider("by-literal", upstream.port, auth=bearer | {"token": f"literal.{BY_LITERAL}"}),
            provider("by-header", upstream.port, auth={"kind": "none"}, default_headers={"X-Secret": BY_HEADER}),
        ],
        "models": [
            *(model(name, name) for name in ("by-environment", "by-file", "by-literal", "by-header")),
            {"id": "unused", "routes": [route("by-file", extra_headers=both_forms)]},
        ],
    }
    gateway: Gateway = make_gateway(document, database)
    gateway.secrets += [EVERYTHING[1], BY_FILE, BY_LITERAL, BY_HEADER, BY_ROUTE]
    return gateway


def everything_stored(database: Database) -> str:
    """The file with its companions byte by byte, or every row of every table."""
    if isinstance(database, PostgresDatabase):
        return repr(database.contents())
    parts = [path.read_bytes() for path in database.path.parent.glob(f"{database.path.name}*")]
    return b"".join(parts).decode("latin-1")


def secrets_sent(gateway: Gateway, upstream: FakeUpstream) -> dict[str, str]:
    """What the upstream got from each provider."""
    everything = key_of(gateway, EVERYTHING)
    sent = {}
    for name in ("by-environment", "by-file", "by-literal", "by-header"):
        count = len(upstream.requests)
        assert chat.ask(gateway, everything, chat.body(name)).status == 200, name
        request = upstream.wait_for_request(count + 1)
        sent[name] = (request.header("authorization") or request.header("x-secret") or "").removeprefix("Bearer ")
    return sent


def test_secrets_are_used_and_not_stored(secretive: Gateway, database: Database, upstream: FakeUpstream) -> None:
    wanted = {
        "by-environment": documents.TOKEN,
        "by-file": BY_FILE,
        "by-literal": BY_LITERAL,
        "by-header": BY_HEADER,
    }
    assert secrets_sent(secretive.start(), upstream) == wanted
    # What is stored has to do after a restart, also when the file is not seeded again, and after a reload.
    secretive.stop()
    assert secrets_sent(secretive.start("--seed-config", "false"), upstream) == wanted
    edit(secretive, lambda document: entry(document["models"], "by-file").update(rank=5))
    reload(secretive)
    assert secrets_sent(secretive, upstream) == wanted

    stored = everything_stored(database)
    assert f"env.{documents.TOKEN_VARIABLE}" in stored and "token" in stored
    assert re.search(r"file\.\S*/token", stored), "a reference is stored as it is written"
    for secret in secretive.secrets:
        if secret not in database.secrets:
            assert secret not in stored, f"{secret} is stored"
