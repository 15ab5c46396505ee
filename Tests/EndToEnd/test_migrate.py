"""`gateway migrate` over each engine: what it applies, reports and refuses, and a gateway that must not migrate."""

import json
import re
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import chat, wait
from support.chat import STRANGER, check_error
from support.databases import Database, PostgresDatabase
from support.failures import check_failure
from support.gateway import Gateway
from support.postgres import PostgresServer

RESET = "database reset required"
REFUSED_BY = [["migrate"], ["migrate", "--check"], ["migrate", "--status"], ["serve"]]


@pytest.fixture
def idle(make_gateway, database: Database) -> Gateway:
    """A gateway on an empty database, not started."""
    return make_gateway(database=database)


def report(gateway: Gateway, *flags: str, code: int = 0) -> dict:
    done = gateway.command("migrate", *flags, "--json")
    assert done.returncode == code, done
    return json.loads(done.stdout)


def labels(told: dict) -> list[str]:
    return [f"V{migration['version']}" for migration in told["migrations"]]


def states(told: dict) -> set[str]:
    return {migration["state"] for migration in told["migrations"]}


def check_serves(gateway: Gateway) -> None:
    key = gateway.start().create_key()
    assert chat.ask(gateway, key).status == 200


def test_a_database_is_migrated_once(idle: Gateway, database: Database) -> None:
    fresh = report(idle, "--check", code=1)
    assert states(fresh) == {"pending"} and fresh["applied"] == []
    first = report(idle)
    assert first["applied"] == labels(fresh) and first["applied"][0] == "V17" and states(first) == {"applied"}
    after = database.contents()
    again = report(idle, "--apply")
    assert again["applied"] == [] and states(again) == {"applied"}
    assert report(idle, "--check") == report(idle, "--status") == again
    assert database.contents() == after
    check_serves(idle)


def test_looking_changes_nothing(idle: Gateway, database: Database) -> None:
    before = database.contents()
    assert idle.command("migrate", "--check").returncode == 1
    assert idle.command("migrate", "--status").returncode == 0
    assert database.contents() == before


def test_the_report_as_json(idle: Gateway, database: Database) -> None:
    pending, applied = report(idle, "--status"), report(idle)
    for told in (pending, applied):
        assert (told["backend"], told["database"]) == (database.backend, database.location)
        assert set(told) == {"backend", "database", "migrations", "applied"}
    assert "applied_at" not in pending["migrations"][0]
    baseline = applied["migrations"][0]
    assert (baseline["version"], baseline["name"], baseline["state"]) == (17, "baseline", "applied")
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", baseline["applied_at"])


def test_the_report_in_words(idle: Gateway, database: Database) -> None:
    for flag, code, words in [
        ("--check", 1, ["V17"]),
        ("--status", 0, ["V17", "baseline", "pending"]),
        ("--apply", 0, ["V17"]),
        ("--status", 0, ["V17", "baseline", "applied"]),
        ("--check", 0, []),
    ]:
        done = idle.command("migrate", flag)
        assert done.returncode == code, done
        assert database.backend in done.stdout and database.location in done.stdout, (flag, done)
        # The finding of a check is its error.
        told = done.stdout + done.stderr
        assert all(word in told for word in words), (flag, done)
        assert not any(secret in told for secret in idle.secrets), done


def test_flags_that_contradict_are_a_usage_error(idle: Gateway, database: Database) -> None:
    before = database.contents()
    for flags in (["--check", "--status"], ["--check", "--apply"], ["--apply", "--status"], ["--nonsense"]):
        assert idle.command("migrate", *flags).returncode == 2, flags
    assert database.contents() == before


def test_ten_at_once_on_an_empty_database(idle: Gateway, database: Database) -> None:
    with ThreadPoolExecutor(10) as pool:
        runs: list[subprocess.CompletedProcess] = list(pool.map(lambda _: idle.command("migrate", "--json"), range(10)))
    assert [done.returncode for done in runs] == [0] * 10, [done.stderr for done in runs if done.returncode]
    told = [json.loads(done.stdout) for done in runs]
    rows = Counter(f"V{version}" for (version,) in database.query("SELECT version FROM gateway_migrations"))
    assert rows == Counter(labels(told[0]))
    assert Counter(label for each in told for label in each["applied"]) == rows, "each was applied by one of them"


def test_a_server_that_sorts_by_an_icu_locale(make_gateway) -> None:
    with PostgresServer(icu=True) as server:
        gateway: Gateway = make_gateway(database=PostgresDatabase(server.empty_database(), server))
        assert report(gateway)["applied"]
        assert report(gateway, "--check")["applied"] == []
        check_serves(gateway)
        gateway.stop()


FOREIGN_PASTS = {
    "tables without a history": [
        "CREATE TABLE api_keys (id BIGINT, name TEXT)",
        "INSERT INTO api_keys (id, name) VALUES (1, 'precious')",
    ],
    "a version before the baseline": [
        "CREATE TABLE gateway_migrations (version BIGINT, name TEXT, checksum TEXT,"
        " min_compatible_version BIGINT, applied_at BIGINT)",
        "INSERT INTO gateway_migrations VALUES (16, 'older', 'checksum', 16, 1)",
    ],
    "the history of another program": [
        "CREATE TABLE refinery_schema_history (version BIGINT, name TEXT, applied_on TEXT, checksum TEXT)",
        "INSERT INTO refinery_schema_history VALUES (1, 'initial', '2025-01-01', 'checksum')",
    ],
}


@pytest.mark.parametrize("past", FOREIGN_PASTS)
def test_a_past_that_needs_a_reset(idle: Gateway, database: Database, past: str) -> None:
    database.execute(*FOREIGN_PASTS[past])
    before = database.contents()
    for command in REFUSED_BY:
        check_failure(idle, idle.command(*command), 5, RESET)
    assert database.contents() == before
    database.recreate()
    assert report(idle)["applied"]
    check_serves(idle)


def add_later_version(database: Database, compatible: bool) -> int:
    """A row as a gateway of the future would leave it."""
    [(newest,)] = database.query("SELECT max(version) FROM gateway_migrations")
    oldest = newest if compatible else newest + 1
    database.execute(
        "INSERT INTO gateway_migrations (version, name, checksum, min_compatible_version, applied_at)"
        f" VALUES ({newest + 1}, 'future', 'checksum', {oldest}, 1)"
    )
    return newest + 1


def check_refused_without_reset(gateway: Gateway, *words: str) -> None:
    for command in REFUSED_BY:
        done = gateway.command(*command)
        check_failure(gateway, done, 4, *words)
        assert "reset" not in done.stdout + done.stderr


def test_a_later_version_that_this_gateway_cannot_work_with(idle: Gateway, database: Database) -> None:
    report(idle)
    version = add_later_version(database, compatible=False)
    before = database.contents()
    check_refused_without_reset(idle, f"V{version}", "does not know")
    assert database.contents() == before


def test_a_later_version_that_this_gateway_can_work_with(idle: Gateway, database: Database) -> None:
    report(idle)
    version = add_later_version(database, compatible=True)
    assert report(idle)["applied"] == []
    for flag in ("--check", "--status"):
        last = report(idle, flag)["migrations"][-1]
        assert (last["version"], last["state"]) == (version, "newer")
    assert "newer" in idle.command("migrate", "--status").stdout
    check_serves(idle)


def test_a_migration_with_different_content(idle: Gateway, database: Database) -> None:
    report(idle)
    database.execute("UPDATE gateway_migrations SET checksum = 'another' WHERE version = 17")
    before = database.contents()
    check_refused_without_reset(idle, "V17", "different content")
    assert database.contents() == before


@pytest.mark.parametrize("form", ["flag", "variable"])
def test_a_gateway_that_must_not_migrate_waits(make_gateway, database: Database, form: str) -> None:
    environment = {"GATEWAY_RUN_MIGRATIONS": "false"} if form == "variable" else {}
    arguments = ["--run-migrations", "false"] if form == "flag" else []
    gateway: Gateway = make_gateway(database=database, **environment)
    empty = database.contents()
    gateway.start(*arguments, ready=False)
    assert gateway.readiness() == (503, "not_ready", ["migrations_pending"])
    check_error(gateway.get("/v1/models", STRANGER), 503, "not_ready")
    wait.until(lambda: "gateway migrate" in gateway.log(), "the log names the command")
    check_failure(gateway, gateway.command("keys", "list"), 4, database.location, "V17")
    assert gateway.is_alive() and database.contents() == empty
    assert report(gateway)["applied"]
    wait.until(gateway.is_ready, "the gateway notices the migration", seconds=25)
    assert gateway.readiness() == (200, "ready", [])
    assert chat.ask(gateway, gateway.create_key()).status == 200
    check_error(gateway.get("/v1/models", STRANGER), 401, "invalid_api_key")
