"""API keys: their forms, and the reasons for refusing one."""

import json

import pytest
from support import chat, wait
from support.chat import check_error
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

UNKNOWN = "gwk_0123456789abcdef." + "x" * 43


def models(gateway: Gateway, **headers: str):
    return gateway.get("/v1/models", {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_in_any_case(gateway: Gateway, key: Key, scheme: str) -> None:
    assert models(gateway, Authorization=f"{scheme} {key.text}").status == 200


def test_x_api_key(gateway: Gateway, key: Key) -> None:
    assert models(gateway, X_Api_Key=key.text).status == 200


def test_both_headers(gateway: Gateway, key: Key) -> None:
    assert models(gateway, Authorization=f"Bearer {key.text}", X_Api_Key=key.text).status == 200
    other = gateway.create_key("second")
    answer = models(gateway, Authorization=f"Bearer {key.text}", X_Api_Key=other.text)
    check_error(answer, 401, "invalid_api_key")


OTHER_SERVICES = ["sk-ant-0123456789abcdef", "sk-proj-0123456789", "x" * 300]


@pytest.mark.parametrize("other", OTHER_SERVICES)
def test_the_key_of_another_service_beside_it(gateway: Gateway, key: Key, other: str) -> None:
    """A client sends what its environment happens to have; exactly one of the keys is meant for the gateway."""
    for names in (("Authorization", "X_Api_Key"), ("X_Api_Key", "Authorization"), ("Api_Key", "Authorization")):
        values = {names[0]: key.text, names[1]: other}
        values = {name: f"Bearer {text}" if name == "Authorization" else text for name, text in values.items()}
        assert models(gateway, **values).status == 200, names
    assert models(gateway, Authorization="Basic abc", Api_Key=key.text).status == 200


def test_the_header_of_azure(gateway: Gateway, key: Key) -> None:
    assert models(gateway, Api_Key=key.text).status == 200


# headers: what the message names
REFUSED = {
    "none": ({}, ["`Authorization`", "`x-api-key`", "`api-key`"]),
    "another scheme": ({"Authorization": "Basic c2VjcmV0"}, ["scheme `Bearer`"]),
    "no scheme": ({"Authorization": "gwk_0123456789abcdef.canary"}, ["scheme `Bearer`"]),
    "another service": ({"X_Api_Key": "sk-canary"}, ["`x-api-key` does not begin with `gwk_`"]),
    "two others": ({"Authorization": "Bearer sk-canary", "Api_Key": "canary"}, ["`Authorization`", "`api-key`"]),
    "malformed": ({"Api_Key": "gwk_canary"}, ["`api-key` begins with `gwk_`", "gwk_<id>.<secret>"]),
    "empty": ({"Authorization": "Bearer "}, ["`Authorization` is empty"]),
    "unknown": ({"X_Api_Key": UNKNOWN}, ["`x-api-key` is not valid"]),
    "two": ({"Authorization": f"Bearer {UNKNOWN}", "X_Api_Key": UNKNOWN + "x"}, ["`Authorization` and `x-api-key`"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_what_was_found_and_never_a_value(gateway: Gateway, name: str) -> None:
    headers, named = REFUSED[name]
    answer = models(gateway, **headers)
    error = check_error(answer, 401, "invalid_api_key" if headers else "missing_api_key")
    assert all(text in error["message"] for text in named), error
    for value in headers.values():
        for word in value.split():
            assert word in ("Bearer", "Basic") or word not in error["message"], error


def test_the_same_header_twice(gateway: Gateway, key: Key) -> None:
    both = {"Authorization": f"Bearer {key.text}\r\nAuthorization: Bearer {key.text}"}
    assert gateway.get("/v1/models", both).status == 200


def test_the_same_header_twice_with_different_keys(gateway: Gateway, key: Key) -> None:
    other = gateway.create_key("third")
    both = {"Authorization": f"Bearer {key.text}\r\nAuthorization: Bearer {other.text}"}
    check_error(gateway.get("/v1/models", both), 401, "invalid_api_key")


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/chat"])
def test_no_key(gateway: Gateway, path: str) -> None:
    check_error(gateway.get(path), 401, "missing_api_key")


MALFORMED = {
    "empty": "Bearer ",
    "no scheme": "{key}",
    "another scheme": "Basic {key}",
    "no prefix": "Bearer 0123456789abcdef.secret",
    "another provider's": "Bearer sk-proj-0123456789",
    "no dot": "Bearer gwk_0123456789abcdef",
    "no secret": "Bearer gwk_0123456789abcdef.",
    "short id": "Bearer gwk_0123.secret",
    "long id": "Bearer gwk_" + "a" * 41 + ".secret",
    "not ASCII": "Bearer gwk_0123456789abcdef.s\xe9cret",
    "long secret": "Bearer gwk_0123456789abcdef." + "s" * 5000,
    "trailing words": "Bearer {key} {key}",
    "unknown": f"Bearer {UNKNOWN}",
}


@pytest.mark.parametrize("form", MALFORMED)
def test_a_malformed_key(gateway: Gateway, key: Key, form: str) -> None:
    answer = models(gateway, Authorization=MALFORMED[form].format(key=key.text))
    assert answer.status == 401
    # A header without any key counts as missing or as invalid.
    check_error(
        answer, 401, "missing_api_key" if answer.json()["error"]["code"] == "missing_api_key" else "invalid_api_key"
    )


def test_a_wrong_secret_says_no_more_than_an_unknown_key(gateway: Gateway, key: Key) -> None:
    wrong = check_error(models(gateway, Authorization=f"Bearer gwk_{key.public_id}.{'x' * 43}"), 401, "invalid_api_key")
    unknown = check_error(models(gateway, Authorization=f"Bearer {UNKNOWN}"), 401, "invalid_api_key")
    assert wrong["message"] == unknown["message"]
    revoked = gateway.create_key("to be revoked")
    gateway.command("keys", "revoke", revoked.public_id)
    answer = models(gateway, Authorization=f"Bearer gwk_{revoked.public_id}.{'x' * 43}")
    assert check_error(answer, 401, "invalid_api_key")["message"] == wrong["message"]


def test_no_body_is_read_for_a_stranger(gateway: Gateway, upstream: FakeUpstream) -> None:
    headers = {"Authorization": f"Bearer {UNKNOWN}", "Content-Type": "application/json", "Content-Length": "1000000"}
    answer = gateway.request("POST", chat.PATH, None, headers)
    check_error(answer, 401, "invalid_api_key")
    assert upstream.requests == []


def test_a_revoked_key_is_refused_at_once(gateway: Gateway) -> None:
    key = gateway.create_key("short-lived")
    assert models(gateway, Authorization=f"Bearer {key.text}").status == 200
    done = gateway.command("keys", "revoke", key.public_id, "--json")
    assert done.returncode == 0, done.stderr
    # At once: the command returns when the gateway refuses the key.
    check_error(models(gateway, Authorization=f"Bearer {key.text}"), 401, "api_key_revoked")


def test_a_new_key_works_at_once_even_if_it_was_asked_for_before(gateway: Gateway) -> None:
    """The gateway must not cache for long that a key is unknown."""
    key = gateway.create_key("fresh")
    assert models(gateway, Authorization=f"Bearer {key.text}").status == 200


def test_revoking_without_the_control_socket_takes_two_seconds_at_most(start_gateway, standard_document) -> None:
    gateway = start_gateway(standard_document)
    key = gateway.create_key()
    assert models(gateway, Authorization=f"Bearer {key.text}").status == 200
    gateway.socket_path.unlink()
    assert gateway.command("keys", "revoke", key.public_id).returncode == 0

    def is_refused_everywhere() -> bool:
        # Each event loop has its own cache, and each connection goes to the next loop.
        return all(models(gateway, Authorization=f"Bearer {key.text}").status == 401 for _ in range(16))

    assert wait.until(is_refused_everywhere, "the key is refused") < 2.5
    check_error(models(gateway, Authorization=f"Bearer {key.text}"), 401, "api_key_revoked")


def test_an_expired_key(gateway: Gateway) -> None:
    key = gateway.create_key("brief", expires="2s")
    assert models(gateway, Authorization=f"Bearer {key.text}").status == 200
    wait.until(lambda: models(gateway, Authorization=f"Bearer {key.text}").status == 401, "the key expires")
    check_error(models(gateway, Authorization=f"Bearer {key.text}"), 401, "api_key_expired")


def test_keys_are_listed_without_their_secrets(gateway: Gateway) -> None:
    key = gateway.create_key("listed", models="chat,other")
    for arguments in (["--json"], []):
        done = gateway.command("keys", "list", *arguments)
        assert done.returncode == 0 and key.public_id in done.stdout and "listed" in done.stdout, done
        assert key.secret not in done.stdout + done.stderr
    listed = json.loads(gateway.command("keys", "list", "--json").stdout)
    listed = listed if isinstance(listed, list) else listed["keys"]
    assert any(entry["public_id"] == key.public_id for entry in listed)


def test_a_seeded_key_works(start_gateway, standard_document) -> None:
    secret = "s" * 43
    seed = {"name": "seeded", "value": f"literal.gwk_seededkey01.{secret}", "allowed_models": ["chat"]}
    gateway = start_gateway(standard_document | {"auth": {"seed_api_keys": [seed]}})
    gateway.secrets.append(secret)
    answer = models(gateway, Authorization=f"Bearer gwk_seededkey01.{secret}")
    assert [model["id"] for model in answer.json()["data"]] == ["chat"]


def test_keys_outlive_the_process(start_gateway, standard_document) -> None:
    gateway = start_gateway(standard_document)
    key = gateway.create_key()
    gateway.stop()
    gateway.start()
    assert models(gateway, Authorization=f"Bearer {key.text}").status == 200
