"""The first administrator: created while no other can sign in, by the command and by a start, and never changed."""

import base64
import hashlib
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import tables
from support.configuration import edit
from support.databases import Database
from support.failures import check_failure
from support.gateway import Gateway

VARIABLE = "TEST_BOOTSTRAP_PASSWORD"
PASSWORD = "canary-bootstrap-password-6e02"
EMAIL = "first@example.com"
OPS = {"name": "Ops", "email": "ops@example.com", "global_role": "platform_admin"}
BOOTSTRAP = {"enabled": True, "email": EMAIL, "password": f"env.{VARIABLE}"}
FORM = re.compile(r"\$scrypt\$ln=17,r=8,p=1\$([A-Za-z0-9+/]+=*)\$([A-Za-z0-9+/]+=*)")


@pytest.fixture
def gateway(make_gateway, database: Database) -> Gateway:
    """Not started; its database has the schema and a user who may become an administrator."""
    gateway: Gateway = make_gateway({"auth": {"bootstrap_admin": BOOTSTRAP}, "users": [OPS]}, database)
    gateway.environment[VARIABLE] = PASSWORD
    gateway.secrets.append(PASSWORD)
    assert gateway.command("migrate").returncode == 0
    assert gateway.command("seed-config").returncode == 0
    return gateway


def configure(gateway: Gateway, **values) -> None:
    edit(gateway, lambda document: document["auth"]["bootstrap_admin"].update(values))


def bootstrap(gateway: Gateway, code: int = 0) -> dict:
    """The report of the command; its two forms agree, and neither shows the password."""
    done = gateway.command("bootstrap-admin", "--json")
    assert done.returncode == code, done
    report = json.loads(done.stdout)
    assert set(report) <= {"state", "email", "must_change_password", "message"}
    assert ("must_change_password" in report) == (report["state"] in ("created", "exists")), report
    assert report["message"].endswith(".") and "\n" not in report["message"]
    for secret in gateway.secrets:
        assert secret not in done.stdout + done.stderr
    return report


def administrators(database: Database) -> list[tuple]:
    return database.query(
        "SELECT u.email, u.is_bootstrap, u.status, u.global_role, p.must_change FROM users u"
        " LEFT JOIN passwords p ON p.user_id = u.id WHERE u.global_role = 'platform_admin' AND u.status = 'active'"
    )


def activate(database: Database, email: str, status: str = "active") -> None:
    database.execute(f"UPDATE users SET status = '{status}' WHERE email = '{email}'")


@pytest.mark.parametrize("must_change", [True, False])
def test_it_is_created_once(gateway: Gateway, database: Database, must_change: bool) -> None:
    configure(gateway, require_password_change=must_change)
    report = bootstrap(gateway)
    assert (report["state"], report["email"], report["must_change_password"]) == ("created", EMAIL, must_change)
    assert EMAIL in report["message"]
    assert administrators(database) == [(EMAIL, 1, "active", "platform_admin", int(must_change))]

    before = tables.rows(database)
    again = bootstrap(gateway)
    assert (again["state"], again["email"], again["must_change_password"]) == ("exists", EMAIL, must_change)
    # A later password in the file has no effect, like all its other settings.
    gateway.environment[VARIABLE] = "another-canary-password"
    configure(gateway, require_password_change=not must_change, email="second@example.com")
    changed = bootstrap(gateway)
    assert (changed["state"], changed["email"], changed["must_change_password"]) == ("exists", EMAIL, must_change)
    assert tables.rows(database) == before


def test_the_password_is_stored_as_its_hash_alone(gateway: Gateway, database: Database) -> None:
    bootstrap(gateway)
    [(stored,)] = database.query("SELECT hash FROM passwords")
    found = FORM.fullmatch(stored)
    assert found, stored
    salt, hashed = (base64.b64decode(part, validate=True) for part in found.groups())
    wanted = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=1 << 17, r=8, p=1, maxmem=256 << 20, dklen=len(hashed))
    assert (len(salt) >= 16, hashed) == (True, wanted), "it is the hash of the password, at the full cost"
    everything = repr(database.contents())
    assert PASSWORD not in everything
    assert everything.count(found[2]) == 1, "the hash is in one place, not in the audit trail"


def test_it_is_audited_as_the_files_doing(gateway: Gateway, database: Database) -> None:
    before = tables.rows(database)
    bootstrap(gateway)
    after = tables.rows(database)
    audited = tables.history(before, after)
    assert audited and {(row["actor_kind"], row["actor_name"]) for row in audited} == {("file", "gateway.yaml")}
    assert tables.changes(before, after) == {f"users {EMAIL}": "added", f"passwords {EMAIL}": "added"}


def test_an_active_administrator_makes_it_needless(gateway: Gateway, database: Database) -> None:
    activate(database, "ops@example.com")
    before = tables.rows(database)
    report = bootstrap(gateway)
    assert report["state"] == "not_needed"
    assert "ops@example.com" in report["message"]
    assert tables.rows(database) == before


@pytest.mark.parametrize("status", ["invited", "disabled"])
def test_an_administrator_who_cannot_sign_in_does_not(gateway: Gateway, database: Database, status: str) -> None:
    activate(database, "ops@example.com", status)
    assert bootstrap(gateway)["state"] == "created"
    assert [email for email, *_ in administrators(database)] == [EMAIL]


def test_one_that_is_disabled(gateway: Gateway, database: Database) -> None:
    """Its password need not be set. It is a failure unless another administrator exists."""
    configure(gateway, enabled=False)
    del gateway.environment[VARIABLE]
    before = tables.rows(database)
    report = bootstrap(gateway, code=1)
    assert report["state"] == "disabled"
    check_failure(gateway, gateway.command("bootstrap-admin"), 1, "administrator")
    assert tables.rows(database) == before
    activate(database, "ops@example.com")
    before = tables.rows(database)
    assert bootstrap(gateway)["state"] == "disabled"
    assert tables.rows(database) == before


def test_a_password_that_is_not_set(gateway: Gateway, database: Database) -> None:
    del gateway.environment[VARIABLE]
    before = tables.rows(database)
    for command in ("bootstrap-admin", "serve"):
        check_failure(gateway, gateway.command(command), 3, VARIABLE, "gateway.yaml")
    assert tables.rows(database) == before


def test_an_address_of_another_user(gateway: Gateway, database: Database) -> None:
    configure(gateway, email="ops@example.com")
    before = tables.rows(database)
    check_failure(gateway, gateway.command("bootstrap-admin"), 3, "ops@example.com")
    assert tables.rows(database) == before


def test_ten_at_once_make_one(gateway: Gateway, database: Database) -> None:
    with ThreadPoolExecutor(10) as pool:
        states = Counter(report["state"] for report in pool.map(lambda _: bootstrap(gateway), range(10)))
    assert states == {"created": 1, "exists": 9}
    assert len(administrators(database)) == 1
    assert database.query("SELECT count(*) FROM passwords") == [(1,)]


def test_a_start_makes_it(gateway: Gateway, database: Database) -> None:
    gateway.start()
    assert administrators(database) == [(EMAIL, 1, "active", "platform_admin", 1)]
    gateway.expect_log(EMAIL)
    gateway.stop()
    before = tables.rows(database)
    gateway.start()
    gateway.stop()
    assert tables.rows(database) == before
    assert bootstrap(gateway)["state"] == "exists"


@pytest.mark.parametrize("form", ["flag", "variable"])
def test_a_start_that_must_not_make_it(gateway: Gateway, database: Database, form: str) -> None:
    if form == "variable":
        gateway.environment["GATEWAY_BOOTSTRAP_ADMIN"] = "false"
    gateway.start(*(["--bootstrap-admin", "false"] if form == "flag" else []))
    assert administrators(database) == []
    gateway.stop()


def test_a_start_without_any_administrator_serves(gateway: Gateway, database: Database) -> None:
    configure(gateway, enabled=False)
    gateway.start()
    assert administrators(database) == []
    gateway.expect_log("bootstrap_admin")


def test_the_report_in_words(gateway: Gateway) -> None:
    first, second = (gateway.command("bootstrap-admin") for _ in range(2))
    for done in (first, second):
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done
        assert EMAIL in done.stdout and PASSWORD not in done.stdout + done.stderr
    assert "reated" in first.stdout and "already" in second.stdout


def test_without_the_schema(make_gateway, database: Database) -> None:
    gateway: Gateway = make_gateway({"auth": {"bootstrap_admin": BOOTSTRAP}}, database)
    gateway.environment[VARIABLE] = PASSWORD
    check_failure(gateway, gateway.command("bootstrap-admin"), 4, "V17")
