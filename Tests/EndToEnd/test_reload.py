"""`gateway reload` and SIGHUP: a changed file is in force at once and as a whole, a bad one changes nothing."""

import json
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import answers, chat, documents, flavours, tables, wait
from support.client import Client
from support.configuration import edit, entry, read, reload, remove, seed, seeded_key, told, write
from support.databases import Database
from support.documents import model, provider, route
from support.failures import UNREADABLE
from support.gateway import Gateway, Key
from support.load import Load
from support.upstream import FakeUpstream

# Event loops are fewer than this; a fresh connection goes to the next one.
LOOPS = 16
KEY = ("reloadskey0001", "r" * 43)


@pytest.fixture
def gateway(make_gateway, standard_document: dict) -> Gateway:
    """Serving the standard document, with a key that the file lists."""
    seeded = {"name": "listed", "value": f"literal.gwk_{KEY[0]}.{KEY[1]}"}
    return make_gateway(standard_document | {"auth": {"seed_api_keys": [seeded]}}).start()


@pytest.fixture
def key(gateway: Gateway) -> Key:
    return seeded_key(gateway, *KEY)


def statuses(gateway: Gateway, key: Key, name: str) -> set[tuple[int, str | None]]:
    """What fresh connections on every loop are answered: the status, and the provider or the error's code."""
    found = set()
    for _ in range(LOOPS):
        answer = chat.ask(gateway, key, chat.body(name))
        code = None if answer.status == 200 else answer.json()["error"]["code"]
        found.add((answer.status, code or answer.header("x-gateway-provider")))
    return found


def upstream_models(gateway: Gateway, key: Key, upstream: FakeUpstream, name: str) -> set[str]:
    """What the upstream is asked for when every loop is asked for the model."""
    upstream.reset(answers.ordinary())
    assert statuses(gateway, key, name) == {(200, "fake")}
    return {json.loads(request.body)["model"] for request in upstream.requests}


def models_listed(gateway: Gateway, key: Key) -> set[str]:
    answered = [gateway.get("/v1/models", chat.headers(key)).json()["data"] for _ in range(LOOPS)]
    assert all(models == answered[0] for models in answered)
    return {each["id"] for each in answered[0]}


def to_routes(name: str, **values) -> Callable[[dict], object]:
    return lambda document: [each.update(values) for each in entry(document["models"], name)["routes"]]


# --- what a reload does


def test_a_new_model(gateway: Gateway, key: Key) -> None:
    assert statuses(gateway, key, "new") == {(404, "model_not_found")}
    edit(gateway, lambda document: document["models"].append(model("new")))
    assert told(reload(gateway)["seeded"]) == {"models": {"created": ["new"]}}
    assert statuses(gateway, key, "new") == {(200, "fake")}
    assert "new" in models_listed(gateway, key)


def test_a_model_that_is_gone(gateway: Gateway, key: Key) -> None:
    assert statuses(gateway, key, "other") == {(200, "fake")}
    edit(gateway, lambda document: remove(document["models"], "other"))
    reload(gateway)
    assert statuses(gateway, key, "other") == {(404, "model_not_found")}
    assert "other" not in models_listed(gateway, key)


def test_a_route_switched_off_and_on(gateway: Gateway, key: Key) -> None:
    for is_enabled, answered in [(False, (503, "no_route_available")), (True, (200, "fake"))]:
        edit(gateway, to_routes("other", enabled=is_enabled))
        assert told(reload(gateway)["seeded"]) == {"models": {"updated": ["other"]}}
        assert statuses(gateway, key, "other") == {answered}


def test_a_route_to_another_model_upstream(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    assert upstream_models(gateway, key, upstream, "other") == {answers.UPSTREAM_MODEL}
    edit(gateway, to_routes("other", upstream_model="another-model"))
    reload(gateway)
    assert upstream_models(gateway, key, upstream, "other") == {"another-model"}


def test_a_route_to_another_provider(gateway: Gateway, key: Key) -> None:
    assert statuses(gateway, key, "other") == {(200, "fake")}
    edit(gateway, to_routes("other", provider="named-header"))
    reload(gateway)
    assert statuses(gateway, key, "other") == {(200, "named-header")}


def test_an_alias_of_another_model(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    assert upstream_models(gateway, key, upstream, "default") == {answers.UPSTREAM_MODEL}
    edit(
        gateway,
        to_routes("other", upstream_model="another-model"),
        lambda document: entry(document["models"], "default").update(alias_of="other"),
    )
    reload(gateway)
    assert upstream_models(gateway, key, upstream, "default") == {"another-model"}


def test_a_provider_at_another_address(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    other = FakeUpstream(answers.ordinary())
    try:
        assert statuses(gateway, key, "other") == {(200, "fake")}
        count = len(upstream.requests)
        edit(gateway, lambda document: entry(document["providers"], "fake").update(provider("fake", other.port)))
        assert told(reload(gateway)["seeded"]) == {"providers": {"updated": ["fake"]}}
        assert statuses(gateway, key, "other") == {(200, "fake")}
        assert (len(upstream.requests), len(other.requests)) == (count, LOOPS)
    finally:
        other.stop()


def test_a_key_with_fewer_models(gateway: Gateway, key: Key) -> None:
    assert statuses(gateway, key, "other") == {(200, "fake")}
    edit(gateway, lambda document: document["auth"]["seed_api_keys"][0].update(allowed_models=["chat"]))
    assert told(reload(gateway)["seeded"]) == {"keys": {"updated": ["listed"]}}
    assert statuses(gateway, key, "other") == {(403, "model_not_allowed")}
    assert models_listed(gateway, key) == {"chat"}


def test_a_key_with_another_value(gateway: Gateway, key: Key) -> None:
    new = seeded_key(gateway, "reloadskey0002", "n" * 43)
    assert statuses(gateway, key, "other") == {(200, "fake")}
    assert statuses(gateway, new, "other") == {(401, "invalid_api_key")}
    edit(gateway, lambda document: document["auth"]["seed_api_keys"][0].update(value=f"literal.{new.text}"))
    assert told(reload(gateway)["seeded"]) == {"keys": {"created": ["listed"], "replaced": ["listed"]}}
    assert statuses(gateway, new, "other") == {(200, "fake")}
    assert statuses(gateway, key, "other") == {(401, "api_key_revoked")}


def test_a_file_that_is_as_it_was(gateway: Gateway) -> None:
    before = tables.rows(gateway.database)
    report = reload(gateway)
    assert (told(report["seeded"]), report["seeded"]["changed"], report["need_restart"]) == ({}, False, [])
    after = tables.rows(gateway.database)
    assert (tables.changes(before, after), tables.history(before, after)) == ({}, [])


def test_a_hang_up_signal_reloads(gateway: Gateway, key: Key) -> None:
    edit(gateway, lambda document: document["models"].append(model("new")))
    gateway.process.send_signal(signal.SIGHUP)
    wait.until(lambda: statuses(gateway, key, "new") == {(200, "fake")}, "the new model is served")
    # As an operator finds it: at the next signal too.
    edit(gateway, lambda document: remove(document["models"], "new"))
    gateway.process.send_signal(signal.SIGHUP)
    wait.until(lambda: statuses(gateway, key, "new") == {(404, "model_not_found")}, "the model is gone")
    wait.until(lambda: sum("Reloaded" in line for line in gateway.log().splitlines()) == 2, "the log says so, twice")


def test_a_running_gateway_follows_seed_config(gateway: Gateway, key: Key) -> None:
    """Nobody tells it; it looks each second."""
    assert statuses(gateway, key, "other") == {(200, "fake")}
    edit(
        gateway,
        lambda document: document["models"].append(model("new")),
        lambda document: document["auth"]["seed_api_keys"][0].update(allowed_models=["new"]),
    )
    seed(gateway)
    took = wait.until(lambda: statuses(gateway, key, "new") == {(200, "fake")}, "the new model is served")
    took += wait.until(lambda: statuses(gateway, key, "other") == {(403, "model_not_allowed")}, "the grant is gone")
    print(f"in force after {took:.1f} s; promised: 2 s")


def test_reloads_at_once_follow_each_other(gateway: Gateway, key: Key) -> None:
    edit(gateway, lambda document: document["models"].append(model("new")))
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: gateway.command("reload", "--json"), range(8)))
    assert [done.returncode for done in runs] == [0] * 8, [done.stderr for done in runs]
    created = [told(json.loads(done.stdout)["seeded"]) for done in runs]
    assert Counter(map(repr, created)) == {repr({"models": {"created": ["new"]}}): 1, "{}": 7}
    assert statuses(gateway, key, "new") == {(200, "fake")}


def test_a_stream_that_runs_keeps_what_it_began_with(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    upstream.reset(answers.stream([*answers.words(20), answers.DONE], pace=0.05))
    with chat.begin(gateway, key, chat.body("other", stream=True)) as client:
        answer = client.read_head()
        edit(gateway, lambda document: remove(document["models"], "other"))
        reload(gateway)
        assert statuses(gateway, key, "other") == {(404, "model_not_found")}
        answer.body = b"".join(data for _, data in client.chunks())
    assert chat.content(answer) == "".join(f" word{number}" for number in range(20))
    assert answer.body.endswith(answers.DONE)


# --- what it tells


def test_the_report_as_json(gateway: Gateway) -> None:
    before = reload(gateway)
    assert set(before) == {"configuration_hash", "seeded", "warnings", "need_restart"}
    assert re.fullmatch(r"[0-9a-f]{64}", before["configuration_hash"])
    assert any("THIS_VARIABLE_IS_NOT_SET" in warning for warning in before["warnings"])
    edit(
        gateway,
        lambda document: remove(document["models"], "other"),
        lambda document: document["models"].append(model("new")),
        to_routes("chat", weight=2),
    )
    after = reload(gateway)
    assert after["configuration_hash"] != before["configuration_hash"]
    assert told(after["seeded"]) == {"models": {"created": ["new"], "retired": ["other"], "updated": ["chat"]}}
    assert after["need_restart"] == []


def test_what_needs_a_restart_is_told(gateway: Gateway, key: Key) -> None:
    edit(
        gateway,
        lambda document: document["server"].update(bind="127.0.0.1:1"),
        lambda document: document.update(routing={"deadline_ms": 5000}),
        lambda document: document["auth"].update(max_staleness_seconds=5),
        lambda document: document["models"].append(model("new")),
    )
    assert reload(gateway)["need_restart"] == ["auth.max_staleness_seconds", "routing", "server"]
    assert statuses(gateway, key, "new") == {(200, "fake")}, "the rest is in force"


def test_the_report_in_words(gateway: Gateway) -> None:
    edit(
        gateway,
        lambda document: document["server"].update(bind="127.0.0.1:1"),
        lambda document: document["models"].append(model("new")),
    )
    done = gateway.command("reload")
    assert done.returncode == 0, done.stderr
    for words in ("Reloaded", "gateway.yaml", "1 created (new)", "file. read anew", "env. as they were", "server"):
        assert words in done.stdout, done.stdout
    assert "THIS_VARIABLE_IS_NOT_SET" in done.stderr, "warnings are told as at a start"
    assert "restart" not in gateway.command("config", "validate").stdout


# --- secrets


def test_a_rotated_file_is_read_anew_and_a_variable_is_not(
    make_gateway, upstream: FakeUpstream, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("canary-first-token\n")
    document = {
        "auth": {"seed_api_keys": [{"name": "listed", "value": f"literal.gwk_{KEY[0]}.{KEY[1]}"}]},
        "providers": [
            provider("by-file", upstream.port, auth={"kind": "bearer", "token": f"file.{token}"}),
            provider("by-environment", upstream.port),
        ],
        "models": [model("by-file", "by-file"), model("by-environment", "by-environment")],
    }
    gateway: Gateway = make_gateway(document).start()
    gateway.secrets += ["canary-first-token", "canary-second-token", "canary-changed-variable"]
    key = seeded_key(gateway, *KEY)

    def sent() -> set[str]:
        upstream.reset(answers.ordinary())
        for name in ("by-file", "by-environment"):
            assert statuses(gateway, key, name) == {(200, name)}
        return {request.header("authorization") for request in upstream.requests}

    by_environment = f"Bearer {documents.TOKEN}"
    assert sent() == {"Bearer canary-first-token", by_environment}
    token.write_text("canary-second-token\n")
    assert sent() == {"Bearer canary-first-token", by_environment}, "not before the reload"
    # The command's environment is not the gateway's.
    gateway.environment[documents.TOKEN_VARIABLE] = "canary-changed-variable"
    reload(gateway)
    assert sent() == {"Bearer canary-second-token", by_environment}

    token.unlink()
    reload(gateway)
    assert statuses(gateway, key, "by-file") == {(503, "no_route_available")}
    assert statuses(gateway, key, "by-environment") == {(200, "by-environment")}
    token.write_text("canary-second-token\n")
    reload(gateway)
    assert sent() == {"Bearer canary-second-token", by_environment}
    # A start reads both.
    gateway.stop()
    gateway.start()
    assert sent() == {"Bearer canary-second-token", "Bearer canary-changed-variable"}


# --- what is refused


def break_several(gateway: Gateway) -> None:
    edit(
        gateway,
        lambda document: document["server"].update(bnid="127.0.0.1:1"),
        to_routes("chat", provider="nobody"),
        lambda document: document["models"].append(model("new")),
    )


def cut_in_half(gateway: Gateway) -> None:
    text = gateway.config_path.read_text()
    write(gateway, text[: len(text) // 2])


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
    assert validated in errors()[0].values(), "with the same words"
    check_undisturbed(gateway, key, before)


def test_what_cannot_be_seeded_changes_nothing(gateway: Gateway, key: Key) -> None:
    """The file is valid by itself, and does not fit what is there."""
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


# --- under load, 500 requests a second: the small form is 2 s, the full one 30 s

CALLERS, PER_SECOND = 20, 500


class FlavouredLoad(Load):
    """Requests at an even pace; each answer must be of one flavour, and is counted by it."""

    def __init__(self, gateway: Gateway, key: Key):
        self.flavours: Counter[str] = Counter()
        self._guard = threading.Lock()
        super().__init__(gateway, [key] * CALLERS)

    def _call_on(self, client: Client, number: int, key: Key) -> None:
        interval = CALLERS / PER_SECOND
        turn = int((self.seconds - number * interval / CALLERS) / interval) + 1
        while not self._stopping.wait(max(0.0, turn * interval + number * interval / CALLERS - self.seconds)):
            body = chat.body(flavours.MODELS[turn % len(flavours.MODELS)])
            client.send_request("POST", chat.PATH, chat.headers(key), body)
            flavour = flavours.of(client.read_answer())
            with self._guard:
                self.flavours[flavour] += 1
            self._counts[number] += 1
            turn += 1


def flip_until(seconds: float, gateway: Gateway, key: Key, load: Load, port: int) -> int:
    """Reloads with the one and the other flavour, five times a second; returns how often."""
    flips, fixed = 0, {name: read(gateway)[name] for name in ("server", "database")}
    while load.seconds < seconds:
        flavour = ("new", "old")[flips % 2]
        write(gateway, json.dumps(flavours.document(flavour, port) | fixed))
        reload(gateway)
        flips += 1
        assert flavours.on_every_loop(gateway, key) == {flavour}, "when the command returns, every loop knows"
        wait.until(lambda: load.seconds >= min(seconds, flips * 0.2), "it is time for the next reload")
    return flips


def test_reload_under_load(make_gateway, database: Database, upstream: FakeUpstream, full: bool) -> None:
    seconds = 30 if full else 2
    upstream.reset(flavours.echo())
    gateway: Gateway = make_gateway(flavours.document("old", upstream.port), database).start()
    key = flavours.key(gateway)
    assert flavours.on_every_loop(gateway, key) == {"old"}
    with FlavouredLoad(gateway, key) as load:
        flips = flip_until(seconds, gateway, key, load, upstream.port)
    failed = load.failures.total()
    print(f"{load.count} requests in {seconds} s and {flips} reloads, {failed} failed: {dict(load.flavours)}")
    assert load.failures == {}
    assert set(load.flavours) == {"old", "new"}
    assert load.count > PER_SECOND * seconds * 0.9, "the load was what it should be"
    assert flips >= seconds * 2


def test_a_bad_file_under_load(make_gateway, upstream: FakeUpstream) -> None:
    upstream.reset(flavours.echo())
    gateway: Gateway = make_gateway(flavours.document("old", upstream.port)).start()
    with FlavouredLoad(gateway, flavours.key(gateway)) as load:
        for fault in (break_chat, cut_in_half):
            good = gateway.config_path.read_text()
            fault(gateway)
            gateway.process.send_signal(signal.SIGHUP)
            before = load.count
            wait.until(lambda: load.count > before + 100, "requests go on")
            write(gateway, good)
    assert load.failures == {}
    assert set(load.flavours) == {"old"}


def break_chat(gateway: Gateway) -> None:
    edit(gateway, to_routes("chat", provider="nobody"))
