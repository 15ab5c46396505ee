"""The rows of a database before and after a change, and the differences."""

import json

from .databases import Database, SQLiteFile

# The tables that seeding writes, with the identifying column; further tables are in HISTORY.
SEEDED = {
    "teams": "key",
    "team_models": "team_id",
    "users": "email",
    "user_models": "user_id",
    "memberships": "user_id",
    "budgets": "scope",
    "providers": "id",
    "models": "id",
    "model_tags": "model_id",
    "routes": "id",
    "api_keys": "public_id",
    "api_key_secrets": "key_id",
    "api_key_grants": "key_id",
    "passwords": "user_id",
}
HISTORY = ("audit_log", "change_version")
# Rows of these tables consist of their key, of two columns.
PAIRS = {"model_tags": "tag", "team_models": "model_id", "user_models": "model_id", "api_key_grants": "model_id"}
# The columns that every change of a row changes.
BOOKKEEPING = {"version", "updated_at"}

Row = dict[str, object]
Tables = dict[str, list[Row]]


def rows(database: Database) -> Tables:
    """Every row of the tables that seeding writes, in a fixed order."""
    tables = [*SEEDED, *HISTORY]
    found: Tables = {table: [] for table in tables}
    if isinstance(database, SQLiteFile):
        for table in tables:
            columns = [name for (name,) in database.query(f"SELECT name FROM pragma_table_info('{table}')")]
            found[table] = [dict(zip(columns, row, strict=True)) for row in database.query(f"SELECT * FROM {table}")]
    else:
        selects = (f"SELECT '{table}', to_jsonb(t)::text FROM {table} t" for table in tables)
        for table, text in database.query(" UNION ALL ".join(selects)):
            found[table].append(json.loads(text))
    return {table: sorted(each, key=repr) for table, each in found.items()}


def changes(before: Tables, after: Tables) -> dict[str, str | set[str]]:
    """The changed rows: `added`, `removed`, or the columns that changed; by table and name.

    Each changed row must be exactly one version on."""
    found: dict[str, str | set[str]] = {}
    for table in SEEDED:
        old, new = _named(before, table), _named(after, table)
        for name in old.keys() | new.keys():
            if name not in new:
                found[f"{table} {name}"] = "removed"
            elif name not in old:
                found[f"{table} {name}"] = "added"
            elif old[name] != new[name]:
                found[f"{table} {name}"] = _columns(table, name, old[name], new[name])
    return found


def _columns(table: str, name: str, old: Row, new: Row) -> set[str]:
    if "version" in old:
        assert new["version"] == old["version"] + 1, f"{table} {name}: {old} became {new}"
    if "updated_at" in old:
        assert new["updated_at"] > old["updated_at"], f"{table} {name}: {old} became {new}"
    return {column for column in old if old[column] != new[column]} - BOOKKEEPING


def _named(tables: Tables, table: str) -> dict[str, Row]:
    """The rows by a readable name, in which names replace ids."""
    names = {row["id"]: str(row[SEEDED[owner]]) for owner in ("teams", "users", "api_keys") for row in tables[owner]}
    found: dict[str, Row] = {}
    for row in tables[table]:
        if table == "budgets":
            name = names[row["user_id"] or row["team_id"]]
        else:
            name = names.get(row[SEEDED[table]], row[SEEDED[table]])
        if table == "api_key_secrets" and row["expires_at"] is not None:
            name = f"{name} former"
        if table in PAIRS:
            name = f"{name} {row[PAIRS[table]]}"
        assert name not in found, f"{table} has two rows called {name}"
        found[name] = row
    return found


def history(before: Tables, after: Tables) -> list[Row]:
    """The new audit rows; the old ones must not change."""
    old, new = before["audit_log"], after["audit_log"]
    assert [row for row in old if row not in new] == []
    return sorted((row for row in new if row not in old), key=lambda row: row["id"])


def version(tables: Tables, kind: str = "version") -> int:
    [row] = tables["change_version"]
    return row[kind]
