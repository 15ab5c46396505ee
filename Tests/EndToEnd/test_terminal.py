"""Commands whose output does not arrive: none crashes, none reports success, and no key is lost in the dark."""

import json
import os
import subprocess

import pytest
from support.gateway import BINARY, Gateway

# How a shell would run the command: `>/dev/full` fails at each write, `>&-` has no descriptor at all.
OUTPUTS = {"full": ">/dev/full", "closed": ">&-", "no reader": "| true"}
ERRORS = {"full": "2>/dev/full", "closed": "2>&-"}


@pytest.fixture
def gateway(make_gateway) -> Gateway:
    """Not started, with the schema in its database."""
    gateway: Gateway = make_gateway()
    assert gateway.command("migrate").returncode == 0
    return gateway


def run(gateway: Gateway, command: str, redirection: str) -> subprocess.CompletedProcess:
    # The pipe's reader has ended before the command writes, and the code is the command's own.
    line = f'"$0" --config "$1" {command} {redirection}'
    if redirection.startswith("|"):
        line = f'"$0" --config "$1" {command} > >(exec 0<&-; true)'
    return subprocess.run(
        ["bash", "-c", line, BINARY, gateway.config_path],
        capture_output=True,
        text=True,
        cwd=gateway.folder,
        env=gateway.environment,
        timeout=30,
    )


def keys(gateway: Gateway) -> list[dict]:
    return json.loads(gateway.command("keys", "list", "--json").stdout)


@pytest.mark.parametrize("redirection", [OUTPUTS["full"], OUTPUTS["closed"]])
@pytest.mark.parametrize("arguments", ["", " --json"])
def test_a_key_that_cannot_be_shown_is_revoked_and_told(gateway: Gateway, redirection: str, arguments: str) -> None:
    done = run(gateway, f"keys create --name lost{arguments}", redirection)
    assert done.returncode == 1, done
    [key] = keys(gateway)
    assert key["revoked_at"], "no operator has it"
    assert key["public_id"] in done.stderr and "revoked again" in done.stderr and "hint: " in done.stderr
    assert "gwk_" not in done.stderr


def test_a_key_whose_reader_has_left_is_revoked(gateway: Gateway) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [BINARY, "--config", gateway.config_path, "keys", "create", "--name", "lost"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        env=gateway.environment,
        timeout=30,
    )
    os.close(writing)
    assert done.returncode == 1 and "revoked again" in done.stderr, done
    assert [bool(key["revoked_at"]) for key in keys(gateway)] == [True]


def test_demo_keys_that_cannot_be_shown_are_revoked(gateway: Gateway) -> None:
    done = run(gateway, "seed-local-demo", OUTPUTS["full"])
    assert done.returncode == 1 and "revoked again" in done.stderr, done
    assert keys(gateway) and all(key["revoked_at"] for key in keys(gateway))


@pytest.mark.parametrize("redirection", ERRORS.values())
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("keys create --name kept", 0),
        ("keys revoke nothing123", 2),
        ("keys create --nonsense", 2),
        ("config validate", 0),
        ("--config /nowhere.yaml config show", 3),
        ("reload", 1),
    ],
)
def test_a_message_that_cannot_be_read_changes_nothing(
    gateway: Gateway, redirection: str, command: str, code: int
) -> None:
    done = run(gateway, command, redirection)
    assert done.returncode == code, done
    if "kept" in command:
        assert done.stdout.startswith("gwk_")


@pytest.mark.parametrize("redirection", [OUTPUTS["full"], OUTPUTS["closed"]])
@pytest.mark.parametrize(
    "command", ["keys list", "config show", "config validate", "migrate --status", "--help", "--version"]
)
def test_a_result_that_does_not_arrive_is_no_success(gateway: Gateway, redirection: str, command: str) -> None:
    done = run(gateway, command, redirection)
    assert done.returncode == 1, done


def test_what_is_printed_never_goes_into_the_database(gateway: Gateway) -> None:
    for number in range(5):
        run(gateway, f"keys create --name key{number}", ">&- 2>&- <&-")
    assert len(keys(gateway)) == 5
    assert b"gwk_" not in gateway.database.path.read_bytes()
