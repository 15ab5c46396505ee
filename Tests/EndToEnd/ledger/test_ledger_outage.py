"""The database or the journal's disk is gone: nothing is lost, or no provider is called.

Small form: outages of 3 s; full: of 30 s, and a journal that fills up."""

import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support import chat, wait
from support.databases import PostgresDatabase, SQLiteFile
from support.gateway import Gateway
from support.metering import Meter, MeteredLoad, applied, compare, rows
from support.postgres import PostgresServer

ONLY_COMPLETE = ("whole", "stream")


def check_nothing_is_lost(meter: Meter, gateway: Gateway, outage) -> None:
    """Runs `outage` under load; every call has its row with the provider's own figure."""
    key = gateway.create_key()
    with MeteredLoad(gateway, key, modes=ONLY_COMPLETE) as load:
        load.wait_for_more(50)
        outage(load)
        load.wait_for_more(50)
    applied(gateway)
    gateway.stop()
    ledger = rows(gateway.database)
    sources = compare(meter, ledger)
    print(f"{gateway.database.backend}: {len(meter.calls)} calls, rows {sources}")
    assert sources == {"provider_final": len(meter.calls)}
    assert load.completed == len(meter.calls)


def test_postgresql_stopped_under_load(own_postgres: PostgresServer, make_gateway, full: bool) -> None:
    database = PostgresDatabase(own_postgres.empty_database(), own_postgres)
    with Meter() as meter:
        gateway: Gateway = make_gateway(meter.document(), database).start()

        def outage(load: MeteredLoad) -> None:
            own_postgres.stop()
            began = time.monotonic()
            load.wait_for_more(100)
            wait.until(lambda: backlog(gateway)["pending_bytes"] > 0, "the journal has what the database has not")
            wait.until(lambda: time.monotonic() - began > (30 if full else 3), "the outage is over", 60)
            if full:
                assert backlog(gateway)["pending_age_ms"] > 10_000
                gateway.expect_log("The database takes no ledger entries")
            own_postgres.start()

        check_nothing_is_lost(meter, gateway, outage)


def backlog(gateway: Gateway) -> dict:
    return gateway.get("/readyz").json()["journal"]


@contextmanager
def locked(database: SQLiteFile) -> Iterator[None]:
    """As another process with a transaction holds the file."""
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_a_sqlite_file_locked_under_load(make_gateway, full: bool) -> None:
    with Meter() as meter:
        gateway: Gateway = make_gateway(meter.document()).start()

        def outage(load: MeteredLoad) -> None:
            with locked(gateway.database):
                began = time.monotonic()
                load.wait_for_more(100)
                wait.until(lambda: time.monotonic() - began > (30 if full else 3), "the lock is over", 60)

        check_nothing_is_lost(meter, gateway, outage)


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Path]:
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let tests mount a file system")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_disk_that_takes_no_journal(make_gateway, tmp_path: Path, fault: str) -> None:
    """503 before a provider is called, and recovery by itself."""
    with small_disk(tmp_path / "disk", "256m") as disk, Meter() as meter:
        journal = {"journal": {"path": str(disk / "journal")}}
        gateway: Gateway = make_gateway(meter.document(accounting=journal)).start()
        key = gateway.create_key()
        assert chat.ask(gateway, key, body("before")).status == 200
        gateway.stop()

        if fault == "full":
            filler = disk / "filler"
            subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=1M"], capture_output=True)
        else:
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        calls = len(meter.calls)
        gateway.start(ready=False) if fault == "read-only" else gateway.start()
        answer = chat.ask(gateway, key, body("refused"))
        assert answer.status == 503 and answer.header("retry-after") is not None
        assert chat.check_error(answer, 503, "not_ready")["message"]
        assert len(meter.calls) == calls
        wait.until(lambda: "journal" in gateway.readiness()[2], "readiness names the journal")

        if fault == "full":
            filler.unlink()
        else:
            subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        wait.until(lambda: chat.ask(gateway, key, body("after")).status == 200, "the journal recovers", 15)
        wait.until(lambda: "journal" not in gateway.readiness()[2], "readiness is fine again")
        gateway.stop()


def body(number: str) -> bytes:
    return chat.body("metered", messages=[{"role": "user", "content": f"whole|{number}"}])


def test_a_journal_that_fills_up(own_postgres: PostgresServer, make_gateway, full: bool) -> None:
    if not full:
        pytest.skip("it takes a minute; script/proof ledger-outage runs it")
    database = PostgresDatabase(own_postgres.empty_database(), own_postgres)
    with Meter(pace=0) as meter:
        limits = {"journal": {"max_bytes": 32 << 20}}
        gateway: Gateway = make_gateway(meter.document(accounting=limits), database).start()
        key = gateway.create_key()
        with MeteredLoad(gateway, key, callers=16, modes=("whole",)) as load:
            load.wait_for_more(50)
            own_postgres.stop()
            wait.until(lambda: 503 in list(load.statuses.values()), "requests are refused", 240)
            calls = len(meter.calls)
            wait.until(lambda: "journal" in gateway.readiness()[2], "readiness names the journal")
            own_postgres.start()
            before = load.completed
            wait.until(lambda: load.completed > before + 500, "requests are served again", 60)
        applied(gateway)
        gateway.stop()
        sources = compare(meter, rows(database))
        print(f"full after {calls} calls in an outage; {len(meter.calls)} calls, rows {sources}")
        assert sources == {"provider_final": len(meter.calls)}
