"""A configuration with an entry of each seeded kind, and the gateway that seeds it."""

from . import chat
from .configuration import seed, seeded_key
from .documents import model, provider, route
from .gateway import Gateway, Key

MONTHLY = {"cadence": "monthly", "amount_usd": "500.00"}
SERVICE, EVERYTHING = ("servicekey01", "s" * 43), ("everythingkey01", "e" * 43)


def listed_key(name: str, key: tuple[str, str], **fields) -> dict:
    public_id, secret = key
    return {"name": name, "value": f"literal.gwk_{public_id}.{secret}"} | fields


def organisation(port: int) -> dict:
    """An entry of each seeded kind."""
    return {
        "auth": {
            "seed_api_keys": [
                listed_key("service", SERVICE, owner="team:platform", allowed_models=["chat", "other"]),
                listed_key("everything", EVERYTHING),
            ],
            "oidc": [{"key": "staff", "issuer": "https://login.example.com", "client_id": "sluice"}],
        },
        "providers": [provider("fake", port), provider("spare", port)],
        "models": [
            {"id": "chat", "tags": ["fast", "cheap"], "routes": [route("fake", weight=3), route("fake", priority=200)]},
            model("other"),
            model("third"),
            {"id": "default", "alias_of": "chat"},
        ],
        "teams": [
            {"key": "platform", "name": "Platform", "budget": MONTHLY},
            {"key": "research", "allowed_models": ["chat"]},
        ],
        "users": [
            {
                "name": "Ops",
                "email": "ops@example.com",
                "global_role": "platform_admin",
                "membership": {"team": "platform", "role": "admin"},
                "budget": {"cadence": "daily", "amount_usd": "5"},
            },
            {"name": "Dev", "email": "dev@example.com", "membership": {"team": "research", "role": "member"}},
            {"name": "Guest", "email": "guest@example.com", "allowed_models": ["other"]},
        ],
    }


def prepare(gateway: Gateway) -> Gateway:
    gateway.secrets += [SERVICE[1], EVERYTHING[1]]
    assert gateway.command("migrate").returncode == 0
    seed(gateway)
    return gateway


def key_of(gateway: Gateway, key: tuple[str, str]) -> Key:
    return seeded_key(gateway, *key)


def model_ids(gateway: Gateway, key: Key) -> list[str]:
    answer = gateway.get("/v1/models", chat.headers(key))
    assert answer.status == 200, answer
    return [each["id"] for each in answer.json()["data"]]
