"""No command, page or file of the gateway shows a credential."""

from pathlib import Path

import pytest
from support import chat
from support.canaries import EVERY_CANARY, MARK, PROVIDERS, VARIABLES, ask, check_clean, document
from support.configuration import reload
from support.databases import SQLiteFile
from support.echoes import ECHOES
from support.fleet import Fleet
from support.gateway import Gateway, Key


@pytest.mark.parametrize(
    "command",
    [
        ["config", "show"],
        ["config", "validate"],
        ["explain", "--key", "caller", "--model", "all"],
        ["explain", "--key", "caller", "--model", "first", "--json"],
        ["keys", "list", "--json"],
        ["reload"],
        ["seed-config"],
        ["migrate", "--status"],
    ],
    ids=" ".join,
)
def test_no_command_shows_a_canary(gateway: Gateway, key: Key, command: list[str]) -> None:
    done = gateway.command(*command)
    assert done.returncode == 0, done
    assert MARK not in done.stdout + done.stderr, done


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/first", "/readyz", "/healthz"])
def test_no_page_shows_a_canary(gateway: Gateway, key: Key, path: str) -> None:
    answer = gateway.get(path, chat.headers(key))
    assert answer.status == 200
    check_clean(answer)


def test_the_database_has_no_canary(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    fleet.reset(first=ECHOES["status 400"], second=ECHOES["status 500"])
    for model in ("first", "all"):
        ask(gateway, key, model)
    reload(gateway)
    assert isinstance(gateway.database, SQLiteFile)
    files = sorted(gateway.folder.glob("gateway.db*"))
    assert files
    for file in files:
        # In every place: rows, free pages, the write-ahead log.
        assert MARK.encode() not in file.read_bytes(), file.name
    # The search can find text: the reference, which is not secret, is stored.
    assert any(b"FIRST_CREDENTIAL" in file.read_bytes() for file in files)


def test_explain_without_a_gateway_shows_no_canary(make_gateway, fleet: Fleet, tmp_path: Path) -> None:
    gateway = make_gateway(document(fleet, tmp_path / "token"), **VARIABLES)
    gateway.secrets += EVERY_CANARY
    assert gateway.command("migrate").returncode == 0 and gateway.command("seed-config").returncode == 0
    gateway.create_key("caller")
    for model in (*PROVIDERS, "all"):
        for arguments in ([], ["--json"]):
            done = gateway.command("explain", "--key", "caller", "--model", model, *arguments)
            assert done.returncode == 0 and MARK not in done.stdout + done.stderr, done
