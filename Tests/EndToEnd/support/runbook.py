"""Runs the commands of docs/admin-runbooks.md as an operator types them."""

import os
import re
import shlex
import subprocess
import textwrap
from pathlib import Path

import tomllib

from .gateway import BINARY, Gateway

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/admin-runbooks.md"


def section(heading: str) -> str:
    """The text below a heading, as far as the next one."""
    found = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##+ |\Z)", PAGE.read_text(), re.M | re.S)
    assert found, f"{PAGE.name} has no heading '{heading}'"
    return found[1]


def lines(heading: str, containing: str = "") -> list[str]:
    """The command lines below a heading, one each, with their comments; those that contain the words."""
    blocks = re.findall(r"^( *)```bash\n(.*?)^ *```", section(heading), re.M | re.S)
    text = "\n".join(textwrap.dedent(block) for _, block in blocks)
    found = [line.strip() for line in re.sub(r"\\\n\s*", "", text).splitlines()]
    chosen = [line for line in found if line and not line.startswith("#") and containing in line]
    assert chosen, f"'{heading}' has no command line with '{containing}'"
    return chosen


def line(heading: str, containing: str) -> str:
    [only] = lines(heading, containing)
    return only


def perform(gateway: Gateway, command: str, model: str = "", **variables: str) -> subprocess.CompletedProcess:
    """Types the line in the gateway's folder, with the placeholders replaced."""
    typed = command.replace("HOST:8080", f"127.0.0.1:{gateway.port}").replace('"MODEL"', f'"{model}"')
    binary = shlex.quote(str(BINARY))
    tasks = tomllib.loads((ROOT / "mise.toml").read_text())["tasks"]
    cases = "".join(f"{name}) {task['run']} ;; " for name, task in tasks.items() if "env" not in task)
    prelude = (
        f'gateway() {{ {binary} "$@"; }}\n'
        f'mise() {{ (cd {shlex.quote(str(ROOT))} && case "$2" in {cases} *) exit 99 ;; esac) }}\n'
    )
    environment = gateway.environment | {"GATEWAY_CONFIG": str(gateway.config_path), "GATEWAY_BIN": str(BINARY)}
    return subprocess.run(
        ["bash", "-c", prelude + typed],
        cwd=gateway.folder,
        env=environment | {"PATH": os.environ["PATH"]} | variables,
        capture_output=True,
        text=True,
        timeout=50,
    )


def curl(gateway: Gateway, command: str, model: str = "", **variables: str) -> tuple[int, dict[str, str], str]:
    """Types a curl line; the answer's status, headers and body."""
    command = command if " -i " in command else command.replace("curl ", "curl -i ", 1)
    done = perform(gateway, command, model, **variables)
    assert done.returncode == 0, done
    head, _, body = done.stdout.partition("\n\n")
    first, *fields = head.splitlines()
    headers = dict(re.split(r":\s*", field.lower(), maxsplit=1) for field in fields)
    return int(first.split()[1]), headers, body
