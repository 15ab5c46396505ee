"""A gateway with providers that cancel and providers that drain."""

from collections.abc import Iterator

import pytest
from support.documents import PATIENT, provider, route
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.launch import launch
from support.leaving import WAYS


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with Fleet(*WAYS, "other") as fleet:
        yield fleet


@pytest.fixture(scope="module")
def gateway(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A provider that cancels, which is the default, one that drains, and one that drains with a short time limit."""
    ports = {name: upstream.port for name, upstream in fleet.upstreams.items()}
    document = {
        "providers": [
            provider("cancelled", ports["cancelled"]),
            provider("drained", ports["drained"], on_client_disconnect="drain"),
            provider("hasty", ports["hasty"], on_client_disconnect="drain", timeouts=PATIENT | {"idle_ms": 400}),
            provider("other", ports["other"]),
        ],
        "models": [
            *({"id": way, "routes": [route(way, priority=1), route("other", priority=2)]} for way in WAYS),
            # Its routes are left cooling down.
            {"id": "limited", "routes": [route("drained", priority=1), route("other", priority=2)]},
        ],
    }
    gateway = launch(tmp_path_factory.mktemp("drain"), document)
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return gateway.create_key()


@pytest.fixture(autouse=True)
def fresh(fleet: Fleet) -> None:
    fleet.reset()
