"""Seeding stores no secret: references and masks only, and they work after a restart."""

import re

import pytest
from support import chat, documents
from support.configuration import edit, entry, reload
from support.databases import Database, PostgresDatabase
from support.documents import model, provider, route
from support.gateway import Gateway
from support.organisation import EVERYTHING, key_of, listed_key
from support.upstream import FakeUpstream

BY_FILE, BY_LITERAL, BY_HEADER, BY_ROUTE = (f"canary-{kind}-91c4e7" for kind in ("file", "literal", "header", "route"))


@pytest.fixture
def secretive(make_gateway, database: Database, upstream: FakeUpstream, tmp_path) -> Gateway:
    """A gateway whose providers have a secret of each form, and which has a seeded key."""
    token = tmp_path / "token"
    token.write_text(f"{BY_FILE}\n")
    bearer, both_forms = {"kind": "bearer"}, {"X-A": f"literal.{BY_ROUTE}", "X-B": BY_ROUTE}
    document = {
        "auth": {"seed_api_keys": [listed_key("everything", EVERYTHING)]},
        "providers": [
            provider("by-environment", upstream.port),
            provider("by-file", upstream.port, auth=bearer | {"token": f"file.{token}"}),
            provider("by-literal", upstream.port, auth=bearer | {"token": f"literal.{BY_LITERAL}"}),
            provider("by-header", upstream.port, auth={"kind": "none"}, default_headers={"X-Secret": BY_HEADER}),
        ],
        "models": [
            *(model(name, name) for name in ("by-environment", "by-file", "by-literal", "by-header")),
            {"id": "unused", "routes": [route("by-file", extra_headers=both_forms)]},
        ],
    }
    gateway: Gateway = make_gateway(document, database)
    gateway.secrets += [EVERYTHING[1], BY_FILE, BY_LITERAL, BY_HEADER, BY_ROUTE]
    return gateway


def everything_stored(database: Database) -> str:
    """The bytes of the file and its companions, or every row of every table."""
    if isinstance(database, PostgresDatabase):
        return repr(database.contents())
    parts = [path.read_bytes() for path in database.path.parent.glob(f"{database.path.name}*")]
    return b"".join(parts).decode("latin-1")


def secrets_sent(gateway: Gateway, upstream: FakeUpstream) -> dict[str, str]:
    """What the upstream got from each provider."""
    everything = key_of(gateway, EVERYTHING)
    sent = {}
    for name in ("by-environment", "by-file", "by-literal", "by-header"):
        count = len(upstream.requests)
        assert chat.ask(gateway, everything, chat.body(name)).status == 200, name
        request = upstream.wait_for_request(count + 1)
        sent[name] = (request.header("authorization") or request.header("x-secret") or "").removeprefix("Bearer ")
    return sent


def test_secrets_are_used_and_not_stored(secretive: Gateway, database: Database, upstream: FakeUpstream) -> None:
    wanted = {
        "by-environment": documents.TOKEN,
        "by-file": BY_FILE,
        "by-literal": BY_LITERAL,
        "by-header": BY_HEADER,
    }
    assert secrets_sent(secretive.start(), upstream) == wanted
    # The stored configuration must suffice after a restart without seeding, and after a reload.
    secretive.stop()
    assert secrets_sent(secretive.start("--seed-config", "false"), upstream) == wanted
    edit(secretive, lambda document: entry(document["models"], "by-file").update(rank=5))
    reload(secretive)
    assert secrets_sent(secretive, upstream) == wanted

    stored = everything_stored(database)
    assert f"env.{documents.TOKEN_VARIABLE}" in stored and "token" in stored
    assert re.search(r"file\.\S*/token", stored), "a reference is stored as it is written"
    for secret in secretive.secrets:
        if secret not in database.secrets:
            assert secret not in stored, f"{secret} is stored"
