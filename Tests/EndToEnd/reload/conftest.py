"""The gateway that a test reloads."""

import pytest
from support.configuration import seeded_key
from support.gateway import Gateway, Key
from support.reloading import KEY


@pytest.fixture
def gateway(make_gateway, standard_document: dict) -> Gateway:
    """Serving the standard document, with a key that the file lists."""
    seeded = {"name": "listed", "value": f"literal.gwk_{KEY[0]}.{KEY[1]}"}
    return make_gateway(standard_document | {"auth": {"seed_api_keys": [seeded]}}).start()


@pytest.fixture
def key(gateway: Gateway) -> Key:
    return seeded_key(gateway, *KEY)
