"""Several gateways over one PostgreSQL: what is changed through one is in force on all; who is cut off stops serving."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from support import answers, chat, documents, wait
from support.configuration import edit, entry, reload, remove, seeded_key
from support.databases import PostgresDatabase
from support.documents import model, provider
from support.gateway import Gateway, Key
from support.postgres import PostgresServer
from support.proxy import Proxy
from support.upstream import FakeUpstream

KEY = ("replicaskey001", "r" * 43)
# Event loops are fewer than this; a fresh connection goes to the next one.
LOOPS = 8
# The promise is 2 s; the measure is printed.
PROMISED = 2.0
Make = Callable[..., Gateway]


@pytest.fixture
def shared(postgres: PostgresServer) -> PostgresDatabase:
    return PostgresDatabase(postgres.empty_database(), postgres)


@pytest.fixture
def make_replica(make_gateway: Make) -> Make:
    """Makes a gateway whose file is that of all others: what has to differ on one machine comes from its environment."""

    def make(document: dict, database: PostgresDatabase, **environment: str) -> Gateway:
        seeded = {"name": "listed", "value": f"literal.gwk_{KEY[0]}.{KEY[1]}"}
        auth = {"seed_api_keys": [seeded]} | document.get("auth", {})
        server = {"bind": "env.REPLICA_BIND", "control_socket": "./gateway.sock"}
        gateway = make_gateway(document | {"auth": auth, "server": server}, database, **environment)
        gateway.environment["REPLICA_BIND"] = f"127.0.0.1:{gateway.port}"
        return gateway

    return make


@pytest.fixture
def three(make_replica: Make, shared: PostgresDatabase, standard_document: dict) -> list[Gateway]:
    """Three gateways with the same file over one database, serving."""
    return [make_replica(standard_document, shared).start() for _ in range(3)]


def listed_key(gateway: Gateway) -> Key:
    return seeded_key(gateway, *KEY)


def outcomes(gateway: Gateway, key: Key, name: str = "other") -> set[tuple[int, str | None]]:
    """What fresh connections on every loop are answered: the status, and the error's code."""
    found = set()
    for _ in range(LOOPS):
        answer = chat.ask(gateway, key, chat.body(name))
        found.add((answer.status, None if answer.status == 200 else answer.json()["error"]["code"]))
    return found


OK = (200, None)


# --- a change through one


def revoke(gateway: Gateway) -> None:
    assert gateway.command("keys", "revoke", KEY[0]).returncode == 0


def edit_and_reload(change: Callable[[dict], object]) -> Callable[[Gateway], None]:
    def perform(gateway: Gateway) -> None:
        edit(gateway, change)
        reload(gateway)

    return perform


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
        edit_and_reload(lambda document: entry(document["models"], "other")["routes"][0].update(enabled=False)),
        (503, "no_route_available"),
    ),
}


@contextmanager
def listeners_killed(database: PostgresDatabase) -> Iterator[list[int]]:
    """Ends every connection that listens, again and again; the list has one number for each that was ended."""
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
    """The change is made through the first; whoever it was made through knows it when the command returns."""
    perform, outcome = CHANGES[name]
    keys = [listed_key(gateway) for gateway in gateways]
    for gateway, key in zip(gateways, keys):
        wait.until(lambda: outcomes(gateway, key) == {OK}, "the gateway serves")
    began = time.monotonic()
    perform(gateways[0])
    assert outcomes(gateways[0], keys[0]) == {outcome}
    for gateway, key in zip(gateways[1:], keys[1:]):
        wait.until(lambda: outcomes(gateway, key) == {outcome}, f"{name} is in force", seconds=5 * PROMISED)
    took = time.monotonic() - began
    print(f"{name}: in force on all after {took:.2f} s" + (" (more than promised)" if took > PROMISED else ""))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_through_one_is_in_force_on_all(three: list[Gateway], name: str) -> None:
    check_followed_by_all(three, name)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_in_force_although_nobody_can_listen(
    three: list[Gateway], shared: PostgresDatabase, name: str
) -> None:
    with listeners_killed(shared) as ended:
        wait.until(lambda: len(ended) >= 3, "every listener has been ended")
        check_followed_by_all(three, name)
    wait.until(lambda: all(gateway.readiness() == (200, "ready", []) for gateway in three), "all are well")


def test_changes_again_and_again_although_nobody_can_listen(
    three: list[Gateway], shared: PostgresDatabase, full: bool
) -> None:
    """A route is switched off and on through each gateway in turn. Small form: twice; full: 60 times."""
    keys, took = [listed_key(gateway) for gateway in three], []
    with listeners_killed(shared) as ended:
        for number in range(60 if full else 2):
            is_enabled = number % 2 == 1
            wanted = {OK if is_enabled else (503, "no_route_available")}
            through = three[number % 3]
            edit(through, lambda document: entry(document["models"], "other")["routes"][0].update(enabled=is_enabled))
            began = time.monotonic()
            reload(through)
            for gateway, key in zip(three, keys):
                wait.until(lambda: outcomes(gateway, key) == wanted, "the change is in force", seconds=5 * PROMISED)
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
    """As from another machine: there is no control socket, only the database."""
    elsewhere = make_replica(standard_document, three[0].database)
    created = elsewhere.create_key("from elsewhere")
    for gateway in three:
        assert outcomes(gateway, created) == {OK}, "a key that is new is known at once"
    began = time.monotonic()
    assert elsewhere.command("keys", "revoke", created.public_id).returncode == 0
    for gateway in three:
        wait.until(lambda: outcomes(gateway, created) == {(401, "api_key_revoked")}, "it is refused")
    print(f"revoked from elsewhere: in force on all after {time.monotonic() - began:.2f} s")


def test_a_file_secret_rotated_for_all(
    make_replica: Make, shared: PostgresDatabase, upstream: FakeUpstream, tmp_path: Path
) -> None:
    """A reload through one makes every gateway read its references anew."""
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


# --- who is there


def replicas(database: PostgresDatabase) -> list[dict]:
    """Each run of a gateway; `silent` in seconds, by the database's clock."""
    rows = database.query(
        "SELECT process_id, status, configuration_hash,"
        " extract(epoch FROM clock_timestamp()) - heartbeat_at / 1000000.0 FROM replicas ORDER BY started_at, id"
    )
    return [dict(zip(("pid", "status", "hash", "silent"), row)) for row in rows]


def test_each_run_of_a_gateway_is_known(three: list[Gateway], shared: PostgresDatabase) -> None:
    wait.until(lambda: len(replicas(shared)) == 3, "all have made themselves known")
    found = replicas(shared)
    assert {each["pid"] for each in found} == {gateway.process.pid for gateway in three}
    assert {each["status"] for each in found} == {"serving"}
    assert len({each["hash"] for each in found}) == 1, "their files are the same"
    assert all(-1 < each["silent"] < 50 for each in found), found
    for gateway in three:
        assert "another configuration file" not in gateway.log()

    gone = three[1].process.pid
    three[1].stop()
    states = {each["pid"]: each["status"] for each in replicas(shared)}
    assert states.pop(gone) == "stopped" and set(states.values()) == {"serving"}
    three[1].start()
    wait.until(lambda: len(replicas(shared)) == 4, "the new run is known by itself")


def warns_of(gateway: Gateway, other: Gateway) -> bool:
    lines = [line for line in gateway.log().splitlines() if "another configuration file" in line]
    return any(f":{other.process.pid}" in line and '"warning"' in line for line in lines)


def test_gateways_with_different_files(
    make_replica: Make, shared: PostgresDatabase, standard_document: dict, full: bool
) -> None:
    """Small form: the one that starts later warns; full: the other one too, with its next heartbeat 10 s later."""
    first = make_replica(standard_document, shared).start()
    wait.until(lambda: len(replicas(shared)) == 1, "the first is known")
    second = make_replica(standard_document, shared)
    edit(second, lambda document: entry(document["models"], "other").update(rank=7))
    second.start()
    wait.until(lambda: warns_of(second, first), "the second warns of the first")
    assert len({each["hash"] for each in replicas(shared)}) == 2
    if full:
        wait.until(lambda: replicas(shared)[0]["silent"] > 5, "the next heartbeat is near", seconds=50)
        wait.until(lambda: replicas(shared)[0]["silent"] < 5, "the heart goes on", seconds=50)
        wait.until(lambda: warns_of(first, second), "the first warns of the second", seconds=50)


def test_a_literal_secret_that_only_one_file_has(
    make_replica: Make, shared: PostgresDatabase, upstream: FakeUpstream
) -> None:
    """It is not stored, so the other gateway cannot have it, and says so."""
    literal = "canary-literal-40be"
    document = {
        "providers": [
            provider("fake", upstream.port),
            provider("literal", upstream.port, auth={"kind": "bearer", "token": f"literal.{literal}"}),
        ],
        "models": [model("other"), model("literal", "literal")],
    }
    with_it = make_replica(document, shared).start()
    without = make_replica({"providers": document["providers"][:1], "models": document["models"][:1]}, shared)
    without.start("--seed-config", "false")
    for gateway in (with_it, without):
        gateway.secrets.append(literal)
        assert outcomes(gateway, listed_key(gateway)) == {OK}
    assert outcomes(with_it, listed_key(with_it), "literal") == {OK}
    assert outcomes(without, listed_key(without), "literal") == {(503, "no_route_available")}
    warnings = [line for line in without.log().splitlines() if "A provider cannot be used." in line]
    assert len(warnings) == 1 and '"literal"' in warnings[0] and "another gateway" in warnings[0]
    assert "A provider cannot be used." not in with_it.log()


# --- who is cut off

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


def test_a_gateway_whose_database_is_away_for_long_stops_serving(
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
    """Connections are there, and nothing comes over them. What was changed meanwhile is in force afterwards."""
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
        # As long as it takes for the watch to have asked.
        wait.until(lambda: proxy.held > 0, "the gateway waits for an answer")
        gateway.terminate()
        # 2 s for what is under way, 5 s for the goodbye.
        assert gateway.wait(15) == 0
    finally:
        proxy.release()
