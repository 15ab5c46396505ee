"""Gateways whose providers have canaries."""

from collections.abc import Iterator

import pytest
from support.canaries import PROVIDERS, running
from support.fleet import Fleet
from support.gateway import Gateway, Key


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with Fleet(*PROVIDERS) as fleet:
        yield fleet


@pytest.fixture(scope="module")
def gateway(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(fleet, tmp_path_factory.mktemp("credentials")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return gateway.create_key("caller")


@pytest.fixture(scope="module")
def once(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Key]]:
    """A gateway that makes one attempt, because a second one would wait; and a key."""
    with running(fleet, tmp_path_factory.mktemp("once"), max_attempts=1) as gateway:
        yield gateway, gateway.create_key("caller")


@pytest.fixture(autouse=True)
def fresh(fleet: Fleet) -> None:
    fleet.reset()
