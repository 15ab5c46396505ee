"""What the file owns and what it does not: audit, retirement, and rows that others changed."""

from support import chat, tables
from support.configuration import edit, entry, read, reload, remove, seed, told
from support.databases import Database
from support.edits import EDITS
from support.gateway import Gateway
from support.organisation import EVERYTHING, key_of, model_ids


def test_the_audit_trail_begins_with_the_file(seeded: Gateway, database: Database) -> None:
    audited = tables.rows(database)["audit_log"]
    assert {(row["actor_kind"], row["actor_name"]) for row in audited} == {("file", "gateway.yaml")}
    listed = read(seeded)
    things = sum(len(listed[section]) for section in ("providers", "models", "teams", "users"))
    keys, budgets = len(listed["auth"]["seed_api_keys"]), 2
    assert len(audited) == things + keys + budgets, "a row for each thing"


def test_a_retired_model_is_invisible_and_comes_back(seeded: Gateway, database: Database) -> None:
    gateway = seeded.start()
    everything = key_of(gateway, EVERYTHING)
    assert model_ids(gateway, everything).count("third") == 1
    third = entry(read(gateway)["models"], "third")

    edit(gateway, lambda document: remove(document["models"], "third"))
    reload(gateway)
    assert "third" not in model_ids(gateway, everything)
    answer = chat.ask(gateway, everything, chat.body("third"))
    chat.check_error(answer, 404, "model_not_found")
    retired = tables.rows(database)
    assert entry(retired["models"], "third")["retired_at"] is not None
    assert entry(retired["routes"], "third/1"), "its routes are kept"

    edit(gateway, lambda document: document["models"].append(third))
    assert told(reload(gateway)["seeded"]) == {"models": {"updated": ["third"]}}
    assert tables.changes(retired, tables.rows(database)) == {"models third": {"retired_at"}}
    assert "third" in model_ids(gateway, everything)
    assert chat.ask(gateway, everything, chat.body("third")).status == 200


def test_what_the_file_does_not_give_is_left_alone(seeded: Gateway, database: Database) -> None:
    """Settings of an administrator stay; settings of the file are restored."""
    [(user, budget, team)] = database.query(
        "SELECT u.id, b.id, t.id FROM users u, budgets b, teams t WHERE u.email = 'guest@example.com'"
        " AND b.team_id = (SELECT id FROM teams WHERE key = 'platform') AND t.key = 'research'"
    )
    database.execute(
        "INSERT INTO memberships (user_id, team_id, role, managed_by, version, created_at, updated_at)"
        f" VALUES ('{user}', '{team}', 'member', 'control_plane', 1, 1, 1)",
        "INSERT INTO budgets (id, user_id, cadence, amount, hard_limit, timezone, managed_by, version, created_at,"
        f" updated_at) VALUES ('0', '{user}', 'daily', 1, 1, 'UTC', 'control_plane', 1, 1, 1)",
        f"UPDATE budgets SET amount = 1 WHERE id = '{budget}'",
    )
    before = tables.rows(database)
    assert told(seed(seeded)) == {"budgets": {"updated": ["team:platform"]}}
    assert tables.changes(before, tables.rows(database)) == {"budgets platform": {"amount"}}


def test_what_the_file_lists_again_is_the_files_again(seeded: Gateway, database: Database) -> None:
    listed = read(seeded)
    edit(seeded, EDITS["a user removed"].change, EDITS["a budget removed"].change)
    seed(seeded)
    before = tables.rows(database)
    edit(seeded, lambda document: document.update(users=listed["users"]))
    seed(seeded)
    assert tables.changes(before, tables.rows(database)) == {
        "users guest@example.com": {"managed_by"},
        "budgets ops@example.com": {"managed_by"},
    }
