"""Seedings that are refused, a start that must not seed, and what the report says."""

import pytest
from support import chat, tables
from support.configuration import edit
from support.databases import Database
from support.edits import EDITS
from support.failures import check_failure
from support.gateway import Gateway
from support.organisation import EVERYTHING, key_of, model_ids


def check_refused(gateway: Gateway, database: Database, *words: str) -> None:
    """By the command and by a start; and nothing was changed."""
    before = tables.rows(database)
    for command in (["seed-config"], ["serve"]):
        check_failure(gateway, gateway.command(*command), 3, *words)
    assert tables.rows(database) == before


def test_a_key_of_the_control_plane_is_not_taken_over(seeded: Gateway, database: Database) -> None:
    made = seeded.create_key("made by command")
    new = {"name": "mine", "value": f"literal.{made.text}"}
    edit(
        seeded,
        lambda document: document["auth"]["seed_api_keys"].append(new),
        EDITS["a team's name"].change,
        EDITS["a model added"].change,
    )
    check_refused(seeded, database, "mine", made.public_id)


def test_a_user_who_has_signed_in_keeps_the_way_to_sign_in(seeded: Gateway, database: Database) -> None:
    database.execute("UPDATE users SET status = 'active' WHERE email = 'guest@example.com'")
    edit(seeded, EDITS["how an invited user signs in"].change, EDITS["a team's name"].change)
    check_refused(seeded, database, "guest@example.com", "sign")


def test_two_users_with_one_e_mail(seeded: Gateway, database: Database) -> None:
    edit(seeded, lambda document: document["users"].append({"name": "Twin", "email": "Dev@Example.Com"}))
    check_refused(seeded, database, "gateway.yaml", "dev@example.com", "twice")


@pytest.mark.parametrize("form", ["flag", "variable"])
def test_a_start_that_must_not_seed(seeded: Gateway, database: Database, form: str) -> None:
    if form == "variable":
        seeded.environment["GATEWAY_SEED_CONFIG"] = "false"
    edit(seeded, EDITS["a model removed"].change, EDITS["a model added"].change, EDITS["a team's name"].change)
    before = tables.rows(database)
    seeded.start(*(["--seed-config", "false"] if form == "flag" else []))
    everything = key_of(seeded, EVERYTHING)
    assert set(model_ids(seeded, everything)) == {"chat", "other", "third", "default"}, "the stored models are served"
    assert chat.ask(seeded, everything, chat.body("third")).status == 200
    assert tables.rows(database) == before


def test_the_report_in_words(seeded: Gateway) -> None:
    edit(seeded, EDITS["a route's weight"].change, EDITS["a model removed"].change, EDITS["a key's value"].change)
    done = seeded.command("seed-config")
    assert done.returncode == 0, done.stderr
    for words in ("1 updated (chat)", "1 retired (third)", "1 created (everything)", "1 replaced (everything)"):
        assert words in done.stdout, done.stdout
    assert not any(secret in done.stdout for secret in [*seeded.secrets, "n" * 43])
