"""An upstream with a meter, as a provider has one, and callers of every kind: what the ledger is compared with.

Every request carries a number as a tag, which the ledger keeps, and in its prompt, which the meter reads."""

import asyncio
import json
import random
import threading
from collections import defaultdict
from dataclasses import dataclass

from . import answers, chat, wait
from .client import Client
from .databases import Database
from .documents import PATIENT, provider, route
from .gateway import Gateway, Key
from .upstream import Call, FakeUpstream

# Dollars per million tokens are nanodollars per token, times a thousand.
INPUT, OUTPUT = 2, 10
PRICE = {"input_per_million_usd": str(INPUT), "output_per_million_usd": str(OUTPUT)}
MODES = ("whole", "stream", "fails over", "cut", "leaves whole", "leaves stream")


@dataclass
class Metered:
    """What the meter counted of one call."""

    number: str
    refused: bool = False
    # Set before the usage is sent: whether it arrives is not the provider's concern.
    usage: tuple[int, int] | None = None


def usage_of(number: str) -> tuple[int, int]:
    """Different for each request, so that no two can be taken for each other."""
    seed = random.Random(number)
    return seed.randint(1, 5000), seed.randint(1, 900)


def cost_of(usage: tuple[int, int]) -> int:
    """In nanodollars."""
    return (usage[0] * INPUT + usage[1] * OUTPUT) * 1000


class Meter:
    """`first` refuses what is meant to fail over, `second` answers it."""

    def __init__(self, pace: float = 0.002):
        self.calls: list[Metered] = []
        self._pace = pace
        self.first = FakeUpstream(self._behave(refuses=True))
        self.second = FakeUpstream(self._behave(refuses=False))

    def __enter__(self) -> "Meter":
        return self

    def __exit__(self, *_) -> None:
        self.first.stop()
        self.second.stop()

    def document(self, **more) -> dict:
        timeouts = PATIENT | {"connect_ms": 2000}
        return {
            "routing": {"max_attempts": 2, "cooldown": {"failures": 1000}},
            "providers": [
                provider("first", self.first.port, timeouts=timeouts),
                provider("second", self.second.port, timeouts=timeouts),
                provider("drained", self.second.port, timeouts=timeouts, on_client_disconnect="drain"),
            ],
            "models": [
                {
                    "id": "metered",
                    "routes": [route("first", priority=1, pricing=PRICE), route("second", priority=2, pricing=PRICE)],
                },
                {"id": "drained", "routes": [route("drained", pricing=PRICE)]},
            ],
        } | more

    def by_number(self) -> dict[str, list[Metered]]:
        found: dict[str, list[Metered]] = defaultdict(list)
        for call in list(self.calls):
            found[call.number].append(call)
        return found

    def _behave(self, refuses: bool):
        async def behave(call: Call) -> None:
            request = json.loads(call.request.body)
            mode, number = request["messages"][0]["content"].split("|")
            metered = Metered(number)
            self.calls.append(metered)
            if refuses and mode == "fails over":
                metered.refused = True
                await answers.whole({"error": {"message": "down"}}, status=503)(call)
            else:
                await self._answer(call, mode, metered, bool(request.get("stream")))

        return behave

    async def _answer(self, call: Call, mode: str, metered: Metered, is_stream: bool) -> None:
        prompt, completion = usage_of(metered.number)
        usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
        await asyncio.sleep(self._pace)
        if not is_stream:
            metered.usage = (prompt, completion)
            await answers.whole(answers.completion(usage=usage))(call)
            return
        await call.send(answers.STREAM_HEAD)
        parts = answers.words(8)
        for part in parts[: 4 if mode == "cut" else None]:
            await call.chunk(part)
            await asyncio.sleep(self._pace)
        if mode == "cut":
            call.close()
            return
        metered.usage = (prompt, completion)
        await call.chunk(answers.event(answers.chunk(choices=[], usage=usage)))
        await call.chunk(answers.DONE)
        await call.send(answers.LAST_CHUNK)


class MeteredLoad:
    """Callers of every mode at once, until `stop()`. A gateway that is down is waited for."""

    def __init__(self, gateway: Gateway, key: Key, callers: int = 8, modes: tuple[str, ...] = MODES, model="metered"):
        self._gateway, self._key, self._modes, self._model = gateway, key, modes, model
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.statuses: dict[str, int] = {}
        self._threads = [threading.Thread(target=self._call, args=(each,), daemon=True) for each in range(callers)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "MeteredLoad":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def completed(self) -> int:
        """The requests that were answered completely with 200."""
        return sum(status == 200 for status in list(self.statuses.values()))

    def wait_for_more(self, requests: int, seconds: float = 30) -> None:
        wanted = self.completed + requests
        wait.until(lambda: self.completed >= wanted, f"{requests} more requests are answered", seconds)

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)

    def _call(self, caller: int) -> None:
        chosen, count = random.Random(caller), 0
        while not self._stopping.is_set():
            count += 1
            number, mode = f"{caller}-{count}", chosen.choice(self._modes)
            try:
                with Client(self._gateway.port, 20) as client:
                    status = ask(client, self._key, number, mode, self._model, chosen)
                with self._lock:
                    self.statuses[number] = status
            except (OSError, EOFError, AssertionError):
                self._stopping.wait(0.02)


def ask(client: Client, key: Key, number: str, mode: str, model: str = "metered", chosen=random) -> int:
    """Returns the status of a complete answer; 0 if the caller left before."""
    is_stream = mode in ("stream", "cut", "leaves stream") or (mode == "fails over" and chosen.random() < 0.5)
    body = json.dumps(
        {"model": model, "stream": is_stream, "messages": [{"role": "user", "content": f"{mode}|{number}"}]}
    ).encode()
    client.send_request("POST", chat.PATH, chat.headers(key, x_gateway_tags=f"call={number}"), body)
    if mode == "leaves whole":
        return 0
    if mode == "leaves stream":
        if client.read_head().status == 200:
            next(client.chunks())
        return 0
    return client.read_answer().status


@dataclass
class Row:
    attempt: int
    provider: str
    pricing: str
    usage_source: str | None
    end_reason: str
    cost: int
    hold: int
    tokens: tuple[int, int]


def applied(gateway: Gateway, seconds: float = 30) -> None:
    """Waits until the database has everything that the journal has."""
    wait.until(
        lambda: gateway.get("/readyz").json()["journal"]["pending_bytes"] == 0, "the journal is applied", seconds
    )


def rows(database: Database) -> dict[str, list[Row]]:
    """The ledger by the number of the request."""
    found: dict[str, list[Row]] = defaultdict(list)
    for number, *row in database.query(
        """
        SELECT t.value, l.attempt, l.provider_id, l.pricing_status, l.usage_source, l.end_reason, l.cost, l.hold,
            l.input_uncached, l.output_text
        FROM ledger l JOIN ledger_tags t ON t.request_id = l.request_id AND t.key = 'call' ORDER BY l.attempt
        """
    ):
        found[number].append(Row(*row[:7], tokens=(row[7], row[8])))
    return found


def compare(meter: Meter, ledger: dict[str, list[Row]]) -> dict[str, int]:
    """The meter and the ledger agree, or the ledger says that it does not know. Returns how many rows there are by
    their source."""
    sources: dict[str, int] = defaultdict(int)
    metered = meter.by_number()
    for number, calls in metered.items():
        found = ledger.get(number, [])
        crashed = [row for row in found if row.end_reason == "gateway_crashed"]
        # A gateway that is killed between the intent and the call has a row that the meter has not.
        assert len(found) == len(calls) or (len(found) == len(calls) + 1 and crashed), (number, calls, found)
        assert [row.attempt for row in found] == list(range(1, len(found) + 1)), (number, found)
        for call, row in zip(calls, found, strict=False):
            check(call, row)
    for number in ledger.keys() - metered.keys():
        assert all(row.end_reason in ("gateway_crashed", "client_cancelled") for row in ledger[number]), ledger[number]
    for found in ledger.values():
        for row in found:
            sources[row.usage_source or row.pricing] += 1
    return dict(sources)


def check(call: Metered, row: Row) -> None:
    if row.usage_source == "provider_final":
        assert call.usage == row.tokens and row.cost == cost_of(call.usage), (call, row)
    elif row.usage_source == "estimated":
        assert row.end_reason in ("client_cancelled", "upstream_truncated") and 0 < row.cost <= row.hold, (call, row)
    elif row.usage_source == "held_maximum":
        assert row.cost == row.hold > 0, (call, row)
        assert row.end_reason in ("gateway_crashed", "client_cancelled", "upstream_error", "timeout"), (call, row)
    else:
        assert call.refused and row.pricing == "not_billed" and row.cost == 0, (call, row)
