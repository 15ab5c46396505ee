"""A gateway that is refused has not changed the database of the one that runs."""

import json
import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from support import tables, wait
from support.configuration import edit, read, reload, seeded_key, write
from support.databases import PostgresDatabase
from support.documents import model, provider, standard
from support.gateway import BINARY, Gateway
from support.postgres import PostgresServer
from support.reloading import statuses

OLD, NEW = ("secondstart0001", "o" * 43), ("secondstart0002", "n" * 43)


def seeded(value: tuple[str, str]) -> dict:
    return {"seed_api_keys": [{"name": "listed", "value": f"literal.gwk_{value[0]}.{value[1]}"}]}


def serve(path: Path, gateway: Gateway) -> subprocess.CompletedProcess:
    command = [BINARY, "--config", path, "serve"]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=gateway.folder, env=gateway.environment, timeout=30
    )


@pytest.mark.parametrize("taken", ["the control socket", "the port", "the journal"])
def test_a_second_gateway_changes_nothing(make_gateway, standard_document: dict, taken: str) -> None:
    gateway: Gateway = make_gateway(standard_document | {"auth": seeded(OLD)}).start()
    key = seeded_key(gateway, *OLD)
    other = read(gateway) | {"auth": seeded(NEW), "models": [model("elsewhere")]}
    if taken != "the control socket":
        other["server"] = other["server"] | {"control_socket": str(gateway.folder / "other.sock")}
    if taken != "the journal":
        other["accounting"] = {"journal": {"path": str(gateway.folder / "other-journal")}}
    path = gateway.folder / "other.yaml"
    path.write_text(json.dumps(other))
    before = tables.rows(gateway.database)

    done = serve(path, gateway)
    expected = {
        "the control socket": "Another gateway is running",
        "the port": "Address already in use",
        "the journal": "uses the journal folder",
    }[taken]
    assert done.returncode == 1 and expected in done.stderr, done.stderr
    assert tables.rows(gateway.database) == before
    assert statuses(gateway, key, "chat") == {(200, "fake")}


def test_a_replica_that_restarts_with_its_old_file_changes_no_key(make_gateway, standard_document: dict) -> None:
    """As in a rolling rotation of a seeded key: the old value ends, the new one stays."""
    gateway: Gateway = make_gateway(standard_document | {"auth": seeded(OLD)}).start()
    old_file = gateway.config_path.read_text()
    edit(gateway, lambda document: document.update(auth=seeded(NEW)))
    new_file = gateway.config_path.read_text()
    reload(gateway)
    key = seeded_key(gateway, *NEW)
    gateway.stop()

    write(gateway, old_file)
    gateway.start()
    assert statuses(gateway, key, "chat") == {(200, "fake")}
    gateway.expect_log("give them new values")
    write(gateway, new_file)
    reload(gateway)
    assert statuses(gateway, key, "chat") == {(200, "fake")}


def test_an_older_generation_writes_nothing(make_gateway, standard_document: dict) -> None:
    auth = seeded(OLD) | {"seed_generation": 7}
    gateway: Gateway = make_gateway(standard_document | {"auth": auth}).start()
    gateway.stop()
    before = tables.rows(gateway.database)
    edit(
        gateway,
        lambda document: document["auth"].update(seed_generation=6),
        lambda document: document["models"].append(model("new")),
    )
    gateway.start()
    gateway.expect_log("a newer file was seeded already")
    done = gateway.command("seed-config", "--json")
    assert (done.returncode, json.loads(done.stdout)["newer_generation"]) == (0, 7)
    gateway.stop()
    after = tables.rows(gateway.database)
    assert {name: after[name] for name in ("models", "providers", "api_keys")} == {
        name: before[name] for name in ("models", "providers", "api_keys")
    }


def test_a_provider_that_cannot_be_set_up_stops_nothing_else(make_gateway, standard_document: dict, upstream) -> None:
    """Neither the reload nor the next start."""
    gateway: Gateway = make_gateway(standard_document | {"auth": seeded(OLD)}).start()
    key = seeded_key(gateway, *OLD)
    bad = gateway.folder / "bad.pem"
    bad.write_text("no certificate")

    def add(document: dict) -> None:
        for name, path in {"absent": "/nowhere/ca.pem", "bad": str(bad)}.items():
            entry = provider(name, upstream.port, tls={"ca_path": path})
            document["providers"].append(entry | {"base_url": f"https://127.0.0.1:{upstream.port}/v1"})
            document["models"].append(model(name, name))

    edit(gateway, add)
    reload(gateway)
    for _ in range(2):
        assert statuses(gateway, key, "chat") == {(200, "fake")}
        assert statuses(gateway, key, "absent") == statuses(gateway, key, "bad") == {(503, "no_route_available")}
        gateway.expect_log("/nowhere/ca.pem")
        gateway.stop()
        gateway.start()


def test_thousands_of_models_are_reloaded_and_started_with(make_gateway, standard_document: dict) -> None:
    gateway: Gateway = make_gateway(standard_document | {"auth": seeded(OLD)}).start()
    key = seeded_key(gateway, *OLD)
    edit(gateway, lambda document: document["models"].extend(model(f"m{number}") for number in range(7001)))
    done = gateway.command("reload")
    assert done.returncode == 0, done.stderr
    gateway.stop()
    gateway.start()
    assert statuses(gateway, key, "m7000") == {(200, "fake")}


def test_a_start_that_waits_for_another_migration_listens_and_says_so(
    make_gateway, standard_document: dict, postgres: PostgresServer
) -> None:
    database = PostgresDatabase(postgres.empty_database(), postgres)
    gateway: Gateway = make_gateway(standard_document, database)
    with psycopg.connect(database.url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(7813295310441)")
        gateway.start(ready=False)
        wait.until(lambda: "The start waits for the database" in gateway.log(), "the log says it", seconds=30)
        status, word, failing = gateway.readiness()
        assert (status, word, failing) == (503, "not_ready", ["database"])
    wait.until(gateway.is_ready, "the gateway is ready", seconds=30)


def test_a_secret_file_that_hangs_holds_up_nothing(make_gateway, upstream) -> None:
    """A pipe without a writer blocks its reader, as a network mount does whose server is gone."""
    document = standard(upstream.port)
    gateway: Gateway = make_gateway(document | {"auth": seeded(OLD)})
    secret = gateway.folder / "secret"
    secret.write_text("token")
    edit(
        gateway,
        lambda document: document["providers"].append(
            provider("held", upstream.port, auth={"kind": "bearer", "token": f"file.{secret}"})
        ),
        lambda document: document["models"].append(model("held", "held")),
    )
    gateway.start()
    key, revoked = seeded_key(gateway, *OLD), gateway.create_key()
    assert statuses(gateway, revoked, "held") == {(200, "held")}
    secret.unlink()
    os.mkfifo(secret)
    try:
        # Any change of routing makes the gateway read its files again.
        gateway.database.execute(
            "UPDATE change_version SET version = version + 1, routing_version = version + 1",
        )
        gateway.database.execute(
            f"UPDATE api_keys SET revoked_at = 1 WHERE public_id = '{revoked.public_id}'",
            "UPDATE change_version SET version = version + 1",
        )
        wait.until(
            lambda: statuses(gateway, revoked, "chat") == {(401, "api_key_revoked")}, "the key is refused", seconds=5
        )
        wait.until(
            lambda: statuses(gateway, key, "held") == {(503, "no_route_available")}, "the provider is unavailable", 20
        )
        gateway.expect_log("could not be read in time")
        assert statuses(gateway, key, "chat") == {(200, "fake")}
        # While a reload reads the pipe again.
        with subprocess.Popen(
            [BINARY, "--config", gateway.config_path, "reload"], cwd=gateway.folder, env=gateway.environment
        ):
            gateway.process.send_signal(signal.SIGTERM)
            assert gateway.wait(seconds=15) == 0
    finally:
        os.close(os.open(secret, os.O_RDWR | os.O_NONBLOCK))
