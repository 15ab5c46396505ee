"""A gateway with a model for each change."""

from collections.abc import Iterator

import pytest
from support.adjustments import CHANGES, DEFAULT_HEADERS, EXTRA_HEADERS, NAMED, model_of
from support.documents import provider, route
from support.gateway import Gateway, Key
from support.launch import launch
from support.upstream import FakeUpstream


@pytest.fixture(scope="module")
def gateway(shared_upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    port = shared_upstream.port
    document = {
        "routing": {"max_attempts": 1},
        "providers": [
            provider("fake", port),
            provider("default", port, default_headers=DEFAULT_HEADERS),
            provider("named", port, auth=NAMED, default_headers={"x-team": "provider"}),
            provider("shadowed", port, auth=NAMED, default_headers={"x-credential": "not-this"}),
            provider("open", port, auth={"kind": "none"}),
        ],
        "models": [
            *({"id": model_of(name), "routes": [route("fake", **change.options)]} for name, change in CHANGES.items()),
            {"id": "default", "routes": [route("default")]},
            {"id": "extra", "routes": [route("default", extra_headers=EXTRA_HEADERS)]},
            {"id": "fake-extra", "routes": [route("fake", extra_headers=EXTRA_HEADERS)]},
            {"id": "named", "routes": [route("named")]},
            {"id": "shadowed", "routes": [route("shadowed", extra_headers={"X-CREDENTIAL": "nor-this"})]},
            {"id": "open", "routes": [route("open")]},
            {"id": "missing", "routes": [route("fake", extra_headers={"x-a": "env.THIS_VARIABLE_IS_NOT_SET"})]},
        ],
    }
    gateway = launch(tmp_path_factory.mktemp("adjustments"), document)
    # Values of headers are secrets too.
    gateway.secrets += ["sluice-test/1", "not-this", "nor-this"]
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return gateway.create_key("caller")
