"""How reloads run: by a signal, by a seeding elsewhere, several at once, and during a stream."""

import json
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from support import answers, chat, tables, wait
from support.configuration import edit, reload, remove, seed, told
from support.documents import model
from support.gateway import Gateway, Key
from support.reloading import statuses
from support.upstream import FakeUpstream


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
    # The next signal works too.
    edit(gateway, lambda document: remove(document["models"], "new"))
    gateway.process.send_signal(signal.SIGHUP)
    wait.until(lambda: statuses(gateway, key, "new") == {(404, "model_not_found")}, "the model is gone")
    wait.until(lambda: sum("Reloaded" in line for line in gateway.log().splitlines()) == 2, "the log says so, twice")


def test_a_running_gateway_follows_seed_config(gateway: Gateway, key: Key) -> None:
    """No command tells the gateway; it polls each second."""
    assert statuses(gateway, key, "other") == {(200, "fake")}
    edit(
        gateway,
        lambda document: document["models"].append(model("new")),
        lambda document: document["auth"]["seed_api_keys"][0].update(allowed_models=["new"]),
    )
    seed(gateway)
    took = wait.until(lambda: statuses(gateway, key, "new") == {(200, "fake")}, "the new model is served")
    took += wait.until(lambda: statuses(gateway, key, "other") == {(403, "model_not_allowed")}, "the grant is gone")
    print(f"effective after {took:.1f} s; promised: 2 s")


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
