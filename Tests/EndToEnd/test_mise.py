"""Each task that the runbooks name is in `mise.toml`, and its command does what its name says."""

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import tomllib
from support import wait
from support.client import Client
from support.databases import URL_VARIABLE, PostgresDatabase
from support.gateway import BINARY, Gateway, free_port
from support.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
TASKS: dict[str, dict] = tomllib.loads((ROOT / "mise.toml").read_text())["tasks"]
PROD_FILE = "gateway.prod.yaml"
COMMANDS = ["migrate", "bootstrap-admin", "seed-config", "seed-local-demo"]
# Long tasks are only inspected. `bench` is the project's; the others are the runbooks'.
LONG = ["dev-stack", "test", "lint", "bench"]
SERVING = ["gateway-serve", "gateway-serve-prod", "prod-stack"]
KEY = "gwk_prodkey00001." + "p" * 43
PASSWORD = "canary-mise-password-18da"


def environment(task: str, **variables: str) -> dict[str, str]:
    """As mise sets it: the task's variables take precedence."""
    return os.environ | {"GATEWAY_BIN": str(BINARY)} | variables | TASKS[task].get("env", {})


def run(task: str, **variables: str) -> subprocess.CompletedProcess:
    command = ["bash", "-c", TASKS[task]["run"]]
    return subprocess.run(
        command, cwd=ROOT, env=environment(task, **variables), capture_output=True, text=True, timeout=50
    )


def check_run(task: str, **variables: str) -> str:
    done = run(task, **variables)
    assert done.returncode == 0, f"{task}: {done.stderr}"
    assert PASSWORD not in done.stdout + done.stderr
    return done.stdout


def test_every_task_is_tested_and_described() -> None:
    twins = [f"gateway-{command}{twin}" for command in COMMANDS for twin in ("", "-prod")]
    assert sorted(TASKS) == sorted([*twins, *SERVING, *LONG])
    assert all(task["description"] for task in TASKS.values())


@pytest.mark.parametrize("task", LONG)
def test_the_script_of_a_long_task_is_there(task: str) -> None:
    script = ROOT / TASKS[task]["run"]
    assert script.parent == ROOT / "script" and script.is_file() and os.access(script, os.X_OK)


@pytest.mark.parametrize("command", [*COMMANDS, "serve"])
def test_a_twin_differs_in_the_configuration_alone(command: str) -> None:
    plain, prod = TASKS[f"gateway-{command}"], TASKS[f"gateway-{command}-prod"]
    assert plain["run"] == prod["run"] == f"script/gateway {command}"
    assert "env" not in plain
    assert prod["env"] == {"GATEWAY_CONFIG": PROD_FILE} and (ROOT / PROD_FILE).is_file()


# --- with a configuration of one's own


@pytest.fixture
def own(make_gateway, database) -> Gateway:
    """A configuration that GATEWAY_CONFIG names, with an entry of each kind that the tasks write."""
    document = {
        "auth": {"bootstrap_admin": {"enabled": True, "password": f"literal.{PASSWORD}"}},
        "providers": [{"id": "sim", "type": "simulator"}],
        "models": [{"id": "simulated", "routes": [{"provider": "sim"}]}],
    }
    gateway: Gateway = make_gateway(document, database)
    gateway.environment["GATEWAY_CONFIG"] = str(gateway.config_path)
    return gateway


def variables(gateway: Gateway) -> dict[str, str]:
    return {name: gateway.environment[name] for name in ("GATEWAY_CONFIG", URL_VARIABLE) if name in gateway.environment}


def check_written(gateway: Gateway, after: Callable[[str], str], models: int) -> None:
    """Each command runs, and leaves a trace in the database."""
    marks = {
        "migrate": ("SELECT count(*) FROM gateway_migrations", 1),
        "bootstrap-admin": ("SELECT count(*) FROM users WHERE is_bootstrap = 1", 1),
        "seed-config": ("SELECT count(*) FROM models", models),
        "seed-local-demo": ("SELECT count(*) FROM teams WHERE key LIKE 'demo-%'", 3),
    }
    assert list(marks) == COMMANDS
    for command, (question, count) in marks.items():
        if command != "migrate":
            assert gateway.database.query(question) == [(0,)], f"{command} has something to do"
        assert after(command), f"{command} says what it did"
        assert gateway.database.query(question) == [(count,)], command


def test_the_commands(own: Gateway) -> None:
    check_written(own, lambda command: check_run(f"gateway-{command}", **variables(own)), models=1)


def test_a_command_that_fails_is_a_task_that_fails(own: Gateway) -> None:
    done = run("gateway-seed-config", **variables(own))
    assert done.returncode == 4 and "gateway migrate" in done.stderr


# --- with the repository's gateway.prod.yaml


@pytest.fixture
def production(postgres: PostgresServer) -> tuple[PostgresDatabase, dict[str, str]]:
    """A database, and the variables that gateway.prod.yaml refers to."""
    database = PostgresDatabase(postgres.empty_database(), postgres)
    secrets = {"GATEWAY_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD, "GATEWAY_API_KEY": KEY}
    return database, {URL_VARIABLE: database.url} | secrets


def test_the_commands_for_production(make_gateway, production: tuple[PostgresDatabase, dict[str, str]]) -> None:
    database, settings = production
    gateway: Gateway = make_gateway(database=database)
    models = (ROOT / PROD_FILE).read_text().count("\n  - id: ") - 1
    check_written(gateway, lambda command: check_run(f"gateway-{command}-prod", **settings), models)
    assert database.query("SELECT must_change FROM passwords") == [(1,)], "the first password must be changed"


@pytest.mark.parametrize("name", ["GATEWAY_BOOTSTRAP_ADMIN_PASSWORD", "GATEWAY_API_KEY", URL_VARIABLE])
def test_a_secret_of_production_that_is_missing_is_named(
    production: tuple[PostgresDatabase, dict[str, str]], name: str
) -> None:
    done = run("gateway-serve-prod", **(production[1] | {name: ""}))
    assert done.returncode == 3 and name in done.stderr, done


# --- serving


class Served:
    """A command in a session of its own, from when it is ready on `port` until it has ended."""

    def __init__(self, command: str, settings: dict[str, str], port: int, output: Path):
        self.port, self.output = port, output
        with output.open("wb") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", command], cwd=ROOT, env=settings, stdout=log, stderr=log, start_new_session=True
            )

    def __enter__(self) -> "Served":
        try:
            wait.until(self.is_ready, "it is ready", seconds=40)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def get(self, path: str, **headers: str) -> int:
        with Client(self.port) as client:
            client.send_request("GET", path, headers)
            return client.read_answer().status

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.said()
        try:
            return self.get("/readyz") == 200
        except (ConnectionError, EOFError):
            return False

    def said(self) -> str:
        return self.output.read_text()

    def end(self, send: Callable[[int, int], None], number: signal.Signals) -> None:
        send(self.process.pid, number)
        assert self.process.wait(30) == 0, self.said()


def prod_file_for_tests(folder: Path, port: int) -> Path:
    """gateway.prod.yaml with another address, without the refresh of prices."""
    text = (ROOT / PROD_FILE).read_text()
    for old, new in [
        ('bind: "0.0.0.0:8080"', f'bind: "127.0.0.1:{port}"\n  control_socket: "{folder}/gateway.sock"'),
        ("shutdown_delay_seconds: 5", "shutdown_delay_seconds: 0"),
    ]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / PROD_FILE
    # Tests use the loopback interface only.
    path.write_text(f"{text}\naccounting: {{ catalog: {{ refresh_minutes: 0 }} }}\n")
    return path


def test_serving(own: Gateway, tmp_path: Path) -> None:
    settings = environment("gateway-serve", **variables(own))
    with Served(TASKS["gateway-serve"]["run"], settings, own.port, tmp_path / "output") as served:
        # The command has become the gateway, so its supervisor can stop it.
        served.end(os.kill, signal.SIGTERM)
    assert own.database.query("SELECT count(*) FROM models") == [(1,)]
    assert own.database.query("SELECT count(*) FROM users WHERE is_bootstrap = 1") == [(1,)]


def test_serving_production(production: tuple[PostgresDatabase, dict[str, str]], tmp_path: Path) -> None:
    database, secrets = production
    port = free_port()
    settings = environment("gateway-serve-prod", **secrets)
    settings["GATEWAY_CONFIG"] = str(prod_file_for_tests(tmp_path, port))
    with Served(TASKS["gateway-serve-prod"]["run"], settings, port, tmp_path / "output") as served:
        assert served.get("/v1/models", Authorization=f"Bearer {KEY}") == 200
        served.end(os.kill, signal.SIGTERM)
    lines = served.said().splitlines()
    assert lines and all(line.startswith("{") for line in lines if not line.startswith("==>")), "the log is JSON"
    for secret in (PASSWORD, KEY.partition(".")[2], database.server.password):
        assert secret not in served.said()


def test_the_production_stack(tmp_path: Path) -> None:
    """With a gateway that listens on a test's port instead of the built one; everything else is as for an operator."""
    port, stand_in, called = free_port(), tmp_path / "gateway", tmp_path / "called"
    path = prod_file_for_tests(tmp_path, port)
    stand_in.write_text(
        f'#!/usr/bin/env bash\nprintf "%s %s\\n" "$GATEWAY_CONFIG" "$*" >{called}\nexec {BINARY} --config {path} "$@"\n'
    )
    stand_in.chmod(0o700)
    settings = environment("prod-stack", GATEWAY_BIN=str(stand_in))
    for name in (URL_VARIABLE, "GATEWAY_BOOTSTRAP_ADMIN_PASSWORD", "GATEWAY_API_KEY"):
        settings.pop(name, None)
    with Served(TASKS["prod-stack"]["run"], settings, port, tmp_path / "output") as served:
        assert called.read_text().split() == [PROD_FILE, "serve"]
        [key] = re.findall(r"gwk_\S+\.\S+", served.said())
        assert served.get("/v1/models", Authorization=f"Bearer {key}") == 200
        assert "admin@local" in served.said()
        [server] = re.findall(r"\S+/sluice-postgres\.\w+", served.said())
        assert Path(server).is_dir()
        served.end(os.killpg, signal.SIGINT)
    wait.until(lambda: not Path(server).exists(), "its PostgreSQL server is gone", seconds=25)
