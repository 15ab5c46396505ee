"""A file that is wrong or cannot be seeded changes nothing."""

import json
import signal

import pytest
from support import tables, wait
from support.configuration import edit, read, reload, told, write
from support.documents import model
from support.failures import UNREADABLE
from support.gateway import Gateway, Key
from support.reloading import cut_in_half, statuses, to_routes


def break_several(gateway: Gateway) -> None:
    edit(
        gateway,
        lambda document: document["server"].update(bnid="127.0.0.1:1"),
        to_routes("chat", provider="absent"),
        lambda document: document["models"].append(model("new")),
    )


def remove_file(gateway: Gateway) -> None:
    gateway.config_path.unlink()


BROKEN = {"several errors": break_several, "half of it": cut_in_half, "none": remove_file}


def check_undisturbed(gateway: Gateway, key: Key, before: tables.Tables) -> None:
    assert tables.rows(gateway.database) == before
    assert gateway.readiness() == (200, "ready", [])
    assert statuses(gateway, key, "chat") == {(200, "fake")}
    assert statuses(gateway, key, "new") == {(404, "model_not_found")}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_bad_file_changes_nothing(gateway: Gateway, key: Key, fault: str) -> None:
    good, before = gateway.config_path.read_text(), tables.rows(gateway.database)
    BROKEN[fault](gateway)
    validated = gateway.command("config", "validate")
    done = gateway.command("reload")
    assert (done.returncode, done.stdout) == (3, "")
    assert validated.stderr.strip().removeprefix("error: ") in done.stderr
    check_undisturbed(gateway, key, before)
    write(gateway, good)
    assert told(reload(gateway)["seeded"]) == {}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_bad_file_and_a_hang_up_signal(gateway: Gateway, key: Key, fault: str) -> None:
    before = tables.rows(gateway.database)
    BROKEN[fault](gateway)
    validated = gateway.command("config", "validate").stderr.strip().removeprefix("error: ")
    gateway.process.send_signal(signal.SIGHUP)

    def errors() -> list[dict]:
        lines = (json.loads(line) for line in gateway.log().splitlines() if line.startswith("{"))
        return [line for line in lines if line["level"] == "error"]

    wait.until(lambda: len(errors()) == 1, "the log has the error")
    assert validated in errors()[0].values(), "with the same message"
    check_undisturbed(gateway, key, before)


def test_what_cannot_be_seeded_changes_nothing(gateway: Gateway, key: Key) -> None:
    """The file is valid, but conflicts with the database."""
    made = gateway.create_key("made by command")
    before, good = tables.rows(gateway.database), read(gateway)
    edit(
        gateway,
        lambda document: document["auth"]["seed_api_keys"].append({"name": "mine", "value": f"literal.{made.text}"}),
        lambda document: document["models"].append(model("new")),
    )
    done = gateway.command("reload")
    assert (done.returncode, done.stdout) == (1, "")
    assert made.public_id in done.stderr and "Nothing was changed" in done.stderr
    assert not UNREADABLE.search(done.stderr) and made.secret not in done.stderr
    check_undisturbed(gateway, key, before)
    write(gateway, json.dumps(good))
    reload(gateway)


def test_without_a_running_gateway(make_gateway) -> None:
    gateway: Gateway = make_gateway()
    done = gateway.command("reload")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ") and "running" in done.stderr
    assert not gateway.database.path.exists()
