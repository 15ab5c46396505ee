"""Several gateways over one PostgreSQL: a change through one takes effect on all."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from support import answers, wait
from support.configuration import edit, entry, reload, remove
from support.databases import PostgresDatabase
from support.documents import model, provider
from support.gateway import Gateway
from support.replication import OK, PROMISED, Make, listed_key, outcomes, revoke, wait_for
from support.upstream import FakeUpstream


def edit_and_reload(change: Callable[[dict], object]) -> Callable[[Gateway], None]:
    def perform(gateway: Gateway) -> None:
        edit(gateway, change)
        reload(gateway)

    return perform


def switch(is_enabled: bool) -> Callable[[dict], object]:
    """The one route of the model `other`, on or off."""
    return lambda document: entry(document["models"], "other")["routes"][0].update(enabled=is_enabled)


NO_ROUTE = (503, "no_route_available")
CHANGES = {
    "a key revoked": (revoke, (401, "api_key_revoked")),
    "a grant removed": (
        edit_and_reload(lambda document: document["auth"]["seed_api_keys"][0].update(allowed_models=["chat"])),
        (403, "model_not_allowed"),
    ),
    "a model retired": (
        edit_and_reload(lambda document: remove(document["models"], "other")),
        (404, "model_not_found"),
    ),
    "a route disabled": (
        edit_and_reload(switch(False)),
        NO_ROUTE,
    ),
}


@contextmanager
def listeners_killed(database: PostgresDatabase) -> Iterator[list[int]]:
    """Repeatedly ends every connection that listens; the list has one number per ended connection."""
    ended: list[int] = []
    stopping = threading.Event()
    statement = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        " AND pg_terminate_backend(pid)"
    )

    def kill() -> None:
        with psycopg.connect(database.url, autocommit=True) as connection:
            while not stopping.wait(0.02):
                ended.extend(pid for (pid,) in connection.execute(statement).fetchall())

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield ended
    finally:
        stopping.set()
        thread.join(10)


def check_followed_by_all(gateways: list[Gateway], name: str) -> None:
    """Makes the change through the first gateway, which uses it when the command returns."""
    perform, outcome = CHANGES[name]
    keys = [listed_key(gateway) for gateway in gateways]
    wait_for(gateways, keys, OK, "the gateway serves")
    began = time.monotonic()
    perform(gateways[0])
    assert outcomes(gateways[0], keys[0]) == {outcome}
    wait_for(gateways[1:], keys[1:], outcome, f"{name} is in force")
    took = time.monotonic() - began
    print(f"{name}: in force on all after {took:.2f} s" + (" (more than promised)" if took > PROMISED else ""))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_through_one_takes_effect_on_all(three: list[Gateway], name: str) -> None:
    check_followed_by_all(three, name)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_takes_effect_without_listeners(three: list[Gateway], shared: PostgresDatabase, name: str) -> None:
    with listeners_killed(shared) as ended:
        wait.until(lambda: len(ended) >= 3, "every listener has been ended")
        check_followed_by_all(three, name)
    wait.until(lambda: all(gateway.readiness() == (200, "ready", []) for gateway in three), "all are well")


def test_many_changes_take_effect_without_listeners(three: list[Gateway], shared: PostgresDatabase, full: bool) -> None:
    """A route is switched off and on through each gateway in turn. Small form: twice; full: 60 times."""
    keys, took = [listed_key(gateway) for gateway in three], []
    with listeners_killed(shared) as ended:
        for number in range(60 if full else 2):
            is_enabled = number % 2 == 1
            through = three[number % 3]
            edit(through, switch(is_enabled))
            began = time.monotonic()
            reload(through)
            wait_for(three, keys, OK if is_enabled else NO_ROUTE, "the change is in force")
            took.append(time.monotonic() - began)
    print(f"{len(took)} changes, each in force on all after {max(took):.2f} s at most, {len(ended)} listeners killed")


def listeners(database: PostgresDatabase) -> int:
    [(count,)] = database.query(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )
    return count


def test_each_gateway_listens_again_after_its_connection_was_killed(
    three: list[Gateway], shared: PostgresDatabase
) -> None:
    wait.until(lambda: listeners(shared) == 3, "all listen")
    with listeners_killed(shared) as ended:
        wait.until(lambda: len(ended) >= 3, "every listener has been ended")
    wait.until(lambda: listeners(shared) == 3, "all listen again")


def test_a_change_by_a_command_without_a_gateway(
    three: list[Gateway], make_replica: Make, standard_document: dict
) -> None:
    """As from another machine: the command uses the database, not the control socket."""
    elsewhere = make_replica(standard_document, three[0].database)
    created = elsewhere.create_key("from elsewhere")
    for gateway in three:
        assert outcomes(gateway, created) == {OK}, "a new key works at once"
    began = time.monotonic()
    assert elsewhere.command("keys", "revoke", created.public_id).returncode == 0
    wait_for(three, [created] * 3, (401, "api_key_revoked"), "it is refused")
    print(f"revoked from elsewhere: in force on all after {time.monotonic() - began:.2f} s")


def test_a_file_secret_rotated_for_all(
    make_replica: Make, shared: PostgresDatabase, upstream: FakeUpstream, tmp_path: Path
) -> None:
    """A reload through one gateway makes every gateway resolve its references again."""
    token = tmp_path / "token"
    token.write_text("canary-token-one")
    document = {
        "providers": [provider("fake", upstream.port, auth={"kind": "bearer", "token": f"file.{token}"})],
        "models": [model("other")],
    }
    gateways = [make_replica(document, shared).start() for _ in range(2)]
    for gateway in gateways:
        gateway.secrets += ["canary-token-one", "canary-token-two"]

    def sent_by(gateway: Gateway) -> set[str]:
        upstream.reset(answers.ordinary())
        assert outcomes(gateway, listed_key(gateway)) == {OK}
        return {request.header("authorization") for request in upstream.requests}

    assert [sent_by(gateway) for gateway in gateways] == [{"Bearer canary-token-one"}] * 2
    token.write_text("canary-token-two")
    reload(gateways[0])
    assert sent_by(gateways[0]) == {"Bearer canary-token-two"}
    wait.until(lambda: sent_by(gateways[1]) == {"Bearer canary-token-two"}, "the other gateway follows")
