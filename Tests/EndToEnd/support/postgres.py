"""A throw-away PostgreSQL server of `script/postgres`, with its own folder and port, deleted at the end."""

import subprocess
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

SCRIPT = Path(__file__).parents[3] / "script/postgres"


class PostgresServer:
    """`url` is a superuser's, with its password. It ends with `close()`, or with this process."""

    def __init__(self, *, icu: bool = False):
        command = [SCRIPT, "--commands", *(["--icu"] if icu else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip()
        self._names = (f"test_{number}" for number in count(1))
        if not self.url:
            self.close()
            raise AssertionError("PostgreSQL's throw-away server did not start: run script/setup if it is missing")

    def __enter__(self) -> "PostgresServer":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    @property
    def password(self) -> str:
        return urlsplit(self.url).password

    def stop(self) -> None:
        """Ends the server at once, as a crash does."""
        self._perform("stop")

    def start(self) -> None:
        """Starts it again on the same port, with its data."""
        self._perform("start")

    def close(self) -> None:
        try:
            self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError("script/postgres did not end within 30 s of the end of its input") from None

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def url_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def empty_database(self) -> str:
        """The URL of a new database."""
        name = next(self._names)
        self.execute(f"CREATE DATABASE {name}")
        return self.url_of(name)

    def _perform(self, command: str) -> None:
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer == f"{command}: done", f"script/postgres answers '{answer}' to {command}"
