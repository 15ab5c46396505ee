"""What the tests of several gateways over one database share."""

from collections.abc import Callable

from . import chat, wait
from .configuration import seeded_key
from .gateway import Gateway, Key

KEY = ("replicaskey001", "r" * 43)
# More than the event loops; each new connection goes to the next loop.
LOOPS = 8
# The promise is 2 s; the tests print the measured time.
PROMISED = 2.0
Make = Callable[..., Gateway]


def listed_key(gateway: Gateway) -> Key:
    return seeded_key(gateway, *KEY)


def outcomes(gateway: Gateway, key: Key, name: str = "other") -> set[tuple[int, str | None]]:
    """The answers on new connections to every loop: the status, and the error's code."""
    found = set()
    for _ in range(LOOPS):
        answer = chat.ask(gateway, key, chat.body(name))
        found.add((answer.status, None if answer.status == 200 else answer.json()["error"]["code"]))
    return found


OK = (200, None)


def wait_for(gateways: list[Gateway], keys: list[Key], outcome: tuple[int, str | None], what: str) -> None:
    """Waits until each gateway answers its key so on every loop, for five times the promised time."""
    for gateway, key in zip(gateways, keys, strict=True):
        _wait_for_one(gateway, key, outcome, what)


def _wait_for_one(gateway: Gateway, key: Key, outcome: tuple[int, str | None], what: str) -> None:
    wait.until(lambda: outcomes(gateway, key) == {outcome}, what, seconds=5 * PROMISED)


def revoke(gateway: Gateway) -> None:
    assert gateway.command("keys", "revoke", KEY[0]).returncode == 0
