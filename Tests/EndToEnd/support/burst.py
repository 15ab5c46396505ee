"""A number of requests, shared by callers that keep their connections."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from . import chat
from .client import Client
from .gateway import Gateway, Key


def burst(gateway: Gateway, key: Key, count: int, connections: int = 4, body: bytes | None = None) -> Counter[str]:
    """The number of answers of each route for `count` requests; all with 200, on kept connections."""
    body = chat.body() if body is None else body

    def call(number: int) -> Counter[str]:
        routes: Counter[str] = Counter()
        with Client(gateway.port) as client:
            for _ in range(number, count, connections):
                client.send_request("POST", chat.PATH, chat.headers(key), body)
                answer = client.read_answer()
                assert answer.status == 200, answer
                routes[answer.header("x-gateway-route")] += 1
        return routes

    with ThreadPoolExecutor(connections) as callers:
        return sum(callers.map(call, range(connections)), Counter())
