"""A PostgreSQL server that refuses, is down or unreachable: one readable error or the right readiness, and recovery."""

from urllib.parse import urlsplit

import pytest
from support import chat, wait
from support.chat import STRANGER, check_error
from support.databases import PostgresDatabase
from support.failures import check_failure
from support.gateway import Gateway, Key
from support.postgres import PostgresServer

PASSWORD = "canary-password-7f21"
# Each event loop has its own cache, and each connection goes to the next loop.
ON_EVERY_LOOP = range(16)


def at(make_gateway, postgres: PostgresServer, url: str) -> Gateway:
    gateway: Gateway = make_gateway(database=PostgresDatabase(url, postgres))
    gateway.secrets.append(PASSWORD)
    return gateway


BAD_URLS = {
    "another scheme": f"mysql://gateway:{PASSWORD}@127.0.0.1:5432/sluice",
    "no scheme": f"gateway:{PASSWORD}@127.0.0.1:5432/sluice",
    "a bracket too few": f"postgres://gateway:{PASSWORD}@[::1:5432/sluice",
    "an invalid port": f"postgres://gateway:{PASSWORD}@127.0.0.1:port/sluice",
    "a port beyond the last": f"postgres://gateway:{PASSWORD}@127.0.0.1:99999/sluice",
    "an unknown parameter": f"postgres://gateway:{PASSWORD}@127.0.0.1:5432/sluice?nonsense=yes",
    "an invalid value": f"postgres://gateway:{PASSWORD}@127.0.0.1:5432/sluice?sslmode=nonsense",
    "half an escape": f"postgres://gateway:{PASSWORD}%4@127.0.0.1:5432/sluice",
}


@pytest.mark.parametrize("form", BAD_URLS)
def test_an_invalid_url(make_gateway, postgres: PostgresServer, form: str) -> None:
    gateway = at(make_gateway, postgres, BAD_URLS[form])
    for command in (["migrate"], ["serve"]):
        check_failure(gateway, gateway.command(*command), {3, 4})


def test_a_url_that_is_not_set(make_gateway, postgres: PostgresServer) -> None:
    gateway = at(make_gateway, postgres, postgres.url)
    del gateway.environment["POSTGRES_URL"]
    for command in (["migrate"], ["serve"]):
        check_failure(gateway, gateway.command(*command), 3)


def refused_urls(postgres: PostgresServer) -> dict[str, tuple[str, str]]:
    """Permanent refusals, and their messages."""
    return {
        "password": (postgres.url.replace(postgres.password, PASSWORD), "password authentication failed"),
        "database": (postgres.url_of("nowhere"), "does not exist"),
        "user": (postgres.url.replace("//gateway:", "//stranger:"), "password authentication failed"),
        "tls": (f"{postgres.url}?sslmode=require", "SSL"),
    }


@pytest.mark.parametrize("fault", ["password", "database", "user", "tls"])
def test_a_refusal_that_waiting_does_not_fix(make_gateway, postgres: PostgresServer, fault: str) -> None:
    url, words = refused_urls(postgres)[fault]
    gateway = at(make_gateway, postgres, url)
    for command in (["migrate"], ["migrate", "--check"], ["serve"], ["keys", "list"]):
        check_failure(gateway, gateway.command(*command), 4, words)


def test_a_user_that_may_not_make_tables(make_gateway, postgres: PostgresServer) -> None:
    """As every new user of PostgreSQL 15 and later, without a grant."""
    postgres.execute(f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'")
    url = postgres.empty_database().replace(f"gateway:{postgres.password}", f"guest:{PASSWORD}")
    gateway = at(make_gateway, postgres, url)
    for command in (["migrate"], ["serve"]):
        check_failure(gateway, gateway.command(*command), 4, gateway.database.location)


def test_a_server_that_is_down_at_start(own_postgres: PostgresServer, make_gateway) -> None:
    gateway = at(make_gateway, own_postgres, own_postgres.empty_database())
    own_postgres.stop()
    for command in (["migrate"], ["migrate", "--status"], ["keys", "list"]):
        check_failure(gateway, gateway.command(*command), 4, "refused", f":{urlsplit(own_postgres.url).port}")
    gateway.start(ready=False)
    assert gateway.readiness() == (503, "not_ready", ["database"])
    check_error(gateway.get("/v1/models", STRANGER), 503, "not_ready")
    assert gateway.command("healthcheck").returncode == 1
    own_postgres.start()
    took = wait.until(gateway.is_ready, "the gateway finds its database", seconds=25)
    print(f"ready {took:.1f} s after the server's start")
    assert gateway.readiness() == (200, "ready", [])
    assert chat.ask(gateway, gateway.create_key()).status == 200
    check_error(gateway.get("/v1/models", STRANGER), 401, "invalid_api_key")


def test_a_gateway_stops_while_its_server_is_down(own_postgres: PostgresServer, make_gateway) -> None:
    serving = at(make_gateway, own_postgres, own_postgres.empty_database()).start()
    waiting = at(make_gateway, own_postgres, own_postgres.empty_database())
    own_postgres.stop()
    waiting.start(ready=False)
    for gateway in (serving, waiting):
        gateway.terminate()
        assert gateway.wait(10) == 0


def test_connections_that_die_are_replaced_without_an_error(make_gateway, postgres: PostgresServer) -> None:
    database = PostgresDatabase(postgres.empty_database(), postgres)
    gateway: Gateway = make_gateway(database=database).start()
    for _ in range(3):
        [(ended,)] = database.query(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert ended > 0
        check_error(gateway.get("/v1/models", STRANGER), 401, "invalid_api_key")
        assert chat.ask(gateway, gateway.create_key()).status == 200


def answers_on_every_loop(gateway: Gateway, key: Key) -> set[int]:
    return {chat.ask(gateway, key).status for _ in ON_EVERY_LOOP}


def test_a_server_that_becomes_unreachable_while_serving(own_postgres: PostgresServer, make_gateway) -> None:
    gateway = at(make_gateway, own_postgres, own_postgres.empty_database()).start()
    key = gateway.create_key()
    # A change of the database makes every loop discard its cached keys; afterwards they stay cached.
    wait.until(lambda: answers_on_every_loop(gateway, key) == {200}, "the key is known")
    own_postgres.stop()
    wait.until(lambda: gateway.readiness()[1] != "ready", "the gateway notices", seconds=25)
    assert gateway.readiness() == (200, "degraded", ["database"])
    assert gateway.command("healthcheck").returncode == 0
    assert answers_on_every_loop(gateway, key) == {200}
    check_error(gateway.get("/v1/models", STRANGER), 503, "not_ready")
    check_failure(gateway, gateway.command("keys", "list"), 4, "refused")
    own_postgres.start()
    took = wait.until(lambda: gateway.readiness()[1] == "ready", "the gateway recovers", seconds=25)
    print(f"ready again {took:.1f} s after the server's start")
    assert gateway.readiness() == (200, "ready", [])
    check_error(gateway.get("/v1/models", STRANGER), 401, "invalid_api_key")
    assert answers_on_every_loop(gateway, gateway.create_key("fresh")) == {200}
