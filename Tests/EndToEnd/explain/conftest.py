"""The gateway of these tests, and the same database without a gateway."""

import json
from collections.abc import Iterator

import pytest
from support import chat, people, wait
from support.configuration import seed, seeded_key
from support.explain_setting import SECRET, document
from support.gateway import Gateway, Key
from support.launch import launch
from support.upstream import FakeUpstream


@pytest.fixture(scope="module")
def gateway(shared_upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    gateway = launch(tmp_path_factory.mktemp("explain"), document(shared_upstream.port))
    gateway.secrets.append(SECRET)
    assert gateway.command("migrate").returncode == 0
    seed(gateway)
    for email in ("user@example.com", "member@example.com"):
        people.set_user(gateway.database, email, "active")
    people.set_team(gateway.database, "inactive", "inactive")
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def keys(gateway: Gateway) -> dict[str, Key]:
    """By name: those of the file, one that is revoked, and one that has expired."""
    found = {
        each["name"]: seeded_key(gateway, f"{each['name']}01", SECRET) for each in document(0)["auth"]["seed_api_keys"]
    }
    found["revoked"] = gateway.create_key("revoked")
    assert gateway.command("keys", "revoke", found["revoked"].public_id).returncode == 0
    found["expired"] = gateway.create_key("expired", expires="1s")
    headers = chat.headers(found["expired"])
    wait.until(lambda: gateway.get("/v1/models", headers).status == 401, "the key expires")
    return found


@pytest.fixture(scope="module")
def without_gateway(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    """The same database without a running gateway: no control socket to ask."""
    folder = tmp_path_factory.mktemp("no-gateway")
    told = json.loads(gateway.config_path.read_text())
    told["server"]["control_socket"] = str(folder / "absent.sock")
    other = launch(folder, told, gateway.database)
    other.secrets += gateway.secrets
    return other


@pytest.fixture(params=["running", "without a gateway"])
def asked(request: pytest.FixtureRequest, gateway: Gateway) -> Gateway:
    """The source that the command asks: the running gateway, or the database."""
    return gateway if request.param == "running" else request.getfixturevalue("without_gateway")
