"""`kill -9` at random moments under mixed load: every attempt that the provider counted has one row, with its own
figure or one that says so. Small form: 4 kills; full: 100, on each engine."""

import random
import time

from support.databases import Database
from support.gateway import Gateway
from support.metering import Meter, MeteredLoad, applied, compare, cost_of, rows


def test_kill_at_random_moments(make_gateway, database: Database, full: bool) -> None:
    kills = 100 if full else 4
    moments = random.Random(20261130)
    with Meter() as meter:
        gateway: Gateway = make_gateway(meter.document(), database).start()
        key = gateway.create_key()
        with MeteredLoad(gateway, key) as load:
            for _ in range(kills):
                load.wait_for_more(5)
                time.sleep(moments.uniform(0, 0.2))
                gateway.kill()
                gateway.start()
            load.wait_for_more(20)
        # A stop brings everything into the database, unless so much is left that the next start goes on with it.
        gateway.stop()
        gateway.start()
        applied(gateway)
        ledger = rows(database)
        sources = compare(meter, ledger)
        final = sum(row.cost for found in ledger.values() for row in found if row.usage_source == "provider_final")
        told = sum(cost_of(call.usage) for call in meter.calls if call.usage)
        print(
            f"{database.backend}: {kills} kills, {len(meter.calls)} calls counted by the provider, "
            f"{sum(map(len, ledger.values()))} rows: {sources}; ${final / 1e9:.6f} of ${told / 1e9:.6f} known exactly"
        )
        assert sources["provider_final"] > 0 and sources["not_billed"] > 0
        assert sources.get("held_maximum", 0) > 0, "no kill came within a request: the test is too gentle"
