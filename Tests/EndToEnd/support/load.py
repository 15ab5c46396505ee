"""Load on a gateway: callers that ask one request after the other on connections that stay open."""

import threading
import time
from collections import Counter

from . import chat, wait
from .client import Client
from .gateway import Gateway, Key


class Load:
    """Runs in its own threads until `stop()`. `failures` counts everything but answers with 200."""

    def __init__(self, gateway: Gateway, keys: list[Key]):
        self._gateway = gateway
        self._stopping = threading.Event()
        self._began = time.monotonic()
        # One counter for each caller, so that they need no lock.
        self._counts = [0] * len(keys)
        self.failures: Counter[str] = Counter()
        self._threads = [
            threading.Thread(target=self._call, args=(number, key), daemon=True) for number, key in enumerate(keys)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def count(self) -> int:
        """The requests that were answered with 200."""
        return sum(self._counts)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def wait_for_more(self, requests: int) -> None:
        """Waits until the gateway has answered that many more."""
        wanted = self.count + requests
        wait.until(lambda: self.count > wanted, f"{requests} more requests are answered")

    def wait_for_second(self, second: float) -> None:
        """Waits until the load has run for that many seconds."""
        wait.until(lambda: self.seconds >= second, f"the load has run for {second:g} s", seconds=60)

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)

    def _call(self, number: int, key: Key) -> None:
        while not self._stopping.is_set():
            try:
                with Client(self._gateway.port) as client:
                    self._call_on(client, number, key)
            except Exception as error:
                self.failures[f"{type(error).__name__}: {error}"] += 1

    def _call_on(self, client: Client, number: int, key: Key) -> None:
        while not self._stopping.is_set():
            client.send_request("POST", chat.PATH, chat.headers(key), chat.body())
            answer = client.read_answer()
            if answer.status == 200:
                self._counts[number] += 1
            else:
                self.failures[f"{answer.status} {answer.body.decode(errors='replace')}"] += 1
