"""Large requests to the simulator, which shares its process with every other request."""

import json
import threading
import time

from support import chat
from support.client import Client
from support.gateway import Gateway, Key

LARGE = 24 * 1024 * 1024


def ask(gateway: Gateway, key: Key, path: str, document: dict) -> int:
    return gateway.request("POST", path, json.dumps(document).encode(), chat.headers(key), timeout=60).status


def test_a_large_request_stops_no_other(gateway: Gateway, key: Key) -> None:
    """Decoding takes a second and more: on an event loop it would stop half of the callers."""
    gateway.request("GET", "/v1/models", headers=chat.headers(key))
    many = {"model": "simulated", "messages": [{"role": "user", "content": "x" * 1000}] * (LARGE // 1040)}
    statuses: list[int] = []
    large = threading.Thread(target=lambda: statuses.append(ask(gateway, key, "/v1/chat/completions", many)))
    slowest = 0.0
    with Client(gateway.port) as first, Client(gateway.port) as second:
        large.start()
        while large.is_alive():
            for client in (first, second):
                began = time.monotonic()
                client.send_request("GET", "/v1/models", chat.headers(key))
                assert client.read_answer().status == 200
                slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.02)
    large.join()
    assert statuses == [200]
    assert slowest < 0.7, f"another request waited for {slowest:.2f} s"


def test_a_large_list_of_tokens_is_refused_before_it_is_decoded(gateway: Gateway, key: Key) -> None:
    before = gateway.memory_mib("VmHWM")
    tokens = {"model": "simulated", "input": [1] * (LARGE // 3)}
    assert ask(gateway, key, "/v1/embeddings", tokens) == 400
    assert gateway.memory_mib("VmHWM") - before < 250
