"""The listener under random and mutated requests on raw sockets: `script/proof fuzz-door`."""

import os
import re
import threading
import time
from collections import Counter
from itertools import count

from support import chat
from support.fuzz_door import Case
from support.gateway import Gateway
from support.upstream import FakeUpstream

# Numbers of cases that once found a fault.
KEPT: list[int] = []
SMALL = 1500
FIRST_LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) [A-Za-z ]+\r\n")
THREADS = 8


class Run:
    """Runs cases in several threads."""

    def __init__(self, gateway: Gateway, key: str):
        self.gateway, self.key = gateway, key
        self.statuses: Counter[str] = Counter()
        self.faults: list[str] = []
        self._lock = threading.Lock()

    def cases(self, numbers, is_over) -> None:
        threads = [threading.Thread(target=self._work, args=(numbers, is_over)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, numbers, is_over) -> None:
        while not is_over() and not self.faults:
            with self._lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                received = Case(number, self.key).run(self.gateway.port)
            except OSError as error:
                received = f"no connection: {error}".encode()
            self._check(number, received)

    def _check(self, number: int, received: bytes) -> None:
        first = FIRST_LINE.match(received)
        with self._lock:
            self.statuses[first[1].decode() if first else "nothing"] += 1
            # A stream may quote any text of the caller, but no answer of the gateway's own is its own fault.
            if (received and not first) or b"internal_error" in received or b"HTTP/1.1 500" in received:
                self.faults.append(f"case {number}: {received[:500]!r}")


def test_random_requests(make_gateway, standard_document, upstream: FakeUpstream, full: bool) -> None:
    """No crash, no answer that is not HTTP, no `internal_error`, and memory that does not grow."""
    minutes = float(os.environ.get("FUZZ_MINUTES", "20")) if full else 0
    first = int(os.environ.get("FUZZ_FIRST", "0"))
    document = standard_document | {"server": {"log_level": "warning", "cors_origins": ["https://x"]}}
    gateway: Gateway = make_gateway(document).start()
    key = gateway.create_key()
    # Mutations write the key into fields that are logged, such as the path.
    gateway.secrets.remove(key.secret)
    run = Run(gateway, key.text)
    run.cases(iter(KEPT), lambda: False)
    numbers = count(first) if full else iter(range(first, first + SMALL))
    began = time.monotonic()
    memory: list[float] = []
    while not run.faults:
        due = time.monotonic() + (60 if full else 3600)
        run.cases(numbers, lambda: time.monotonic() > due)  # noqa: B023
        upstream.requests.clear()
        memory.append(gateway.memory_mib())
        print(f"{run.statuses.total()} cases from {first}, {memory[-1]:.0f} MiB, {dict(run.statuses)}", flush=True)
        if time.monotonic() - began >= minutes * 60:
            break
    assert run.faults == []
    assert gateway.is_alive() and chat.ask(gateway, key).status == 200
    if len(memory) > 4:
        # The first minute fills caches and the allocator's arenas.
        assert memory[-1] < memory[1] * 1.3 + 10, memory
