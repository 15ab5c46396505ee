"""`gateway spend report` over the spend of the demo."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from support.databases import Database
from support.failures import check_failure
from support.gateway import Gateway

SIMULATED = {
    "providers": [{"id": "sim", "type": "simulator"}],
    "models": [{"id": "simulated", "routes": [{"provider": "sim"}]}],
}
NANO = Decimal(1_000_000_000)


@pytest.fixture
def gateway(make_gateway, database: Database) -> Gateway:
    """Not started, with the demo in its database."""
    gateway: Gateway = make_gateway(SIMULATED, database)
    assert gateway.command("migrate").returncode == 0
    done = gateway.command("seed-local-demo", "--json")
    assert done.returncode == 0, done
    seeded = json.loads(done.stdout)
    gateway.secrets += [key["key"].partition(".")[2] for key in seeded["keys"]]
    assert len(seeded["spend"]) == 30
    return gateway


def first_day(database: Database) -> str:
    [(time,)] = database.query("SELECT MIN(admitted_at) FROM ledger")
    return datetime.fromtimestamp(time / 1e6, UTC).date().isoformat()


def report(gateway: Gateway, *arguments: str) -> dict:
    done = gateway.command("spend", "report", "--json", *arguments)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "by",
    ["owner", "user", "team", "key", "model", "provider", "session", "day", "tag:service", "tag:env", "tag:absent"],
)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_every_grouping_adds_up_to_the_ledger(gateway: Gateway, database: Database, by: str, zone: str) -> None:
    [(attempts, cost, tokens)] = database.query(
        "SELECT COUNT(*), SUM(cost), SUM(input_uncached + input_cache_read + output_text + output_reasoning) "
        "FROM ledger"
    )
    # A day earlier, as the zone's first day may begin after the ledger's first row.
    shown = report(gateway, "--by", by, "--time-zone", zone, "--from", "2020-01-01", "--limit", "3")
    for figures in ([shown["total"]], [row["figures"] for row in shown["rows"]]):
        assert sum(each["attempts"] for each in figures) == attempts
        assert sum(Decimal(each["cost"]) for each in figures) * NANO == cost
        assert sum(sum(each["tokens"].values()) for each in figures) == tokens


def test_the_forms_of_output_say_the_same(gateway: Gateway, database: Database) -> None:
    options = ("--by", "model", "--from", first_day(database))
    shown = report(gateway, *options)
    rows = list(csv.DictReader(io.StringIO(gateway.command("spend", "report", "--csv", *options).stdout)))
    assert [row["model"] for row in rows] == [row["value"] for row in shown["rows"]]
    assert [row["cost"] for row in rows] == [row["figures"]["cost"] for row in shown["rows"]]
    table = gateway.command("spend", "report", *options).stdout
    assert "TOTAL" in table and "unpriced:" in table and "no_price" in table
    assert [line.split()[0] for line in table.splitlines()[2:7]] == [row["model"] for row in rows]


def test_a_filter_keeps_what_it_names(gateway: Gateway, database: Database) -> None:
    [(cost,)] = database.query(
        "SELECT SUM(cost) FROM ledger WHERE user_id = (SELECT id FROM users WHERE email = 'ada.osei@demo.example')"
    )
    since = ("--from", first_day(database))
    shown = report(gateway, *since, "--user", "ada.osei@demo.example", "--by", "model")
    assert Decimal(shown["total"]["cost"]) * NANO == cost
    assert [row["value"] for row in shown["rows"]] == ["claude-sonnet-4-5"]
    tagged = report(gateway, *since, "--tag", "service=website", "--by", "key")
    assert [row["name"].split()[0] for row in tagged["rows"]] == ["demo-website"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--time-zone", "CET"], "CET"),
        (["--from", "2026-02-30"], "2026-02-30"),
        (["--from", "2026-03-02", "--to", "2026-03-01"], "before it begins"),
        (["--month", "2026-3"], "2026-03"),
        (["--month", "2026-03", "--to", "2026-03-01"], "--month"),
        (["--by", "colour"], "colour"),
        (["--tag", "service"], "key=value"),
        (["--tag", "a=b", "--session", "c"], "--session"),
        (["--limit", "0"], "--limit"),
        (["--json", "--csv"], "one form"),
    ],
)
def test_bad_input_is_refused_before_anything_is_read(gateway: Gateway, arguments: list[str], words: str) -> None:
    done = gateway.command("spend", "report", *arguments)
    assert done.returncode == 2 and words in done.stderr and not done.stdout, done


def test_what_is_unknown_is_an_error(gateway: Gateway) -> None:
    for option in ("--user", "--team", "--key"):
        check_failure(gateway, gateway.command("spend", "report", option, "absent"), 2, "absent")
    check_failure(gateway, gateway.command("spend", "report", "--by", "session", "--tag", "a=b"), 2, "one tag")


def test_an_empty_ledger(make_gateway, database: Database) -> None:
    gateway: Gateway = make_gateway(SIMULATED, database)
    assert gateway.command("migrate").returncode == 0
    done = gateway.command("spend", "report")
    assert done.returncode == 0 and "Nothing" in done.stdout, done
    assert report(gateway)["total"]["cost"] == "0.00"
