"""Mutated rows of providers, models and routes, read back by a running gateway and by `explain`: no crash, no hang, one
readable error, and the gateway serves by what it read last."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from support import chat, wait
from support.failures import UNREADABLE
from support.fuzzing import MAX_GROWTH_MIB, keep, rounds
from support.gateway import Gateway
from support.mutations import TOKENS, mutate, mutate_bytes

COLUMNS = [
    ("providers", "settings"),
    ("providers", "id"),
    ("models", "description"),
    ("models", "id"),
    ("models", "alias_of"),
    ("models", "rank"),
    ("routes", "options"),
    ("routes", "provider_id"),
    ("routes", "upstream_model"),
    ("routes", "weight"),
    ("routes", "priority"),
]


@pytest.fixture
def gateway(make_gateway, standard_document) -> Gateway:
    gateway: Gateway = make_gateway(standard_document)
    return gateway.start()


def columns(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    known = {
        (table, row[1].decode())
        for table in ("providers", "models", "routes")
        for row in connection.execute(f"PRAGMA table_info({table})")
    }
    return [column for column in COLUMNS if column in known]


def change(connection: sqlite3.Connection, chance) -> str | None:
    """One changed value; None if the database itself refuses it."""
    table, column = chance.choice(columns(connection))
    rows = connection.execute(f"SELECT rowid, CAST({column} AS BLOB) FROM {table}").fetchall()
    row, old = chance.choice(rows)
    text = (old or b"").decode(errors="replace")
    value: object
    match chance.randrange(5):
        case 0:
            value = chance.choice((*TOKENS, None, -1, 1e308, float("inf"), 2**62)) if chance.random() < 0.5 else ""
        case 1:
            data = mutate_bytes(old or b"{}", chance)
            statement = f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE rowid = ?"
            return execute(connection, statement, (data, row), f"{table}.{column} = {data!r}")
        case _:
            value = mutate(text or "{}", [text or "{}", '{"a": [1, "x", null, {"b": 1e999}]}'], chance)
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode()
    return execute(
        connection, f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row), f"{table}.{column} = {value!r}"
    )


def execute(connection: sqlite3.Connection, statement: str, values: tuple, words: str) -> str | None:
    try:
        connection.execute(statement, values)
    except sqlite3.Error:
        return None
    return words


def test_fuzz_stored_definitions(gateway: Gateway, full: bool, tmp_path: Path) -> None:
    key = gateway.create_key()
    assert chat.ask(gateway, key).status == 200
    path = gateway.database.path
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
        connection.text_factory = bytes
        script = [
            (table, connection.execute(f"SELECT rowid, * FROM {table}").fetchall())
            for table in ("providers", "models", "routes")
        ]
        assert all(rows for _, rows in script)
        before = None
        codes: dict[int, int] = {}
        for number, chance in enumerate(rounds(full, small=8)):
            changes = [words for _ in range(chance.choice((1, 1, 2, 4))) if (words := change(connection, chance))]
            connection.execute("UPDATE change_version SET version = version + 1, routing_version = routing_version + 1")
            kept = keep(tmp_path, "fuzzed.txt", "\n".join(changes))
            done = explain(gateway, key.public_id)
            codes[done.returncode] = codes.get(done.returncode, 0) + 1
            assert done.returncode in (0, 2, 3, 4), (done, kept)
            assert not UNREADABLE.search(done.stdout + done.stderr), (done, kept)
            if number % 50 == 0:
                assert gateway.is_alive(), kept
                before = before or (number >= 500 and gateway.memory_mib()) or None
            restore(connection, script)
        connection.execute("UPDATE change_version SET version = version + 1, routing_version = routing_version + 1")
    wait.until(lambda: chat.ask(gateway, key).status == 200, "it serves what is stored again", seconds=30)
    growth = gateway.memory_mib() - before if before else 0
    print(f"exit codes of explain: {codes}, grown by {growth:.1f} MiB", flush=True)
    assert growth < MAX_GROWTH_MIB


def explain(gateway: Gateway, public_id: str) -> subprocess.CompletedProcess:
    """Without the running gateway's socket, so that the stored form is read again."""
    other = gateway.folder / "explain.yaml"
    if not other.exists():
        other.write_text(gateway.config_path.read_text().replace("gateway.sock", "absent.sock"))
    arguments = ["--config", str(other), "explain", "--key", public_id, "--model", "chat"]
    return gateway.command(*arguments)


def restore(connection: sqlite3.Connection, script: list) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    for table, _ in reversed(script):
        connection.execute(f"DELETE FROM {table}")
    for table, rows in script:
        names = ["rowid", *(row[1].decode() for row in connection.execute(f"PRAGMA table_info({table})"))]
        places = ", ".join("?" * len(names))
        for row in rows:
            texts = [value.decode() if isinstance(value, bytes) else value for value in row]
            connection.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", texts)
    connection.execute("COMMIT")
