"""PostgreSQL restarted under load. Small form: once in 8 s of load; full: three times in 30 s."""

import time

from support import chat, wait
from support.databases import PostgresDatabase
from support.gateway import Gateway
from support.load import Load
from support.postgres import PostgresServer

CALLERS = 8


def is_whole(gateway: Gateway) -> bool:
    """A key can be made, and readiness says `ready`."""
    done = gateway.command("keys", "create", "--name", "fresh", "--models", "all", "--json")
    return done.returncode == 0 and gateway.readiness() == (200, "ready", [])


def restart(server: PostgresServer, gateway: Gateway, load: Load) -> float:
    """Returns the seconds from the server's return until the gateway has recovered."""
    server.stop()
    wait.until(lambda: gateway.readiness() == (200, "degraded", ["database"]), "the outage is noticed", seconds=25)
    before = load.count
    wait.until(lambda: load.count > before + 200, "requests go on through the outage", seconds=25)
    server.start()
    began = time.monotonic()
    wait.until(lambda: is_whole(gateway), "service is whole", seconds=25)
    took = time.monotonic() - began
    assert chat.ask(gateway, gateway.create_key("used")).status == 200
    return took


def test_database_restart(own_postgres: PostgresServer, make_gateway, full: bool) -> None:
    seconds, moments = (30, [3, 12, 21]) if full else (8, [3])
    database = PostgresDatabase(own_postgres.empty_database(), own_postgres)
    gateway: Gateway = make_gateway(database=database).start()
    keys = [gateway.create_key(f"caller {number}") for number in range(CALLERS)]
    took = []
    with Load(gateway, keys) as load:
        for moment in moments:
            # A new key clears the gateway's cache: the load fills every loop's cache again before the next stop.
            load.wait_for_second(moment)
            took.append(restart(own_postgres, gateway, load))
        load.wait_for_second(seconds)
    print(
        f"{load.count} requests in {seconds} s, {load.failures.total()} failed; recovered after "
        + ", ".join(f"{each:.2f} s" for each in took)
    )
    assert load.failures == {}
    assert gateway.is_alive()
