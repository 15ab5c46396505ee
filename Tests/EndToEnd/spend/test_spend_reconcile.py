"""`gateway spend reconcile`: a provider's bill against the ledger of the demo."""

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from support.databases import Database
from support.failures import check_failure
from support.gateway import Gateway

SIMULATED = {
    "providers": [{"id": "sim", "type": "simulator"}],
    "models": [{"id": "simulated", "routes": [{"provider": "sim"}]}],
}
NANO = Decimal(1_000_000_000)
CLASSES = ["input_uncached", "input_cache_read", "output_text", "output_reasoning"]
COLUMNS = ["time", "model", "request_id", *CLASSES, "amount"]
PROVIDER = "google"
# Dollars per million tokens of gemini-2.5-flash, as the demo has it.
RATES = {"input_uncached": 300, "input_cache_read": 30, "output_text": 2500, "output_reasoning": 2500}


@pytest.fixture
def gateway(make_gateway, database: Database) -> Gateway:
    gateway: Gateway = make_gateway(SIMULATED, database)
    assert gateway.command("migrate").returncode == 0
    done = gateway.command("seed-local-demo", "--json")
    gateway.secrets += [key["key"].partition(".")[2] for key in json.loads(done.stdout)["keys"]]
    return gateway


def bill_of(database: Database) -> list[dict]:
    """The bill that the provider would send: one line for each of its rows that cost something."""
    rows = database.query(
        f"SELECT admitted_at, upstream_model, request_id, {', '.join(CLASSES)}, cost FROM ledger "
        f"WHERE provider_id = '{PROVIDER}' AND cost > 0 ORDER BY admitted_at"
    )
    lines = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    for line in lines:
        line["time"] = datetime.fromtimestamp(line["time"] / 1e6, UTC).isoformat().replace("+00:00", "Z")
    return lines


def by_day(lines: list[dict]) -> list[dict]:
    sums: dict[tuple, dict] = {}
    for line in lines:
        key = (line["time"][:10], line["model"])
        total = sums.setdefault(
            key, {"day": key[0], "model": key[1], "requests": 0, "amount": 0} | dict.fromkeys(CLASSES, 0)
        )
        total["requests"] += 1
        for column in [*CLASSES, "amount"]:
            total[column] += line[column]
    return list(sums.values())


def reconcile(gateway: Gateway, tmp_path: Path, lines: list[dict], *options: str) -> tuple[int, dict]:
    path = tmp_path / "bill.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(line | {"amount": f"{line['amount'] / NANO:.9f}"} for line in lines)
    done = gateway.command("spend", "reconcile", "--csv", str(path), "--provider", PROVIDER, "--json", *options)
    return done.returncode, json.loads(done.stdout)


def months(database: Database) -> tuple[str, ...]:
    """The whole time of the demo, so that what a bill lacks at its ends is seen."""
    [(first, last)] = database.query("SELECT MIN(admitted_at), MAX(admitted_at) FROM ledger")
    days = [datetime.fromtimestamp(time / 1e6, UTC).date().isoformat() for time in (first, last)]
    return ("--from", days[0], "--to", days[1])


def test_a_clean_bill_has_no_differences(gateway: Gateway, database: Database, tmp_path: Path) -> None:
    lines = bill_of(database)
    for bill in (lines, by_day(lines)):
        code, found = reconcile(gateway, tmp_path, bill, *months(database))
        assert code == 0 and found["differences"] == [] and found["difference"] == "0.00", found
        assert Decimal(found["bill"]) * NANO == sum(line["amount"] for line in lines)


def test_eight_defects_are_found_to_the_cent_and_named(gateway: Gateway, database: Database, tmp_path: Path) -> None:
    # A model with context tiers, whose price the ledger points to.
    lines = bill_of(database)
    tiered = lines[6]
    base = {"input_uncached": 1250, "input_cache_read": 125, "output_text": 10_000, "output_reasoning": 10_000}
    tiered["amount"] = sum(tiered[each] * rate for each, rate in base.items())
    tiered["model"] = "gemini-2.5-pro"
    database.execute(
        "INSERT INTO model_pricing (id, pricing_provider_id, upstream_model, rates, provenance, effective_from) "
        "VALUES ('tiered', 'google', 'gemini-2.5-pro', '{}', 'test', 0)",
        f"UPDATE ledger SET pricing_id = 'tiered', upstream_model = 'gemini-2.5-pro', cost = {tiered['amount']} "
        f"WHERE request_id = '{tiered['request_id']}' AND cost > 0",
    )
    # One that the gateway saw only the beginning of.
    cut = lines[7]
    database.execute(
        f"UPDATE ledger SET usage_source = 'estimated', end_reason = 'client_cancelled' "
        f"WHERE request_id = '{cut['request_id']}' AND cost > 0"
    )
    # The end of the last day, by the gateway's clocks, is on the next one by the provider's.
    edge = lines[-1]
    [(moved,)] = database.query(
        "SELECT MAX(admitted_at) / 86400000000 * 86400000000 + 86400000000 + 3600000000 FROM ledger"
    )
    options = months(database)
    database.execute(f"UPDATE ledger SET admitted_at = {moved} WHERE request_id = '{edge['request_id']}'")
    assert reconcile(gateway, tmp_path, lines[:-1], *options)[1]["differences"] == []

    expected: dict[str, int] = {"zone_edge": edge["amount"]}
    lost = lines[1]
    database.execute(f"DELETE FROM ledger WHERE request_id = '{lost['request_id']}'")
    expected["lost_row"] = lost["amount"]
    more = lines[2]["output_text"] * 500
    lines[2]["amount"] += more
    expected["price"] = more
    lines[3]["input_uncached"] -= 100
    lines[3]["input_cache_read"] += 100
    lines[3]["amount"] -= 100 * (300 - 30)
    expected["cache_class"] = -100 * (300 - 30)
    high = {"input_uncached": 2500, "input_cache_read": 250, "output_text": 15_000, "output_reasoning": 15_000}
    before = tiered["amount"]
    tiered["amount"] = sum(tiered[each] * rate for each, rate in high.items())
    expected["tier"] = tiered["amount"] - before
    cut["output_text"] += 33
    cut["amount"] += 33 * 2500
    expected["cancelled_stream"] = 33 * 2500
    discount = lines[8]["amount"] // 10
    lines[8]["amount"] -= discount
    expected["discount"] = -discount
    round_trip = lines[9] | {"request_id": "qPzLaMKTOsecvdIPhvqGkAQ", "amount": 4711}
    lines.append(round_trip)
    expected["outside_traffic"] = 4711

    code, found = reconcile(gateway, tmp_path, lines, *options)
    assert code == 1
    assert {kind: int(Decimal(amount) * NANO) for kind, amount in found["kinds"].items()} == expected, found
    assert len(found["differences"]) == 8
    assert int(Decimal(found["difference"]) * NANO) == sum(expected.values())


def test_a_bill_by_day_in_another_zone(gateway: Gateway, database: Database, tmp_path: Path) -> None:
    lines = bill_of(database)
    for line in lines:
        time = datetime.fromisoformat(line["time"])
        line["time"] = datetime.fromtimestamp(time.timestamp() - 8 * 3600, UTC).isoformat()
    code, found = reconcile(gateway, tmp_path, by_day(lines), "--time-zone", "America/Los_Angeles")
    if any(day["day"] > "2026-03-08" and day["day"] < "2026-11-01" for day in by_day(lines)):
        pytest.skip("summer time: the fixed eight hours are not the zone's")
    assert code == 0, found
    code, found = reconcile(gateway, tmp_path, by_day(lines))
    assert {each["kind"] for each in found["differences"]} <= {"zone_edge"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("day,amount\n", "no lines"),
        ("day,amount\n2026-04-01,much\n", "Line 2"),
        ("model,amount\nm,1\n", "column for the time"),
    ],
)
def test_a_bill_that_cannot_be_read(gateway: Gateway, tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(content)
    check_failure(gateway, gateway.command("spend", "reconcile", "--csv", str(path)), 2, words)


def test_a_file_that_is_not_there_or_not_text(gateway: Gateway, tmp_path: Path) -> None:
    check_failure(
        gateway, gateway.command("spend", "reconcile", "--csv", str(tmp_path / "none.csv")), 2, "cannot be read"
    )
    path = tmp_path / "bill.csv"
    path.write_bytes(b"\xff\xfe\x00")
    check_failure(gateway, gateway.command("spend", "reconcile", "--csv", str(path)), 2, "UTF-8")
