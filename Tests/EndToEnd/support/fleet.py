"""Several fake upstreams, each behind a provider of its name."""

from . import answers, documents
from .upstream import Behaviour, FakeUpstream


class Fleet:
    """Well-behaved at first. Each upstream serves until `close()`."""

    def __init__(self, *names: str):
        self.upstreams = {name: FakeUpstream(answers.ordinary()) for name in names}

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def __getitem__(self, name: str) -> FakeUpstream:
        return self.upstreams[name]

    def providers(self, **fields) -> list[dict]:
        """One for each upstream, with the same `fields`."""
        return [documents.provider(name, upstream.port, **fields) for name, upstream in self.upstreams.items()]

    def routes(self, **fields) -> list[dict]:
        """One for each upstream, in their order."""
        return [documents.route(name, **fields) for name in self.upstreams]

    def reset(self, **behaviours: Behaviour) -> None:
        """Deletes the received requests; upstreams that are not named behave well."""
        for name, upstream in self.upstreams.items():
            upstream.reset(behaviours.get(name, answers.ordinary()))

    def counts(self) -> dict[str, int]:
        """How many requests each has received since the last reset."""
        return {name: len(upstream.requests) for name, upstream in self.upstreams.items()}

    def close(self) -> None:
        for upstream in self.upstreams.values():
            upstream.stop()
