"""What the tests of reloads share: the key of the file, and what every event loop answers."""

from collections.abc import Callable

from . import chat
from .configuration import entry, write
from .gateway import Gateway, Key

# More than the event loops; each new connection goes to the next loop.
LOOPS = 16
KEY = ("reloadskey0001", "r" * 43)


def statuses(gateway: Gateway, key: Key, name: str) -> set[tuple[int, str | None]]:
    """The answers on new connections to every loop: the status, and the provider or the error's code."""
    found = set()
    for _ in range(LOOPS):
        answer = chat.ask(gateway, key, chat.body(name))
        code = None if answer.status == 200 else answer.json()["error"]["code"]
        found.add((answer.status, code or answer.header("x-gateway-provider")))
    return found


def models_listed(gateway: Gateway, key: Key) -> set[str]:
    answered = [gateway.get("/v1/models", chat.headers(key)).json()["data"] for _ in range(LOOPS)]
    assert all(models == answered[0] for models in answered)
    return {each["id"] for each in answered[0]}


def to_routes(name: str, **values) -> Callable[[dict], object]:
    return lambda document: [each.update(values) for each in entry(document["models"], name)["routes"]]


def cut_in_half(gateway: Gateway) -> None:
    text = gateway.config_path.read_text()
    write(gateway, text[: len(text) // 2])
