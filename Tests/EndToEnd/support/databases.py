"""The database of a gateway: its configuration section, and queries from outside the gateway."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from .postgres import PostgresServer

URL_VARIABLE = "POSTGRES_URL"


class SQLiteFile:
    """A file that the gateway creates. `location` is its name in messages."""

    backend = "SQLite"

    def __init__(self, path: Path, kind: str = "sqlite"):
        self.path = path
        self.environment: dict[str, str] = {}
        self.secrets: list[str] = []
        self.section = {"kind": kind, "path": str(path)}

    @property
    def location(self) -> str:
        return str(self.path)

    def query(self, statement: str) -> list[tuple]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            return connection.execute(statement).fetchall()

    def execute(self, *statements: str) -> None:
        for statement in statements:
            self.query(statement)

    def contents(self) -> list:
        """Its complete content, for comparison."""
        if not self.path.exists():
            return []
        with closing(sqlite3.connect(self.path)) as connection:
            return list(connection.iterdump())[1:-1]

    def recreate(self) -> None:
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()


class PostgresDatabase:
    """A database on a server. The gateway learns its URL by reference, as it should learn every secret."""

    backend = "PostgreSQL"

    def __init__(self, url: str, server: PostgresServer):
        self.url, self.server = url, server
        self.section = {"kind": "postgres", "url": f"env.{URL_VARIABLE}"}
        self.environment = {URL_VARIABLE: url}
        self.secrets = [server.password]

    @property
    def location(self) -> str:
        parts = urlsplit(self.url)
        return f"postgres://{parts.username}:•••@{parts.hostname}:{parts.port}{parts.path}"

    def query(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def contents(self) -> list:
        """Every relation of the schema, and the rows of each table."""
        relations = self.query(
            "SELECT relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname"
        )
        tables = [name for name, kind in relations if kind in ("r", "p")]
        return [relations, *(self.query(f'SELECT * FROM "{table}" ORDER BY 1') for table in tables)]

    def recreate(self) -> None:
        name = urlsplit(self.url).path[1:]
        self.server.execute(f"DROP DATABASE {name}")
        self.server.execute(f"CREATE DATABASE {name}")


Database = SQLiteFile | PostgresDatabase
