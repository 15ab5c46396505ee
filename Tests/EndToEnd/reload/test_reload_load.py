"""Reloads under load, 500 requests a second: the small form is 2 s, the full one 30 s."""

import json
import signal
import threading
from collections import Counter

from support import chat, flavours
from support.client import Client
from support.configuration import edit, read, reload, write
from support.databases import Database
from support.gateway import Gateway, Key
from support.load import Load
from support.reloading import cut_in_half, to_routes
from support.upstream import FakeUpstream

CALLERS, PER_SECOND = 20, 500


class FlavouredLoad(Load):
    """Requests at an even pace; each answer must have one flavour, and is counted by it."""

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
    """Reloads with the two flavours in turn, five times a second; returns the number of reloads."""
    flips, fixed = 0, {name: read(gateway)[name] for name in ("server", "database")}
    while load.seconds < seconds:
        flavour = ("new", "old")[flips % 2]
        write(gateway, json.dumps(flavours.document(flavour, port) | fixed))
        reload(gateway)
        flips += 1
        assert flavours.on_every_loop(gateway, key) == {flavour}, "when the command returns, every loop knows"
        load.wait_for_second(min(seconds, flips * 0.2))
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
    assert load.count > PER_SECOND * seconds * 0.9, "the load reached its rate"
    assert flips >= seconds * 2


def test_a_bad_file_under_load(make_gateway, upstream: FakeUpstream) -> None:
    upstream.reset(flavours.echo())
    gateway: Gateway = make_gateway(flavours.document("old", upstream.port)).start()
    with FlavouredLoad(gateway, flavours.key(gateway)) as load:
        for fault in (break_chat, cut_in_half):
            good = gateway.config_path.read_text()
            fault(gateway)
            gateway.process.send_signal(signal.SIGHUP)
            load.wait_for_more(100)
            write(gateway, good)
    assert load.failures == {}
    assert set(load.flavours) == {"old"}


def break_chat(gateway: Gateway) -> None:
    edit(gateway, to_routes("chat", provider="absent"))
