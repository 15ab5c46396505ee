"""The command line: configuration checked and shown, health checked, readable errors with their exit codes."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support import documents
from support.gateway import BINARY, Gateway

ROOT = Path(__file__).parents[2]


def run(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, cwd=folder, timeout=30)


def test_the_shipped_configuration_is_valid(tmp_path: Path) -> None:
    done = run("--config", ROOT / "gateway.yaml", "config", "validate", folder=tmp_path)
    assert done.returncode == 0, done.stderr


def test_an_invalid_configuration_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(
        "server:\n  bnid: '0.0.0.0:1'\nmodels:\n  - { id: a, routes: [ { provider: absent, upstream_model: m } ] }\n"
    )
    for command in (["config", "validate"], ["serve"]):
        done = run("--config", path, *command, folder=tmp_path)
        assert done.returncode == 3, done
        assert "gateway.yaml" in done.stderr and "2" in done.stderr and "bnid" in done.stderr and "bind" in done.stderr
        assert "absent" in done.stderr, "all errors at once"
        assert "Fatal error" not in done.stderr


def test_a_missing_configuration_is_an_error(tmp_path: Path) -> None:
    done = run("--config", tmp_path / "none.yaml", "config", "validate", folder=tmp_path)
    assert done.returncode == 3 and "none.yaml" in done.stderr


def test_the_configuration_is_shown_without_secrets(gateway: Gateway) -> None:
    done = gateway.command("config", "show")
    assert done.returncode == 0, done.stderr
    assert "chat" in done.stdout and documents.TOKEN not in done.stdout + done.stderr


def test_a_wrong_command_is_a_usage_error(tmp_path: Path) -> None:
    for arguments in (["nonsense"], ["keys", "create"], ["keys", "revoke"], ["serve", "--nonsense"]):
        assert run(*arguments, folder=tmp_path).returncode == 2, arguments


def test_help_is_no_error(tmp_path: Path) -> None:
    done = run("--help", folder=tmp_path)
    assert done.returncode == 0 and "serve" in done.stdout


def test_the_command_reports_health(gateway: Gateway, tmp_path: Path) -> None:
    assert gateway.command("healthcheck").returncode == 0
    path = tmp_path / "gateway.yaml"
    shutil.copy(gateway.config_path, path)
    document = json.loads(path.read_text())
    document["server"]["bind"] = "127.0.0.1:1"
    document["server"]["control_socket"] = str(tmp_path / "none.sock")
    path.write_text(json.dumps(document))
    assert run("--config", path, "healthcheck", folder=tmp_path).returncode == 1


def test_a_key_that_is_not_there_can_not_be_revoked(gateway: Gateway) -> None:
    done = gateway.command("keys", "revoke", "doesnotexist1")
    assert done.returncode == 2 and "doesnotexist1" in done.stderr


def test_the_configuration_is_found_by_the_environment(gateway: Gateway, tmp_path: Path) -> None:
    done = subprocess.run(
        [BINARY, "config", "validate"],
        env=gateway.environment | {"GATEWAY_CONFIG": str(gateway.config_path)},
        cwd=tmp_path,
        capture_output=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_key_and_reveal_no_details(gateway: Gateway, path: str) -> None:
    answer = gateway.get(path)
    assert answer.status == 200
    assert str(gateway.folder) not in answer.body.decode()
