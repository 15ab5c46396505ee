"""`gateway seed-local-demo`: demo teams, people, keys and budgets, once, and only into a database of this machine."""

import json
import re

import pytest
from support import chat, tables
from support.databases import Database
from support.failures import check_failure
from support.gateway import Gateway, Key

SIMULATED = {
    "providers": [{"id": "sim", "type": "simulator"}],
    "models": [{"id": "simulated", "routes": [{"provider": "sim"}]}],
}
RAW_KEY = re.compile(r"gwk_[A-Za-z0-9]{8,40}\.[A-Za-z0-9_-]{32,}")
WRITTEN = ("teams", "users", "memberships", "budgets", "api_keys", "api_key_secrets")


@pytest.fixture
def gateway(make_gateway, database: Database) -> Gateway:
    """Not started, with the schema in its database."""
    gateway: Gateway = make_gateway(SIMULATED, database)
    assert gateway.command("migrate").returncode == 0
    return gateway


def demo(gateway: Gateway) -> dict:
    done = gateway.command("seed-local-demo", "--json")
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def keys_in(gateway: Gateway, report: dict) -> list[Key]:
    """The printed keys; they count as secrets from now on."""
    keys = [Key(each["public_id"], each["key"]) for each in report["keys"]]
    gateway.secrets += [key.secret for key in keys]
    return keys


def test_its_keys_work(gateway: Gateway, database: Database) -> None:
    report = demo(gateway)
    assert all(report[kind] for kind in ("teams", "users", "budgets", "keys"))
    keys = keys_in(gateway, report)
    gateway.start()
    for key in keys:
        answer = chat.ask(gateway, key, chat.body("simulated"))
        assert answer.status == 200, answer
        assert answer.json()["choices"][0]["message"]["content"]
    owners = {each["owner"].split(":")[0] for each in report["keys"]}
    assert owners == {"team", "user"}, "keys of both kinds"
    everything = repr(database.contents())
    assert not any(key.secret in everything for key in keys)


def test_a_second_run_makes_nothing_and_shows_no_key(gateway: Gateway, database: Database) -> None:
    empty = tables.rows(database)
    first = demo(gateway)
    keys = keys_in(gateway, first)
    before = tables.rows(database)
    assert all(len(before[table]) > len(empty[table]) for table in WRITTEN)
    assert demo(gateway) == {kind: [] for kind in first}
    done = gateway.command("seed-local-demo")
    assert done.returncode == 0 and done.stdout, done
    assert not RAW_KEY.search(done.stdout + done.stderr)
    assert not any(key.secret in done.stdout + done.stderr for key in keys)
    assert tables.rows(database) == before


def test_it_is_the_control_planes_and_no_start_takes_it_away(gateway: Gateway, database: Database) -> None:
    keys = keys_in(gateway, demo(gateway))
    before = tables.rows(database)
    made = [row for table in ("teams", "users", "budgets", "api_keys") for row in before[table]]
    assert {row["managed_by"] for row in made} == {"control_plane"}
    gateway.start()
    after = tables.rows(database)
    for table in WRITTEN:
        assert after[table] == before[table], table
    assert chat.ask(gateway, keys[0], chat.body("simulated")).status == 200


def test_what_is_missing_is_made_again(gateway: Gateway, database: Database) -> None:
    keys_in(gateway, demo(gateway))
    [(key, name), *_] = database.query("SELECT id, name FROM api_keys ORDER BY name")
    database.execute(f"DELETE FROM api_key_secrets WHERE key_id = '{key}'", f"DELETE FROM api_keys WHERE id = '{key}'")
    again = demo(gateway)
    assert [each["name"] for each in again["keys"]] == [name]
    assert again["teams"] == again["users"] == again["budgets"] == []


def test_the_report_in_words(gateway: Gateway) -> None:
    done = gateway.command("seed-local-demo")
    assert done.returncode == 0, done
    raw = RAW_KEY.findall(done.stdout)
    assert raw and len(raw) == len(set(raw)) and "once" in done.stdout.lower()
    assert not RAW_KEY.search(done.stderr)
    gateway.secrets += [key.partition(".")[2] for key in raw]
    gateway.start()
    for key in raw:
        assert gateway.get("/v1/models", {"Authorization": f"Bearer {key}"}).status == 200


def test_without_the_schema(make_gateway, database: Database) -> None:
    gateway: Gateway = make_gateway(SIMULATED, database)
    check_failure(gateway, gateway.command("seed-local-demo"), 4, "V17")


CANARY = "canary-demo-password"
LOCAL = f"postgres://demo:{CANARY}@127.0.0.1:5432/sluice"
# Documentation's addresses (RFC 5737, RFC 3849) and names (RFC 2606): a connection to them would wait or fail, and the
# refusal must come before one is tried. libpq takes missing parts of a URL from its own variables.
ELSEWHERE: dict[str, tuple[str, dict[str, str]]] = {
    "an address": (f"postgres://demo:{CANARY}@192.0.2.1:5432/sluice", {}),
    "an IPv6 address": (f"postgres://demo:{CANARY}@[2001:db8::1]:5432/sluice", {}),
    "a name": (f"postgres://demo:{CANARY}@database.example:5432/sluice", {}),
    "a name like localhost": (f"postgres://demo:{CANARY}@localhost.example:5432/sluice", {}),
    "a name like an address": (f"postgres://demo:{CANARY}@127.0.0.1.example:5432/sluice", {}),
    "one of several": (f"postgres://demo:{CANARY}@127.0.0.1,192.0.2.1/sluice", {}),
    "an address in a parameter": (f"{LOCAL}?hostaddr=192.0.2.1", {}),
    "a host in a parameter": (f"postgres://demo:{CANARY}@/sluice?host=192.0.2.1", {}),
    "a host in a variable": (f"postgres://demo:{CANARY}@/sluice", {"PGHOST": "192.0.2.1"}),
    "a service in a parameter": (f"{LOCAL}?service=prod", {}),
    "a service in a variable": (LOCAL, {"PGSERVICE": "prod"}),
    "an address in a variable": (LOCAL, {"PGHOSTADDR": "192.0.2.1"}),
}


class Elsewhere:
    """An unreachable database."""

    backend = "PostgreSQL"

    def __init__(self, url: str):
        self.secrets = [CANARY]
        self.section = {"kind": "postgres", "url": "env.POSTGRES_URL"}
        self.environment = {"POSTGRES_URL": url}


@pytest.mark.parametrize("form", ELSEWHERE)
def test_a_database_elsewhere_is_refused(make_gateway, form: str) -> None:
    url, variables = ELSEWHERE[form]
    gateway: Gateway = make_gateway(SIMULATED, Elsewhere(url), **variables)
    done = gateway.command("seed-local-demo")
    check_failure(gateway, done, 1, "not on this machine")
    assert done.stdout == ""
