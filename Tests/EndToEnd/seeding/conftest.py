"""Gateways whose file has been seeded."""

import pytest
from support.databases import Database
from support.gateway import Gateway
from support.organisation import organisation, prepare
from support.upstream import FakeUpstream


@pytest.fixture
def seeded(make_gateway, database: Database, upstream: FakeUpstream) -> Gateway:
    """A gateway that is not started, and whose file has been seeded."""
    return prepare(make_gateway(organisation(upstream.port), database))


@pytest.fixture
def seeded_file(make_gateway, upstream: FakeUpstream) -> Gateway:
    """The same, over SQLite only."""
    return prepare(make_gateway(organisation(upstream.port)))
