"""`gateway explain` over each database engine, and without a database or a configuration."""

import subprocess
from pathlib import Path

from support.configuration import seed
from support.databases import Database
from support.explain_setting import SECRET, document
from support.explanation import explain
from support.failures import check_failure
from support.gateway import BINARY, Gateway
from support.upstream import FakeUpstream


def test_over_each_database(make_gateway, database: Database, upstream: FakeUpstream) -> None:
    """The same result without a gateway and with one, over each engine."""
    gateway: Gateway = make_gateway(document(upstream.port), database)
    gateway.secrets.append(SECRET)
    assert gateway.command("migrate").returncode == 0
    seed(gateway)
    asked = [
        ("caller", "chat"),
        ("granted", "other"),
        ("teamkey", "other"),
        ("invitedkey", "chat"),
        ("caller", "mixed-only"),
    ]
    before = [explain(gateway, key, model) for key, model in asked]
    gateway.start()
    assert [explain(gateway, key, model) for key, model in asked] == before
    assert [each["status"] for each in before] == [200, 403, 403, 403, 503]


def test_a_database_that_is_not_there(make_gateway, standard_document: dict) -> None:
    gateway: Gateway = make_gateway(standard_document)
    done = gateway.command("explain", "--key", "caller", "--model", "chat")
    check_failure(gateway, done, 4)
    assert "gateway migrate" in done.stderr or "gateway serve" in done.stderr, done.stderr


def test_a_configuration_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("models: 1\n")
    command = [BINARY, "--config", path, "explain", "--key", "caller", "--model", "chat"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=30)
    assert done.returncode == 3 and "models" in done.stderr
