"""A gateway that is cut off from its database stops serving when its data is too old."""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from support import chat, wait
from support.databases import PostgresDatabase
from support.gateway import Gateway, Key
from support.postgres import PostgresServer
from support.proxy import Proxy
from support.replication import LOOPS, OK, Make, listed_key, outcomes, revoke

BRIEFLY = {"auth": {"max_staleness_seconds": 2}}


def refusals(gateway: Gateway, key: Key) -> set[tuple[int, str | None]]:
    """What every loop answers to a chat request and to a request for the models."""
    answers = [gateway.get("/v1/models", chat.headers(key)) for _ in range(LOOPS)]
    listed = {(answer.status, None if answer.status == 200 else answer.json()["error"]["code"]) for answer in answers}
    return outcomes(gateway, key) | listed


def check_stops_serving(gateway: Gateway, key: Key) -> None:
    wait.until(lambda: gateway.readiness() == (503, "not_ready", ["database", "stale"]), "it is stale", seconds=20)
    assert refusals(gateway, key) == {(503, "not_ready")}
    assert gateway.get("/healthz").status == 200
    assert gateway.command("healthcheck").returncode == 1


def test_a_gateway_whose_database_is_unreachable_for_long_stops_serving(
    own_postgres: PostgresServer, make_replica: Make, standard_document: dict
) -> None:
    database = PostgresDatabase(own_postgres.empty_database(), own_postgres)
    gateway = make_replica(standard_document | BRIEFLY, database).start()
    key = listed_key(gateway)
    assert refusals(gateway, key) == {OK}
    own_postgres.stop()
    began = time.monotonic()
    check_stops_serving(gateway, key)
    print(f"stopped serving {time.monotonic() - began:.1f} s after the server; allowed: 2 s")
    done = gateway.command("reload")
    assert (done.returncode, done.stdout) == (1, "") and "refused" in done.stderr, done
    own_postgres.start()
    took = wait.until(lambda: gateway.readiness() == (200, "ready", []), "it comes back", seconds=25)
    print(f"serving again {took:.1f} s after the server's return")
    assert refusals(gateway, key) == {OK}


@pytest.fixture
def proxied(postgres: PostgresServer) -> Iterator[tuple[Proxy, PostgresDatabase, PostgresDatabase]]:
    """A proxy in front of the server, a database behind it, and the same without it."""
    direct = PostgresDatabase(postgres.empty_database(), postgres)
    parts = urlsplit(direct.url)
    with Proxy(parts.port) as proxy:
        address = f"{parts.username}:{parts.password}@127.0.0.1:{proxy.port}"
        yield proxy, PostgresDatabase(urlunsplit(parts._replace(netloc=address)), postgres), direct


def test_a_gateway_whose_database_is_silent_for_long_stops_serving(
    proxied: tuple[Proxy, PostgresDatabase, PostgresDatabase], make_replica: Make, standard_document: dict
) -> None:
    """Connections exist, but transfer nothing. A change made meanwhile takes effect afterwards."""
    proxy, behind, direct = proxied
    cut_off = make_replica(standard_document | BRIEFLY, behind).start()
    other = make_replica(standard_document | BRIEFLY, direct).start()
    key = listed_key(cut_off)
    wait.until(lambda: refusals(cut_off, key) == {OK}, "the key is known")
    proxy.hold()
    try:
        began = time.monotonic()
        revoke(other)
        check_stops_serving(cut_off, key)
        print(f"stopped serving {time.monotonic() - began:.1f} s after the silence began; allowed: 2 s")
    finally:
        proxy.release()
    took = wait.until(lambda: cut_off.readiness() == (200, "ready", []), "it comes back", seconds=50)
    print(f"serving again {took:.1f} s after the silence ended")
    assert refusals(cut_off, key) == {(401, "api_key_revoked")}


def test_a_gateway_stops_while_its_database_is_silent(
    proxied: tuple[Proxy, PostgresDatabase, PostgresDatabase], make_replica: Make, standard_document: dict
) -> None:
    proxy, behind, _ = proxied
    gateway = make_replica(standard_document, behind).start()
    proxy.hold()
    try:
        # Until the watch has sent its query.
        wait.until(lambda: proxy.held > 0, "the gateway waits for an answer")
        gateway.terminate()
        # 2 s for running work, 5 s for closing the database connections.
        assert gateway.wait(15) == 0
    finally:
        proxy.release()
