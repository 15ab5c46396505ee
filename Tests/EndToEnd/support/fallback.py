"""The gateway of the fallback tests: a model of its own for each trial."""

import json
from dataclasses import dataclass
from pathlib import Path

from . import chat, documents
from .client import Answer, events
from .documents import provider, route
from .failure_shapes import LIMITS, PLAIN, SECRET_WORDS, SHAPES
from .fleet import Fleet
from .gateway import free_port
from .launch import launch
from .upstream import Behaviour, Call, FakeUpstream, Received


class Setting:
    """One gateway with a separate model for each trial, so that trials do not share the health of routes."""

    def __init__(self, folder: Path, untrusted: FakeUpstream):
        self.fleet = Fleet("flaky", "good", "breaking")
        flaky = self.fleet["flaky"].port
        providers = [
            *self.fleet.providers(),
            provider("hasty", flaky, timeouts=LIMITS),
            provider("refused", free_port()),
            provider("nameless", 0, base_url="http://upstream.invalid/v1"),
            provider("untrusted", 0, base_url=f"https://localhost:{untrusted.port}/v1"),
        ]
        models = []
        for trial in TRIALS:
            first = route(SHAPES[trial.name].provider, priority=1)
            others = [route("good", priority=2)] if trial.kind == "pair" else []
            models.append({"id": trial.model, "routes": [first, *others]})
        pair = [route("flaky", priority=1), route("good", priority=2)]
        models += [{"id": f"chat-{number}", "routes": pair} for number in range(40)]
        models += [documents.model(f"alone-{number}", "flaky") for number in range(5)]
        # Models with two routes and with one route, without recorded failures.
        self.fresh = (f"chat-{number}" for number in range(40))
        self.alone = (f"alone-{number}" for number in range(5))
        self.untrusted = untrusted
        self.gateway = launch(folder, {"providers": providers, "models": models}).start()
        self.key = self.gateway.create_key()

    def close(self) -> None:
        self.gateway.stop()
        self.fleet.close()


@dataclass(frozen=True)
class Trial:
    """A request for a shape of failure, on a route that has another one behind it (`pair`) or none (`lone`)."""

    kind: str
    name: str
    family: str

    @property
    def model(self) -> str:
        return f"{self.kind}-{list(SHAPES).index(self.name)}-{self.family}"

    @property
    def body(self) -> bytes:
        return chat.body(self.model, stream=self.family == "stream", user=self.model)

    def reached(self, upstream: FakeUpstream) -> int:
        """How often its request reached the upstream."""
        return sum(self.model == user_of(request) for request in upstream.requests)


TRIALS = [
    Trial(kind, name, family)
    for kind in ("pair", "lone")
    for name, shape in SHAPES.items()
    for family in shape.families
]


def user_of(request: Received) -> str | None:
    return json.loads(request.body)["user"] if request.body else None


def check_good(answer: Answer, family: str) -> None:
    """It is the second route's answer, with nothing of the first."""
    assert answer.status == 200, answer
    assert answer.header("x-gateway-provider") == "good"
    assert answer.header("x-gateway-route").endswith("/2") and answer.header("x-gateway-attempts") == "2"
    assert SECRET_WORDS.encode() not in answer.body
    if family == "stream":
        assert chat.content(answer) == " word0 word1 word2" and events(answer.body)[-1] == "[DONE]"
    else:
        assert answer.json()["choices"] == PLAIN["choices"]


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One for each request."""
    turns = iter(behaviours)

    async def behave(call: Call) -> None:
        await next(turns)(call)

    return behave
