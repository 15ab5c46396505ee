"""Fixtures: one fake upstream and one gateway for most tests, and a way to start others."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path

import openai
import psycopg
import pytest
from support import answers, documents
from support.databases import Database, PostgresDatabase, SQLiteFile
from support.gateway import BINARY, Gateway, Key
from support.launch import launch
from support.postgres import PostgresServer
from support.upstream import FakeUpstream


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the full form of each proof, see script/proof")


def pytest_sessionstart() -> None:
    if not BINARY.exists():
        pytest.exit(f"there is no {BINARY}: run swift build -c release --product gateway, or set GATEWAY_BIN", 2)


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    return request.config.getoption("--full")


@pytest.fixture(scope="session")
def shared_upstream() -> Iterator[FakeUpstream]:
    upstream = FakeUpstream(answers.ordinary())
    yield upstream
    upstream.stop()


@pytest.fixture
def upstream(shared_upstream: FakeUpstream) -> FakeUpstream:
    """The fake upstream, well-behaved, without received requests."""
    shared_upstream.reset(answers.ordinary())
    return shared_upstream


@pytest.fixture(scope="session")
def gateway(shared_upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The gateway that most tests share."""
    gateway = launch(tmp_path_factory.mktemp("gateway"), documents.standard(shared_upstream.port))
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture
def make_gateway(standard_document: dict, tmp_path: Path) -> Iterator[Callable[..., Gateway]]:
    """Makes a gateway for this test, not started. At the end it is stopped and must exit with 0."""
    numbers = count()

    def make(document: dict | None = None, database: Database | None = None, **environment: str) -> Gateway:
        folder = tmp_path / f"gateway-{next(numbers)}"
        folder.mkdir()
        if isinstance(database, PostgresDatabase):
            used.callback(drop, database)
        gateway = launch(folder, document or standard_document, database, **environment)
        started.callback(gateway.stop)
        return gateway

    with ExitStack() as used, ExitStack() as started:
        yield make


def drop(database: PostgresDatabase) -> None:
    """A server with the databases of all tests would take gigabytes, and a minute to remove."""
    own = database.url.removeprefix(database.server.url_of("test_"))
    # The test may have stopped the server, or used an invalid URL.
    if own.isdigit():
        with suppress(psycopg.Error):
            database.server.execute(f"DROP DATABASE IF EXISTS test_{own} WITH (FORCE)")


@pytest.fixture
def start_gateway(make_gateway: Callable[..., Gateway]) -> Callable[[dict], Gateway]:
    """Makes a gateway for this test and starts it."""
    return lambda document: make_gateway(document).start()


@pytest.fixture(scope="session")
def key(gateway: Gateway) -> Key:
    """A key for every model."""
    return gateway.create_key("everything")


@pytest.fixture(scope="session")
def sdk(gateway: Gateway, key: Key) -> Iterator[openai.OpenAI]:
    """The official SDK, as a caller sets it up; without its own retries, which would hide ours."""
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key.text, max_retries=0, timeout=20) as client:
        yield client


@pytest.fixture
def standard_document(upstream: FakeUpstream) -> dict:
    """The configuration of the shared gateway, for a test that starts its own."""
    return documents.standard(upstream.port)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server that tests share, each with a database of its own."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server that the test may stop. Ask for it before a gateway, so that the gateway stops first."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Each engine in turn, empty."""
    if request.param == "SQLite":
        return SQLiteFile(tmp_path / "gateway.db")
    server = request.getfixturevalue("postgres")
    return PostgresDatabase(server.empty_database(), server)
