"""Callers that disconnect before their answer, and upstreams that wait for the test."""

import asyncio
import json
import threading
from itertools import islice

from . import answers, chat
from .client import Client
from .gateway import Gateway, Key
from .upstream import Behaviour, Call, FakeUpstream, Received

STREAM, WHOLE = "stream", "whole"
WAYS = ("cancelled", "drained", "hasty")


class Gate:
    """Blocks an answer until the test opens the gate."""

    def __init__(self) -> None:
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        while not self._open.is_set():
            await asyncio.sleep(0.002)


def begun_then_more(gate: Gate, more: list[bytes]) -> Behaviour:
    """Sends the beginning of a stream, and the rest, with its usage, after the gate opens."""

    async def behave(call: Call) -> None:
        await call.send(answers.STREAM_HEAD)
        for part in answers.words()[:2]:
            await call.chunk(part)
        await gate.passed()
        for part in more:
            await call.chunk(part)
        await call.send(answers.LAST_CHUNK)

    return behave


def behind(gate: Gate, behaviour: Behaviour) -> Behaviour:
    async def behave(call: Call) -> None:
        await gate.passed()
        await behaviour(call)

    return behave


REST = [answers.event(answers.chunk({"content": f" more{n}"})) for n in range(200)]
END = [*answers.words()[-1:], answers.usage(), answers.DONE]


def ask_and_leave(gateway: Gateway, key: Key, upstream: FakeUpstream, model: str, name: str, family: str) -> Received:
    """The caller disconnects when the provider has the request; for a stream, after the first content."""
    with Client(gateway.port) as client:
        body = chat.body(model, stream=family == STREAM)
        client.send_request("POST", chat.PATH, chat.headers(key, x_request_id=name), body)
        request = upstream.wait_for_request()
        if family == STREAM:
            assert client.read_head().status == 200
            assert b"word0" in b"".join(part for _, part in islice(client.chunks(), 2))
    return request


def logged(gateway: Gateway, name: str) -> dict:
    return json.loads(gateway.log_line(name))


def warm_up(gateway: Gateway, key: Key, model: str) -> None:
    """Opens a connection to the upstream on every event loop: each connection of a caller goes to the next loop."""
    for _ in range(16):
        assert chat.ask(gateway, key, chat.body(model)).status == 200


def connections_made(gateway: Gateway, key: Key, upstream: FakeUpstream, model: str, since: int) -> int:
    """The number of new upstream connections after another request on every event loop."""
    upstream.behaviour = answers.ordinary()
    warm_up(gateway, key, model)
    return upstream.connections - since
