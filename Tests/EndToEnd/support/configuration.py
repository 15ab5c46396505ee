"""Changes a gateway's configuration as its operator does: edit the file, then run a command."""

import json
import os
from collections.abc import Callable

from .gateway import Gateway, Key

NAMES = ("id", "key", "email", "name")


def read(gateway: Gateway) -> dict:
    return json.loads(gateway.config_path.read_text())


def write(gateway: Gateway, text: str) -> None:
    """Replaces the file atomically, as an editor does, so that no reader sees half of it."""
    new = gateway.config_path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, gateway.config_path)


def edit(gateway: Gateway, *changes: Callable[[dict], object]) -> None:
    """Applies `changes` to the document, and writes it."""
    document = read(gateway)
    for change in changes:
        change(document)
    write(gateway, json.dumps(document, indent=2))


def entry(entries: list[dict], name: str) -> dict:
    """The entry of a list that goes by `name`: its id, key, e-mail or name."""
    found = [each for each in entries if any(each.get(field) == name for field in NAMES)]
    assert len(found) == 1, f"{len(found)} entries are called {name}"
    return found[0]


def remove(entries: list[dict], name: str) -> None:
    entries.remove(entry(entries, name))


def seeded_key(gateway: Gateway, public_id: str, secret: str) -> Key:
    """A key that the file lists; the gateway's log must not contain its secret."""
    gateway.secrets.append(secret)
    return Key(public_id, f"gwk_{public_id}.{secret}")


def seed(gateway: Gateway) -> dict:
    """`gateway seed-config`; returns its report."""
    return _report(gateway, "seed-config")


def reload(gateway: Gateway) -> dict:
    """`gateway reload`; returns its report."""
    return _report(gateway, "reload")


def _report(gateway: Gateway, command: str) -> dict:
    done = gateway.command(command, "--json")
    assert done.returncode == 0, done.stderr
    assert not any(secret in done.stdout + done.stderr for secret in gateway.secrets), done
    return json.loads(done.stdout)


def told(report: dict) -> dict[str, dict[str, list[str]]]:
    """The report of a seeding: subject, action, names; without empty lists."""
    return {
        subject["name"]: did
        for subject in report["subjects"]
        if (did := {what: names for what, names in subject.items() if isinstance(names, list) and names})
    }
