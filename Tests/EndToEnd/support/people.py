"""Changes users and teams as an administrator does: in the database, because this release has no commands for it."""

from .databases import Database

# Makes running gateways load the change.
ANNOUNCE = "UPDATE change_version SET version = version + 1"


def set_user(database: Database, email: str, status: str) -> None:
    """`invited`, `active` or `disabled`. Users of the file begin as `invited`."""
    _set(database, "users", "email", email, status)


def set_team(database: Database, key: str, status: str) -> None:
    """`active` or `inactive`."""
    _set(database, "teams", "key", key, status)


def _set(database: Database, table: str, column: str, name: str, status: str) -> None:
    assert database.query(f"SELECT id FROM {table} WHERE {column} = '{name}'"), f"there is no {name} in {table}"
    database.execute(f"UPDATE {table} SET status = '{status}' WHERE {column} = '{name}'", ANNOUNCE)
