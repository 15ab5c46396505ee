"""The runbook *Secret Rotation*: the new secret works, the old one does not, and the provider used is shown."""

import json
import re
from pathlib import Path

import pytest
from support import answers, chat, runbook, wait
from support.client import Answer
from support.configuration import edit, seeded_key
from support.documents import model, provider
from support.gateway import Gateway, Key
from support.upstream import Call, FakeUpstream

KEY_HEADING, ADMIN_HEADING, PROVIDER_HEADING = (
    "Gateway API key",
    "Bootstrap admin password",
    "Provider token or service account",
)
OLD, NEW = ("oldvalue00001", "o" * 43), ("newvalue00001", "n" * 43)
OLD_TOKEN, NEW_TOKEN = "canary-old-token-1d", "canary-new-token-2e"


@pytest.fixture
def gateway(make_gateway, upstream: FakeUpstream, tmp_path: Path) -> Gateway:
    """Not started. The test chooses the sources of its key and of its provider's token."""
    gateway: Gateway = make_gateway(
        {
            "auth": {"seed_api_keys": [{"name": "application", "value": "env.APPLICATION_KEY"}]},
            "providers": [
                provider("rotated", upstream.port, auth={"kind": "bearer", "token": "env.ROTATED_TOKEN"}),
                provider("another", upstream.port),
            ],
            "models": [model("chat", "rotated"), model("other", "another")],
        }
    )
    gateway.secrets += [OLD_TOKEN, NEW_TOKEN]
    gateway.environment["ROTATED_TOKEN"] = OLD_TOKEN
    gateway.environment["APPLICATION_KEY"] = seeded_key(gateway, *OLD).text
    return gateway


def come_from_file(gateway: Gateway, name: str) -> Path:
    """Moves the value from a variable to a file."""
    path = gateway.folder / name.lower()
    path.write_text(gateway.environment.pop(name) + "\n")
    text = gateway.config_path.read_text()
    gateway.config_path.write_text(text.replace(f"env.{name}", f"file.{path}"))
    return path


def restart(gateway: Gateway) -> None:
    gateway.stop()
    gateway.start()


def reload(gateway: Gateway) -> None:
    assert gateway.command("reload").returncode == 0


def used(gateway: Gateway, key: Key) -> set[int]:
    """The statuses on every event loop: each connection goes to the next one."""
    return {gateway.get("/v1/models", chat.headers(key)).status for _ in range(8)}


# --- gateway API key


def rotate_by_file_and_reload(gateway: Gateway, old: Key, new: Key) -> None:
    path = come_from_file(gateway, "APPLICATION_KEY")
    assert used(gateway.start(), old) == {200}
    path.write_text(new.text)
    reload(gateway)


def rotate_by_variable_and_restart(gateway: Gateway, old: Key, new: Key) -> None:
    assert used(gateway.start(), old) == {200}
    gateway.environment["APPLICATION_KEY"] = new.text
    restart(gateway)


def rotate_by_variable_and_reseed(gateway: Gateway, old: Key, new: Key) -> None:
    assert used(gateway.start(), old) == {200}
    gateway.environment["APPLICATION_KEY"] = new.text
    assert gateway.command("seed-config").returncode == 0
    # No command told the gateway; it polls each second.
    took = wait.until(lambda: used(gateway, old) == {401}, "the gateway follows")
    print(f"the old key was refused after {took:.1f} s; promised: 2 s")


def rotate_in_the_configuration_and_reload(gateway: Gateway, old: Key, new: Key) -> None:
    assert used(gateway.start(), old) == {200}
    edit(gateway, lambda document: document["auth"]["seed_api_keys"][0].update(value=f"literal.{new.text}"))
    reload(gateway)


KEY_ROTATIONS = {
    "by file and reload": rotate_by_file_and_reload,
    "by variable and restart": rotate_by_variable_and_restart,
    "by variable and seed-config": rotate_by_variable_and_reseed,
    "in the configuration and reload": rotate_in_the_configuration_and_reload,
}


@pytest.mark.parametrize("way", KEY_ROTATIONS)
def test_the_new_key_answers_the_old_one_does_not(gateway: Gateway, way: str) -> None:
    old, new = Key(OLD[0], gateway.environment["APPLICATION_KEY"]), seeded_key(gateway, *NEW)
    KEY_ROTATIONS[way](gateway, old, new)
    # The page names the expected status after each line.
    promised = [(line, re.search(r"# (\d{3}) ?(\w*)$", line)) for line in runbook.lines(KEY_HEADING, "curl")]
    assert [found and found[1] for _, found in promised] == ["200", "401"]
    for line, found in promised:
        status, _, body = runbook.curl(gateway, line, NEW=new.text, OLD=old.text)
        assert status == int(found[1]), body
        assert found[2] in body
    assert (used(gateway, new), used(gateway, old)) == ({200}, {401})
    assert chat.ask(gateway, new).status == 200


def test_a_key_made_with_keys_create(gateway: Gateway) -> None:
    """Create another one, hand it out, check in the list that the old one is not used, revoke it."""
    gateway.start()
    old, new = gateway.create_key("application"), gateway.create_key("application")

    def last_used(key: Key) -> str | None:
        listed = json.loads(gateway.command("keys", "list", "--json").stdout)
        [entry] = [each for each in listed if each["public_id"] == key.public_id]
        return entry.get("last_used_at")

    assert used(gateway, new) == {200}
    wait.until(lambda: last_used(new) is not None, "the list shows that the new one is used", seconds=25)
    assert last_used(old) is None
    done = runbook.perform(gateway, f"gateway keys revoke {old.public_id}")
    assert done.returncode == 0, done
    assert (used(gateway, new), used(gateway, old)) == ({200}, {401})


# --- bootstrap admin password


def test_a_new_value_in_the_configuration_changes_nothing_for_an_administrator_who_is_there(gateway: Gateway) -> None:
    admin = {"enabled": True, "password": "env.ADMIN_PASSWORD"}
    edit(gateway, lambda document: document["auth"].update(bootstrap_admin=admin))
    gateway.environment["ADMIN_PASSWORD"] = "canary-first-password"
    gateway.secrets += ["canary-first-password", "canary-second-password"]
    gateway.start()
    before = gateway.database.query("SELECT * FROM passwords")
    assert len(before) == 1
    gateway.environment["ADMIN_PASSWORD"] = "canary-second-password"
    restart(gateway)
    assert gateway.command("bootstrap-admin").returncode == 0
    assert gateway.database.query("SELECT * FROM passwords") == before
    assert "changes nothing" in runbook.section(ADMIN_HEADING)


# --- provider token


def use(gateway: Gateway, key: Key, upstream: FakeUpstream) -> str | None:
    """The runbook's live call; returns the credential that the provider got."""
    command = runbook.line(PROVIDER_HEADING, "curl")
    upstream.reset(answers.ordinary())
    status, headers, body = runbook.curl(gateway, command, "chat", KEY=key.text)
    assert (status, headers["x-gateway-provider"]) == (200, "rotated"), body
    assert '"provider":"rotated"' in gateway.log_line(headers["x-gateway-request-id"])
    [request] = upstream.requests
    return request.header("authorization")


def test_a_provider_token_by_file_and_reload(gateway: Gateway, upstream: FakeUpstream) -> None:
    path = come_from_file(gateway, "ROTATED_TOKEN")
    key = Key(OLD[0], gateway.environment["APPLICATION_KEY"])
    gateway.start()
    assert use(gateway, key, upstream) == f"Bearer {OLD_TOKEN}"
    path.write_text(f"{NEW_TOKEN}\n")
    assert use(gateway, key, upstream) == f"Bearer {OLD_TOKEN}", "changing the source alone has no effect"
    reload(gateway)
    for _ in range(8):
        assert use(gateway, key, upstream) == f"Bearer {NEW_TOKEN}"


def test_a_provider_token_by_variable_and_restart(gateway: Gateway, upstream: FakeUpstream) -> None:
    key = Key(OLD[0], gateway.environment["APPLICATION_KEY"])
    gateway.start()
    assert use(gateway, key, upstream) == f"Bearer {OLD_TOKEN}"
    gateway.environment["ROTATED_TOKEN"] = NEW_TOKEN
    reload(gateway)
    assert use(gateway, key, upstream) == f"Bearer {OLD_TOKEN}", "a reload does not change the environment"
    restart(gateway)
    for _ in range(8):
        assert use(gateway, key, upstream) == f"Bearer {NEW_TOKEN}"


def only_the_new_token(upstream: FakeUpstream) -> None:
    """The provider has revoked the old one."""
    refusal = {"error": {"message": "words-of-the-provider", "type": "invalid_request_error", "code": "x"}}

    async def behave(call: Call) -> None:
        is_new = call.request.header("authorization") == f"Bearer {NEW_TOKEN}"
        await (answers.ordinary() if is_new else answers.whole(refusal, status=401))(call)

    upstream.reset(behave)


def test_a_token_that_the_provider_refuses(gateway: Gateway, upstream: FakeUpstream) -> None:
    key = Key(OLD[0], gateway.environment["APPLICATION_KEY"])
    path = come_from_file(gateway, "ROTATED_TOKEN")
    gateway.start()
    only_the_new_token(upstream)
    answer: Answer = chat.ask(gateway, key)
    chat.check_error(answer, 502, "upstream_rejected_credentials")
    assert "words-of-the-provider" in gateway.log_line(answer.header("x-gateway-request-id"))
    path.write_text(NEW_TOKEN)
    reload(gateway)
    assert {chat.ask(gateway, key).status for _ in range(8)} == {200}


def test_a_reference_without_a_value_is_reported(gateway: Gateway) -> None:
    del gateway.environment["ROTATED_TOKEN"]
    gateway.start()
    key = Key(OLD[0], gateway.environment["APPLICATION_KEY"])
    gateway.expect_log("A provider cannot be used.")
    told = [line for line in gateway.log().splitlines() if "A provider cannot be used." in line]
    assert len(told) == 1 and "ROTATED_TOKEN" in told[0]
    assert "A provider cannot be used." in runbook.section(PROVIDER_HEADING)
    chat.check_error(chat.ask(gateway, key), 503, "no_route_available")
    assert chat.ask(gateway, key, chat.body("other")).status == 200, "the other provider is not affected"
