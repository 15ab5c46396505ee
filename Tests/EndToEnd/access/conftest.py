"""The gateway of these callers."""

from collections.abc import Iterator

import pytest
from support import people
from support.access import USERS, document, key_of
from support.configuration import seed
from support.gateway import Gateway, Key
from support.launch import launch
from support.upstream import FakeUpstream


@pytest.fixture(scope="module")
def gateway(shared_upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """All users are active except `invited`."""
    gateway = launch(tmp_path_factory.mktemp("access"), document(shared_upstream.port))
    assert gateway.command("migrate").returncode == 0
    seed(gateway)
    for email in USERS:
        if not email.startswith("invited"):
            people.set_user(gateway.database, email, "active")
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return key_of(gateway, "everything")
