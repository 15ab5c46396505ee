"""`gateway seed-config` and a start write what the file lists, once; an edit changes only what was edited."""

import pytest
from support import tables
from support.configuration import edit, seed, told, write
from support.databases import Database, PostgresDatabase
from support.edits import EDITS, Edit
from support.gateway import Gateway
from support.organisation import organisation, prepare
from support.postgres import PostgresServer
from support.upstream import FakeUpstream


def test_a_second_seeding_changes_no_row(seeded: Gateway, database: Database) -> None:
    before = tables.rows(database)
    assert all(before[table] for table in tables.SEEDED if table != "passwords"), "the tables have rows to compare"
    assert told(seed(seeded)) == {}
    assert tables.rows(database) == before


def test_a_start_seeds_what_the_command_seeds(seeded: Gateway, database: Database) -> None:
    before = tables.rows(database)
    seeded.start()
    seeded.stop()
    assert tables.rows(database) == before


def check_edit(gateway: Gateway, wanted: Edit) -> None:
    before = tables.rows(gateway.database)
    edit(gateway, wanted.change)
    report = seed(gateway)
    after = tables.rows(gateway.database)
    assert tables.changes(before, after) == wanted.rows
    assert told(report) == wanted.told and report["changed"] == bool(wanted.actions)

    audited = tables.history(before, after)
    assert sorted(row["action"] for row in audited) == wanted.actions
    assert {(row["actor_kind"], row["actor_name"]) for row in audited} <= {("file", "gateway.yaml")}
    assert (tables.version(after) > tables.version(before)) == bool(wanted.actions)
    moved = tables.version(after, "routing_version") > tables.version(before, "routing_version")
    assert moved == wanted.concerns_routing

    seed(gateway)
    assert tables.rows(gateway.database) == after, "a second seeding of the edited file changes nothing"


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_changes_what_was_edited(seeded_file: Gateway, name: str) -> None:
    check_edit(seeded_file, EDITS[name])


def test_each_edit_and_back_over_postgresql(make_gateway, upstream: FakeUpstream, postgres: PostgresServer) -> None:
    """One after the other, because a separate database for each would take long."""
    database = PostgresDatabase(postgres.empty_database(), postgres)
    gateway = prepare(make_gateway(organisation(upstream.port), database))
    original = gateway.config_path.read_text()
    for name, wanted in EDITS.items():
        print(name)
        check_edit(gateway, wanted)
        write(gateway, original)
        seed(gateway)


def test_several_edits_at_once(seeded: Gateway, database: Database) -> None:
    names = ["a route's weight", "a model removed", "a team's name", "a budget's amount", "a key's value"]
    before = tables.rows(database)
    edit(seeded, *(EDITS[name].change for name in names))
    seed(seeded)
    wanted = {row: change for name in names for row, change in EDITS[name].rows.items()}
    assert tables.changes(before, tables.rows(database)) == wanted
