"""The configuration that most tests share."""

from .answers import UPSTREAM_MODEL

TOKEN_VARIABLE = "FAKE_UPSTREAM_TOKEN"
TOKEN = "canary-upstream-token-5d1c9f"
# In every prompt of the tests: no log may contain prompts.
PROMPT = "canary-prompt-83b7 says hello"
PATIENT = {"connect_ms": 5000, "head_ms": 30000, "stream_head_ms": 30000, "idle_ms": 30000}


def provider(identifier: str, port: int, **fields) -> dict:
    return {
        "id": identifier,
        "type": "openai_compat",
        "base_url": f"http://127.0.0.1:{port}/v1",
        "auth": {"kind": "bearer", "token": f"env.{TOKEN_VARIABLE}"},
        "timeouts": PATIENT,
    } | fields


def route(provider: str, **fields) -> dict:
    return {"provider": provider, "upstream_model": UPSTREAM_MODEL, "pricing": "free"} | fields


def model(identifier: str, provider: str = "fake", **fields) -> dict:
    return {"id": identifier, "routes": [route(provider)]} | fields


def standard(port: int) -> dict:
    """One well-behaved provider and the models that most tests ask for."""
    return {
        # Most tests are about one attempt.
        "routing": {"max_attempts": 1},
        "providers": [
            provider("fake", port),
            provider(
                "named-header", port, auth={"kind": "header", "header": "api-key", "token": f"env.{TOKEN_VARIABLE}"}
            ),
            provider("unset", port, auth={"kind": "bearer", "token": "env.THIS_VARIABLE_IS_NOT_SET"}),
            {"id": "sim", "type": "simulator"},
        ],
        "models": [
            model("chat", rank=1),
            model("vendor/family/chat", rank=2),
            {"id": "default", "alias_of": "chat"},
            model("other"),
            {
                "id": "text-only",
                "routes": [route("fake", capabilities={"tools": False, "vision": False, "embeddings": False})],
            },
            model("keyed", "named-header"),
            model("unset", "unset"),
            {"id": "disabled", "routes": [route("fake", enabled=False)]},
            model("simulated", "sim"),
        ],
    }
