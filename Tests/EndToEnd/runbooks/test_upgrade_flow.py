"""The runbook *Upgrade Flow*, line by line."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from support import runbook, wait
from support.databases import Database, PostgresDatabase, SQLiteFile
from support.failures import check_failure
from support.gateway import Gateway, Key
from support.load import Load
from support.postgres import PostgresServer

HEADING = "Upgrade Flow"


@pytest.fixture
def gateway(make_gateway, database: Database) -> Gateway:
    """Not started, on an empty database."""
    return make_gateway(database=database)


def copy_of(database: Database, folder: Path) -> Database:
    """Backs up the database as the runbook says, while it is in use, and restores the copy as another database."""
    if isinstance(database, SQLiteFile):
        copy = folder / "copy.db"
        # The function behind `.backup` of the sqlite3 program, which need not be installed.
        with closing(sqlite3.connect(database.path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return SQLiteFile(copy)
    dump = folder / "dump.sql"
    subprocess.run(["pg_dump", "--file", dump, database.url], check=True, timeout=30)
    url = database.server.empty_database()
    restore = ["psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", dump, url]
    subprocess.run(restore, check=True, timeout=30, stdout=subprocess.DEVNULL)
    return PostgresDatabase(url, database.server)


def check_key_and_live_call(gateway: Gateway, key: Key) -> None:
    """The runbook's last step, as it is written there."""
    models, live = runbook.lines(HEADING, "curl http")
    status, _, body = runbook.curl(gateway, models, KEY=key.text)
    assert status == 200 and '"chat"' in body, body
    status, _, body = runbook.curl(gateway, live, "chat", KEY=key.text)
    assert status == 200 and '"choices"' in body, body


def test_back_the_database_up(
    make_gateway, standard_document: dict, gateway: Gateway, database: Database, tmp_path: Path
) -> None:
    assert "sqlite3 gateway.db" in runbook.section(HEADING) and "pg_dump" in runbook.section(HEADING)
    key = gateway.start().create_key()
    document = standard_document | {"accounting": {"journal": {"path": str(tmp_path / "restored-journal")}}}
    restored: Gateway = make_gateway(document, copy_of(database, tmp_path))
    restored.start()
    check_key_and_live_call(restored, key)


def test_both_change_nothing(gateway: Gateway, database: Database) -> None:
    before = database.contents()
    for words in ("gateway config validate", "gateway migrate --status"):
        done = runbook.perform(gateway, runbook.line(HEADING, words))
        assert done.returncode == 0 and done.stdout, done
    assert database.contents() == before


def test_a_database_of_another_build_is_refused(gateway: Gateway, database: Database) -> None:
    assert runbook.perform(gateway, "gateway migrate").returncode == 0
    database.execute("UPDATE gateway_migrations SET checksum = 'of another build'")
    for command in ("migrate", "serve"):
        check_failure(gateway, gateway.command(command), 4, "different content")


def test_migrate_then_restart(gateway: Gateway, database: Database) -> None:
    """One gateway; an earlier run created the database, and its key still works."""
    key = gateway.start().create_key()
    assert runbook.perform(gateway, "gateway migrate").returncode == 0
    gateway.stop()
    gateway.start()
    done = runbook.perform(gateway, "gateway healthcheck")
    assert (done.returncode, done.stdout) == (0, "ready\n")
    check_key_and_live_call(gateway, key)


def test_gateways_are_restarted_one_after_the_other(make_gateway, postgres: PostgresServer) -> None:
    database = PostgresDatabase(postgres.empty_database(), postgres)
    gateways: list[Gateway] = [make_gateway(database=database).start() for _ in range(2)]
    key = gateways[0].create_key()
    for index, gateway in enumerate(gateways):
        with Load(gateways[1 - index], [key]) as load:
            gateway.stop()
            assert runbook.perform(gateway, "gateway migrate").returncode == 0
            gateway.start()
            load.wait_for_more(50)
        assert load.failures == {}
        check_key_and_live_call(gateway, key)


def add_migration(database: Database, min_compatible: int) -> None:
    database.execute(
        "INSERT INTO gateway_migrations (version, name, checksum, min_compatible_version, applied_at)"
        f" VALUES (18, 'future', 'checksum', {min_compatible}, 1)"
    )


def test_gateways_of_the_old_version_that_run_go_on_with_the_new_schema(gateway: Gateway, database: Database) -> None:
    key = gateway.start().create_key()
    add_migration(database, min_compatible=18)
    check_key_and_live_call(gateway, key)
    assert gateway.readiness() == (200, "ready", [])


def test_an_old_version_starts_only_if_the_newest_migration_says_so(gateway: Gateway, database: Database) -> None:
    key = gateway.start().create_key()
    gateway.stop()
    add_migration(database, min_compatible=18)
    promised = "This database has migration V"
    assert promised in runbook.section(HEADING)
    check_failure(gateway, gateway.command("serve"), 4, f"{promised}18", "does not know")
    database.execute("UPDATE gateway_migrations SET min_compatible_version = 17 WHERE version = 18")
    gateway.start()
    check_key_and_live_call(gateway, key)


def test_they_wait_for_the_migration(gateway: Gateway) -> None:
    gateway.environment["GATEWAY_RUN_MIGRATIONS"] = "false"
    gateway.start(ready=False)
    assert gateway.readiness() == (503, "not_ready", ["migrations_pending"])
    assert runbook.perform(gateway, "gateway migrate").returncode == 0
    wait.until(gateway.is_ready, "the gateway notices", seconds=10)
    check_key_and_live_call(gateway, gateway.create_key())
