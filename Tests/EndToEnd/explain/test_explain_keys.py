"""Which key `gateway explain` is asked about, and wrong command lines."""

import pytest
from support.explain_setting import SECRET
from support.explanation import explain
from support.failures import check_failure
from support.gateway import Gateway, Key


def test_a_key_by_its_name(asked: Gateway, keys: dict[str, Key]) -> None:
    by_name, by_id = explain(asked, "granted", "other"), explain(asked, keys["granted"].public_id, "other")
    assert by_name == by_id


@pytest.mark.parametrize("key", ["absent", "", " ", "caller01 ", "0123456789abcdef", "gwk_caller01", "caller\n"])
def test_a_key_that_is_not_there(asked: Gateway, key: str) -> None:
    done = asked.command("explain", "--key", key, "--model", "chat")
    check_failure(asked, done, 2, "no key")
    assert "gateway keys list" in done.stderr


def test_a_whole_key_is_not_repeated(asked: Gateway, keys: dict[str, Key]) -> None:
    """A mistake whose secret must not end up in a file with the command's output."""
    done = asked.command("explain", "--key", keys["caller"].text, "--model", "chat")
    assert done.returncode == 2
    assert SECRET not in done.stdout + done.stderr, done


def test_a_name_of_several_keys(asked: Gateway, gateway: Gateway) -> None:
    name = f"double-{'running' if asked is gateway else 'database'}"
    twins = [gateway.create_key(name, models="chat"), gateway.create_key(name)]
    done = asked.command("explain", "--key", name, "--model", "chat")
    check_failure(asked, done, 2, name)
    assert all(twin.public_id in done.stderr for twin in twins), done.stderr
    # A valid key takes precedence over invalid ones.
    assert gateway.command("keys", "revoke", twins[1].public_id).returncode == 0
    assert explain(asked, name, "other")["code"] == "model_not_allowed"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--key", "caller"],
        ["--model", "chat"],
        ["--key", "caller", "--model", "chat", "--nonsense"],
        ["--key", "caller", "--model"],
    ],
    ids=" ".join,
)
def test_a_wrong_command(gateway: Gateway, arguments: list[str]) -> None:
    done = gateway.command("explain", *arguments)
    assert done.returncode == 2 and done.stderr, done
