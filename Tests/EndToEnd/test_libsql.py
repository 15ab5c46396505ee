"""A file made by the real libSQL library is migrated and served, and libSQL reads it afterwards."""

from contextlib import closing
from pathlib import Path

import libsql
import pytest
from support import chat
from support.databases import SQLiteFile
from support.gateway import Gateway


@pytest.fixture
def file(tmp_path: Path) -> SQLiteFile:
    """An empty database that libSQL has written: a table was there, and is gone."""
    path = tmp_path / "gateway.db"
    with closing(libsql.connect(str(path))) as connection:
        # A type that SQLite does not have: this is libSQL, and not SQLite under another name.
        connection.execute("CREATE TABLE vectors (embedding F32_BLOB(2))")
        connection.execute("INSERT INTO vectors VALUES (vector32('[1, 2]'))")
        connection.execute("DROP TABLE vectors")
        connection.commit()
    assert path.read_bytes().startswith(b"SQLite format 3\0")
    return SQLiteFile(path, kind="libsql")


def read(file: SQLiteFile, statement: str) -> list[tuple]:
    with closing(libsql.connect(str(file.path))) as connection:
        return connection.execute(statement).fetchall()


def test_a_file_of_libsql(make_gateway, file: SQLiteFile) -> None:
    gateway: Gateway = make_gateway(database=file)
    done = gateway.command("migrate")
    assert done.returncode == 0 and file.location in done.stdout, done
    key = gateway.start().create_key("of libsql")
    assert chat.ask(gateway, key).status == 200
    gateway.stop()
    versions = file.query("SELECT version FROM gateway_migrations ORDER BY version")
    assert read(file, "SELECT version FROM gateway_migrations ORDER BY version") == versions != []
    assert read(file, "SELECT public_id, name FROM api_keys") == [(key.public_id, "of libsql")]
    assert read(file, "PRAGMA integrity_check") == [("ok",)]


def test_what_libsql_writes_is_read_by_the_gateway(make_gateway, file: SQLiteFile) -> None:
    gateway: Gateway = make_gateway(database=file)
    key = gateway.start().create_key("of libsql")
    gateway.stop()
    with closing(libsql.connect(str(file.path))) as connection:
        connection.execute("UPDATE api_keys SET name = 'renamed by libsql'")
        connection.commit()
    gateway.start()
    assert "renamed by libsql" in gateway.command("keys", "list").stdout
    assert chat.ask(gateway, key).status == 200
