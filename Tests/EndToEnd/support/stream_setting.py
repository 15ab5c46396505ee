"""A gateway with a model of its own for every way in which a stream can fail."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openai

from . import chat
from .client import Answer, Client
from .fleet import Fleet
from .gateway import Gateway, Key
from .launch import launch
from .stream_families import FAMILIES, is_complete
from .stream_shapes import CASES, END_REASON, LIMITS, SHAPES


@dataclass
class Setting:
    """A gateway with a separate model for every case, so that cases do not share the health of routes."""

    fleet: Fleet
    gateway: Gateway
    key: Key
    sdk: openai.OpenAI

    def begin(self, name: str, family: str) -> None:
        """Makes the first route fail this way."""
        self.fleet.reset(flaky=SHAPES[name].behaviour(FAMILIES[family]), good=FAMILIES[family].ordinary)

    def ask(self, name: str, family: str) -> tuple[Answer, bool]:
        """The answer, and for an incomplete stream whether the gateway closed the connection after it."""
        self.begin(name, family)
        body = json.dumps({"model": model(name, family), "stream": True} | FAMILIES[family].prompt).encode()
        with Client(self.gateway.port, timeout=10) as client:
            client.send_request("POST", FAMILIES[family].path, chat.headers(self.key), body)
            answer = client.read_answer()
            client.socket.settimeout(2)
            return answer, answer.status == 200 and not is_complete(answer, family) and client.is_closed_by_peer()

    def counts(self) -> tuple[int, int]:
        counts = self.fleet.counts()
        return counts["flaky"], counts["good"]

    def check_log(self, answer: Answer, **fields) -> None:
        line = json.loads(self.gateway.log_line(answer.header("x-gateway-request-id")))
        expected = {"stream": True, "status": answer.status, "end_reason": END_REASON[fields["error"]]} | fields
        assert {name: line.get(name) for name in expected} == expected
        assert bool(line.get("cause")) == (fields["error"] is not None), line


def model(name: str, family: str) -> str:
    return f"{family}-{list(SHAPES).index(name)}"


def settings(folder: Path, routes: list[dict], most: int) -> Iterator[Setting]:
    with Fleet("flaky", "good") as fleet:
        document = {
            "routing": {"max_attempts": most},
            "providers": fleet.providers(timeouts=LIMITS),
            "models": [{"id": model(*case), "routes": routes} for case in CASES],
        }
        gateway = launch(folder, document).start()
        try:
            key = gateway.create_key()
            with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key.text, max_retries=0, timeout=10) as sdk:
                yield Setting(fleet, gateway, key, sdk)
        finally:
            gateway.stop()
