"""A SQLite file that cannot be opened, read, written or grown: one readable error, nothing spoilt, and recovery."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support import chat, wait
from support.chat import STRANGER, check_error
from support.configuration import edit
from support.databases import SQLiteFile
from support.failures import check_failure
from support.gateway import BINARY, Gateway

COMMANDS = [["migrate"], ["serve"], ["keys", "list"]]
UNPRIVILEGED = 65534


@pytest.fixture
def file(tmp_path: Path) -> SQLiteFile:
    return SQLiteFile(tmp_path / "gateway.db")


def check_refused(gateway: Gateway, *words: str) -> None:
    for command in COMMANDS:
        check_failure(gateway, gateway.command(*command), 4, *words)


def with_journal(document: dict, folder: Path) -> dict:
    """The journal elsewhere: beside the database it would meet the fault first."""
    return document | {"accounting": {"journal": {"path": str(folder / "journal")}}}


def test_a_folder_that_is_missing(make_gateway, standard_document: dict, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "gateway.db"
    gateway: Gateway = make_gateway(with_journal(standard_document, tmp_path), SQLiteFile(path))
    check_refused(gateway, str(path), "does not exist")
    assert not path.parent.exists()


def test_a_folder_in_the_place_of_the_file(make_gateway, file: SQLiteFile) -> None:
    file.path.mkdir()
    check_refused(make_gateway(database=file), file.location, "is a folder")


def test_a_text_in_the_place_of_the_file(make_gateway, file: SQLiteFile) -> None:
    text = "a shopping list\n" * 500
    file.path.write_text(text)
    check_refused(make_gateway(database=file), file.location, "is not a SQLite database")
    assert file.path.read_text() == text
    assert [path.name for path in file.path.parent.glob("gateway.db*")] == ["gateway.db"]


def test_a_file_that_is_damaged(make_gateway, file: SQLiteFile) -> None:
    gateway: Gateway = make_gateway(database=file)
    assert gateway.command("migrate").returncode == 0
    # Checkpoint everything into one file; then keep its header, and overwrite the rest with noise.
    file.query("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.path.open("r+b") as damaged:
        damaged.seek(100)
        damaged.write(b"\xa5" * (file.path.stat().st_size - 100))
    check_refused(gateway, file.location, "is damaged")


def test_what_is_stopped_leaves_one_whole_file(make_gateway, file: SQLiteFile) -> None:
    """So that a copy of the file is a backup."""
    gateway: Gateway = make_gateway(database=file)
    assert gateway.command("migrate").returncode == 0
    assert [path.name for path in file.path.parent.glob("gateway.db*")] == ["gateway.db"]
    key = gateway.start().create_key()
    assert chat.ask(gateway, key).status == 200
    gateway.stop()
    assert [path.name for path in file.path.parent.glob("gateway.db*")] == ["gateway.db"]


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may enter, with the gateway in it; pytest's folders are for its user only."""
    with tempfile.TemporaryDirectory(prefix="sluice-") as name:
        folder = Path(name)
        shutil.copy(BINARY, folder / "gateway")
        folder.chmod(0o755)
        yield folder


def run_without_rights(folder: Path, gateway: Gateway, *arguments: str) -> subprocess.CompletedProcess:
    """Root may write everywhere, so the command runs as an unprivileged user."""
    user = {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []} if os.geteuid() == 0 else {}
    command = [folder / "gateway", "--config", folder / "gateway.yaml", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", env=gateway.environment, timeout=30, **user)


@pytest.mark.parametrize("state", ["empty", "migrated"])
def test_a_folder_that_may_only_be_read(make_gateway, standard_document: dict, public_folder: Path, state: str) -> None:
    folder = public_folder / "data"
    folder.mkdir()
    document = with_journal(standard_document, public_folder / "run")
    gateway: Gateway = make_gateway(document, SQLiteFile(folder / "gateway.db"))
    if state == "migrated":
        assert gateway.command("migrate").returncode == 0
        (folder / "gateway.db").chmod(0o444)
    folder.chmod(0o555)
    run = public_folder / "run"
    run.mkdir()
    run.chmod(0o777)
    edit(gateway, lambda document: document["server"].update(control_socket=str(run / "gateway.sock")))
    shutil.copy(gateway.config_path, public_folder / "gateway.yaml")
    (public_folder / "gateway.yaml").chmod(0o444)
    before = sorted(path.name for path in folder.iterdir())
    for command in (["serve"], ["keys", "create", "--name", "x", "--models", "all"]):
        check_failure(gateway, run_without_rights(public_folder, gateway, *command), 4, gateway.database.location)
    done = run_without_rights(public_folder, gateway, "migrate")
    # A migrated database needs no writes.
    if state == "empty" or done.returncode != 0:
        check_failure(gateway, done, 4, gateway.database.location)
    assert sorted(path.name for path in folder.iterdir()) == before
    folder.chmod(0o755)


@contextmanager
def held(file: SQLiteFile, lock: str) -> Iterator[None]:
    """This process holds the file meanwhile."""
    with closing(sqlite3.connect(file.path, isolation_level=None)) as holder:
        holder.execute(f"BEGIN {lock}")
        yield
        holder.execute("ROLLBACK")


def check_locked(gateway: Gateway, *command: str) -> None:
    """The command waits for the lock, as docs/database.md promises (5 s), and then says why it gives up."""
    began = time.monotonic()
    check_failure(gateway, gateway.command(*command), 4, gateway.database.location, "is locked")
    assert time.monotonic() - began > 4


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_migrate_waits_for_a_file_that_another_process_holds(make_gateway, file: SQLiteFile, lock: str) -> None:
    gateway: Gateway = make_gateway(database=file)
    with held(file, lock):
        check_locked(gateway, "migrate")
    assert gateway.command("migrate").returncode == 0


def test_serve_waits_for_a_file_that_another_process_holds(make_gateway, file: SQLiteFile) -> None:
    gateway: Gateway = make_gateway(database=file)
    with held(file, "EXCLUSIVE"):
        gateway.start(ready=False)
        assert gateway.readiness() == (503, "not_ready", ["database"])
    wait.until(gateway.is_ready, "the gateway gets its file", seconds=25)
    assert chat.ask(gateway, gateway.create_key()).status == 200


def test_a_file_that_another_process_holds_while_serving(make_gateway, file: SQLiteFile) -> None:
    gateway: Gateway = make_gateway(database=file).start()
    key = gateway.create_key()
    with held(file, "IMMEDIATE"):
        check_locked(gateway, "keys", "create", "--name", "late", "--models", "all")
        assert chat.ask(gateway, key).status == 200
    assert chat.ask(gateway, gateway.create_key("after")).status == 200


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB. Ask for it before a gateway, so that the gateway stops first."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"mounting a tiny file system needs more rights: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(path: Path) -> None:
    """Fills the remaining space, to the last byte."""
    for size in (1 << 16, 1 << 12, 1):
        try:
            with path.open("ab", buffering=0) as file:
                while file.write(b"\0" * size):
                    pass
        except OSError:
            pass


def test_a_disk_that_is_full(tiny_disk: Path, make_gateway, standard_document: dict, tmp_path: Path) -> None:
    database = SQLiteFile(tiny_disk / "gateway.db")
    gateway: Gateway = make_gateway(with_journal(standard_document, tmp_path), database).start()
    key = gateway.create_key()
    filler = tiny_disk / "filler"
    fill(filler)
    try:
        # Some changes still fit into pages that the database already has.
        for number in range(100):
            done = gateway.command("keys", "create", "--name", f"key {number}", "--models", "all")
            if done.returncode != 0:
                break
        check_failure(gateway, done, 4, "No space is left", database.location)
        assert {chat.ask(gateway, key).status for _ in range(16)} == {200}
        assert gateway.get("/readyz").status == 200
    finally:
        filler.unlink()
    assert chat.ask(gateway, gateway.create_key("after")).status == 200
    wait.until(lambda: gateway.readiness()[1] == "ready", "the gateway is whole", seconds=25)
    check_error(gateway.get("/v1/models", STRANGER), 401, "invalid_api_key")
    gateway.stop()
    assert database.query("PRAGMA integrity_check") == [("ok",)]


def test_a_disk_that_is_full_at_start(tiny_disk: Path, make_gateway, standard_document: dict, tmp_path: Path) -> None:
    document = with_journal(standard_document, tmp_path)
    gateway: Gateway = make_gateway(document, SQLiteFile(tiny_disk / "gateway.db"))
    filler = tiny_disk / "filler"
    fill(filler)
    try:
        check_failure(gateway, gateway.command("migrate"), 4, "No space is left", gateway.database.location)
        gateway.start(ready=False)
        assert gateway.readiness() == (503, "not_ready", ["database"])
    finally:
        filler.unlink()
    wait.until(gateway.is_ready, "the gateway recovers", seconds=25)
    assert chat.ask(gateway, gateway.create_key()).status == 200
