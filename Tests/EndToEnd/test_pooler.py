"""A gateway behind pgbouncer in transaction mode: found out, or as the configuration says."""

import os
import threading
from collections.abc import Iterator

import psycopg
import pytest
from support import chat, wait
from support.databases import PostgresDatabase
from support.failures import check_failure
from support.gateway import Gateway
from support.pooler import PROGRAM, Pooler
from support.postgres import PostgresServer

pytestmark = pytest.mark.skipif(PROGRAM is None or os.geteuid() != 0, reason="pgbouncer is not installed")


@pytest.fixture
def pooled(postgres: PostgresServer) -> Iterator[PostgresDatabase]:
    """A database behind a pooler."""
    pooler = Pooler(postgres.empty_database())
    yield PostgresDatabase(pooler.url, postgres)
    pooler.close()


@pytest.mark.parametrize("setting", [None, True])
def test_everything_works(make_gateway, standard_document, pooled: PostgresDatabase, setting: bool | None) -> None:
    if setting is not None:
        pooled.section["pooled"] = setting
    gateway: Gateway = make_gateway(database=pooled).start()
    key = gateway.create_key("first")
    other = gateway.create_key("second")
    statuses: list[int] = []

    def ask() -> None:
        for _ in range(20):
            statuses.append(chat.ask(gateway, key).status)
            gateway.get("/v1/models", {"authorization": "Bearer gwk_madeup0001.x"})

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert gateway.command("reload").returncode == 0
    assert gateway.command("keys", "revoke", other.public_id).returncode == 0
    for thread in threads:
        thread.join()
    assert set(statuses) == {200} and len(statuses) == 120
    assert chat.ask(gateway, other).status == 401
    # Nothing of a session is left for other users of the same connections.
    with psycopg.connect(pooled.url, autocommit=True, prepare_threshold=None) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone()[0] == "0"
        assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()[0] == 0
        assert connection.execute("SELECT count(*) FROM pg_listening_channels()").fetchone()[0] == 0
    assert "42P05" not in gateway.log()


def test_a_change_of_another_process_is_noticed(make_gateway, pooled: PostgresDatabase) -> None:
    """Without LISTEN, the poll finds it."""
    gateway: Gateway = make_gateway(database=pooled).start()
    key = gateway.create_key("revoked elsewhere")
    assert chat.ask(gateway, key).status == 200
    pooled.execute(
        f"UPDATE api_keys SET revoked_at = 1 WHERE public_id = '{key.public_id}'",
        "UPDATE change_version SET version = version + 1",
    )
    wait.until(lambda: chat.ask(gateway, key).status == 401, "the key is refused", seconds=10)


def test_a_gateway_that_was_told_otherwise_names_the_cause(make_gateway, pooled: PostgresDatabase) -> None:
    pooled.section["pooled"] = False
    gateway: Gateway = make_gateway(database=pooled)
    # The second command meets the statements that the first one has left on the server's connection.
    runs = [gateway.command("migrate", "--status") for _ in range(2)]
    check_failure(gateway, runs[1], 4, "A pooler before the database")
    assert "`database.pooled: false`" in runs[1].stderr
