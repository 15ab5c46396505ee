"""Gateways over one PostgreSQL."""

import pytest
from support.databases import PostgresDatabase
from support.gateway import Gateway
from support.postgres import PostgresServer
from support.replication import KEY, Make


@pytest.fixture
def shared(postgres: PostgresServer) -> PostgresDatabase:
    return PostgresDatabase(postgres.empty_database(), postgres)


@pytest.fixture
def make_replica(make_gateway: Make) -> Make:
    """Makes a gateway with the same file as all others; settings that must differ are in its environment."""

    def make(document: dict, database: PostgresDatabase, **environment: str) -> Gateway:
        seeded = {"name": "listed", "value": f"literal.gwk_{KEY[0]}.{KEY[1]}"}
        auth = {"seed_api_keys": [seeded]} | document.get("auth", {})
        server = {"bind": "env.REPLICA_BIND", "control_socket": "./gateway.sock"}
        gateway = make_gateway(document | {"auth": auth, "server": server}, database, **environment)
        gateway.environment["REPLICA_BIND"] = f"127.0.0.1:{gateway.port}"
        return gateway

    return make


@pytest.fixture
def three(make_replica: Make, shared: PostgresDatabase, standard_document: dict) -> list[Gateway]:
    """Three gateways with the same file over one database, serving."""
    return [make_replica(standard_document, shared).start() for _ in range(3)]
