"""The runbook *Failed Migration Recovery*, line by line."""

import re

import pytest
from support import chat, runbook, wait
from support.configuration import seeded_key
from support.databases import Database, PostgresDatabase, SQLiteFile
from support.failures import check_failure
from support.gateway import Gateway, Key
from support.postgres import PostgresServer

HEADING, RECREATE = "Failed Migration Recovery", "Recreate the database"
KEY = ("recoverykey01", "r" * 43)
FOREIGN = ["CREATE TABLE api_keys (id BIGINT, name TEXT)", "INSERT INTO api_keys (id, name) VALUES (1, 'precious')"]


def document(standard: dict) -> dict:
    return standard | {"auth": {"seed_api_keys": [{"name": "listed", "value": f"literal.gwk_{KEY[0]}.{KEY[1]}"}]}}


@pytest.fixture
def gateway(make_gateway, standard_document: dict, database: Database) -> Gateway:
    """Not started, on an empty database, with a key that its file lists."""
    return make_gateway(document(standard_document), database)


def check_serves(gateway: Gateway, key: Key) -> None:
    """As in *Upgrade Flow*."""
    models, live = runbook.lines("Upgrade Flow", "curl http")
    assert runbook.curl(gateway, models, KEY=key.text)[0] == 200
    assert runbook.curl(gateway, live, "chat", KEY=key.text)[0] == 200


def test_read_the_log_and_the_exit_code(gateway: Gateway, database: Database) -> None:
    """3 configuration, 4 database, 5 reset required; the last lines say why."""
    good = gateway.config_path.read_text()

    def start_fails(code: int, *words: str) -> None:
        check_failure(gateway, gateway.command("serve"), code, *words)

    gateway.config_path.write_text(good.replace('"models"', '"modles"'))
    start_fails(3, "modles")
    gateway.config_path.write_text(good)
    database.execute(*FOREIGN)
    start_fails(5, "database reset required")
    database.recreate()
    assert gateway.command("migrate").returncode == 0
    database.execute("UPDATE gateway_migrations SET checksum = 'another'")
    start_fails(4, "different content")
    assert "3 configuration" in runbook.section(HEADING)


def test_run_the_migration_by_itself_again_and_again(gateway: Gateway, database: Database) -> None:
    command = runbook.line(HEADING, "mise run gateway-migrate")
    for _ in range(2):
        done = runbook.perform(gateway, command)
        assert done.returncode == 0, done
    assert database.query("SELECT count(*) FROM gateway_migrations") == [(1,)]


def test_its_first_line_names_the_database_without_the_password(gateway: Gateway, database: Database) -> None:
    done = runbook.perform(gateway, "gateway migrate")
    assert done.stdout.splitlines()[0] == f"{database.backend}: {database.location}"
    assert not any(secret in done.stdout + done.stderr for secret in gateway.secrets)


def test_a_gateway_with_migrations_disabled_becomes_ready_by_itself(gateway: Gateway) -> None:
    gateway.start("--run-migrations", "false", ready=False)
    assert gateway.readiness() == (503, "not_ready", ["migrations_pending"])
    assert runbook.perform(gateway, runbook.line(HEADING, "gateway-migrate")).returncode == 0
    took = wait.until(gateway.is_ready, "the gateway notices", seconds=10)
    print(f"ready {took:.1f} s after the migration; promised: 2 s")
    check_serves(gateway, seeded_key(gateway, *KEY))


def test_the_table_quotes_the_errors(make_gateway, own_postgres: PostgresServer, standard_document: dict) -> None:
    """What an operator looks up is found there as it was read."""
    table = runbook.section(HEADING)
    database = PostgresDatabase(own_postgres.empty_database(), own_postgres)
    gateway: Gateway = make_gateway(document(standard_document), database)

    def check(code: int, words: str) -> None:
        found = re.search(rf"^\| `{words}.*` \((?:exit code )?{code}\)", table, re.M)
        assert found, f"the table has no '{words}' with {code}"
        check_failure(gateway, gateway.command("migrate"), code, words)

    database.execute(*FOREIGN)
    check(5, "database reset required")
    database.recreate()
    gateway.environment["POSTGRES_URL"] = database.url.replace(own_postgres.password, "wrong")
    check(4, "refuses the connection")
    gateway.environment["POSTGRES_URL"] = database.url
    own_postgres.stop()
    check(4, "cannot be opened")
    own_postgres.start()
    assert gateway.command("migrate").returncode == 0
    database.execute(
        "INSERT INTO gateway_migrations (version, name, checksum, min_compatible_version, applied_at)"
        " VALUES (18, 'future', 'checksum', 18, 1)"
    )
    check(4, "This database has migration V")
    database.execute("DELETE FROM gateway_migrations WHERE version = 18")
    database.execute("UPDATE gateway_migrations SET checksum = 'another'")
    check(4, "Migration V")


def test_recreate_a_sqlite_database(make_gateway, standard_document: dict) -> None:
    gateway: Gateway = make_gateway(document(standard_document))
    assert isinstance(gateway.database, SQLiteFile)
    gateway.database.execute(*FOREIGN)
    check_failure(gateway, gateway.command("migrate"), 5, "database reset required")
    done = runbook.perform(gateway, runbook.line(RECREATE, "mv gateway.db"))
    assert done.returncode == 0, done
    assert runbook.perform(gateway, runbook.line(RECREATE, "gateway migrate")).returncode == 0
    check_serves(gateway.start(), seeded_key(gateway, *KEY))
    kept = SQLiteFile(gateway.folder / "gateway.db.old")
    assert kept.query("SELECT name FROM api_keys") == [("precious",)], "the old file is kept"


def test_recreate_a_postgresql_database(make_gateway, postgres: PostgresServer, standard_document: dict) -> None:
    postgres.execute("CREATE ROLE sluice LOGIN PASSWORD 'canary-sluice-password'")
    postgres.execute("CREATE DATABASE sluice OWNER sluice")
    url = postgres.url_of("sluice").replace(f"gateway:{postgres.password}", "sluice:canary-sluice-password")
    gateway: Gateway = make_gateway(document(standard_document), PostgresDatabase(url, postgres))
    gateway.secrets.append("canary-sluice-password")
    gateway.database.execute(*FOREIGN)
    check_failure(gateway, gateway.command("migrate"), 5, "database reset required")
    done = runbook.perform(gateway, runbook.line(RECREATE, "psql"), ADMIN_URL=postgres.url)
    assert done.returncode == 0, done
    assert runbook.perform(gateway, runbook.line(RECREATE, "gateway migrate")).returncode == 0
    check_serves(gateway.start(), seeded_key(gateway, *KEY))


def test_keys_made_by_command_must_be_created_again(gateway: Gateway, database: Database) -> None:
    assert "must be created again" in runbook.section(RECREATE)
    gone = gateway.start().create_key()
    gateway.stop()
    database.recreate()
    gateway.start()
    check_serves(gateway, seeded_key(gateway, *KEY))
    chat.check_error(gateway.get("/v1/models", chat.headers(gone)), 401, "invalid_api_key")
    check_serves(gateway, gateway.create_key())
