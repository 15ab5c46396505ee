"""Requests without a valid key take nothing from those with one: `script/proof flood`."""

import time
from collections import Counter
from urllib.parse import urlsplit, urlunsplit

import pytest
from support import chat
from support.databases import PostgresDatabase
from support.flood import Flood
from support.gateway import Gateway
from support.postgres import PostgresServer
from support.proxy import Proxy
from support.upstream import FakeUpstream


def through(proxy: Proxy, url: str) -> str:
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[0] + f"@127.0.0.1:{proxy.port}"
    return urlunsplit(parts._replace(netloc=address))


@pytest.mark.parametrize("state", ["healthy", "changing", "silent"])
def test_a_flood_of_invented_keys(
    make_gateway, standard_document, upstream: FakeUpstream, postgres: PostgresServer, full: bool, state: str
) -> None:
    """The database answers; answers while keys change all the time; does not answer."""
    connections, rate, wanted = (1000, 205.0, 1000) if full else (300, 205.0, 100)
    # The small form has fewer places to take, in the same proportion.
    document = standard_document | ({} if full else {"server": {"max_concurrent_requests": 200}})
    with Proxy(urlsplit(postgres.url).port) as proxy:
        url = postgres.empty_database()
        gateway: Gateway = make_gateway(document, PostgresDatabase(through(proxy, url), postgres))
        gateway.start()
        key, other = gateway.create_key("caller"), gateway.create_key("changing")
        # Each event loop has a cache of its own, and each connection goes to the next loop.
        for _ in range(64):
            assert chat.ask(gateway, key).status == 200
        if state == "silent":
            proxy.hold()
        outcomes: Counter[str] = Counter()
        slowest = 0.0
        with Flood(gateway, connections, rate) as flood:
            began = time.monotonic()
            # In the end the flood has waited for longer than any look-up may.
            while outcomes.total() < wanted or time.monotonic() - began < 8:
                if state == "changing" and outcomes.total() % 10 == 0:
                    gateway.command("keys", "create", "--name", f"{other.public_id}-{outcomes.total()}")
                asked = time.monotonic()
                answer = chat.ask(gateway, key)
                slowest = max(slowest, time.monotonic() - asked)
                outcomes[f"{answer.status} {'' if answer.status == 200 else answer.body.decode()}"] += 1
                time.sleep(0.005)  # Callers do not come as fast as they can.
            sent = flood.sent
        print(f"{state}: {outcomes.total()} requests with a valid key, {dict(outcomes)}, slowest {slowest:.2f} s;")
        print(f"{sent} with an invented key over {connections} connections")
        proxy.release()
        assert set(outcomes) == {"200 "}, outcomes
        assert sent > rate * 5
