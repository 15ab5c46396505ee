"""The configuration for `gateway explain`: keys, owners, models and routes of every kind."""

from .documents import model, provider, route

SECRET = "e" * 43
# The request fields for each flag of the command.
FLAGS = {
    "--stream": {"stream": True},
    "--tools": {"tools": [{"type": "function", "function": {"name": "f"}}]},
    "--vision": {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
    "--audio": {
        "messages": [
            {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]}
        ]
    },
    "--files": {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "file", "file": {"filename": "f", "file_data": "data:text/plain;base64,aGk="}}],
            }
        ]
    },
    "--json-schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}},
    "--developer-role": {"messages": [{"role": "developer", "content": "x"}]},
}
CAPABILITIES = {flag: flag.removeprefix("--").replace("-", "_") for flag in FLAGS}
NO_TOOLS = {"capabilities": {"tools": False}}
MIXED = [
    route("fake", enabled=False),
    route("fake", weight=0),
    {"provider": "vertex", "upstream_model": "google/gemini", "pricing": "free"},
    route("unset"),
    route("fake", **NO_TOOLS),
    route("fake", extra_headers={"x-a": "env.THIS_VARIABLE_IS_NOT_SET"}),
]


def seeded(name: str, owner: str | None = None, grants: list[str] | None = None) -> dict:
    fields: dict = {"owner": owner} if owner else {}
    return (
        {"name": name, "value": f"literal.gwk_{name}01.{SECRET}"}
        | fields
        | ({"allowed_models": grants} if grants else {})
    )


def document(port: int) -> dict:
    lacking = [
        {"id": f"no{flag}", "tags": ["lacking"], "routes": [route("fake", capabilities={capability: False})]}
        for flag, capability in CAPABILITIES.items()
    ]
    return {
        "routing": {"max_attempts": 1},
        "auth": {
            "seed_api_keys": [
                seeded("caller"),
                seeded("granted", grants=["chat", "alias"]),
                seeded("teamkey", "team:narrow"),
                seeded("userkey", "user:user@example.com"),
                seeded("memberkey", "user:member@example.com"),
                seeded("invitedkey", "user:invited@example.com"),
                seeded("inactivekey", "team:inactive"),
            ]
        },
        "providers": [
            provider("fake", port),
            provider("unset", port, auth={"kind": "bearer", "token": "env.THIS_VARIABLE_IS_NOT_SET"}),
            {"id": "vertex", "type": "gcp_vertex", "project_id": "p"},
        ],
        "models": [
            {
                "id": "chat",
                "tags": ["fast"],
                "rank": 1,
                "routes": [route("fake", weight=3), route("fake"), route("fake", priority=200)],
            },
            {"id": "alias", "tags": ["named"], "alias_of": "between"},
            {"id": "between", "alias_of": "chat"},
            model("other", tags=["fast", "other"]),
            {"id": "disabled", "routes": [route("fake", enabled=False)]},
            {"id": "weightless", "routes": [route("fake", weight=0)]},
            {"id": "vertex", "routes": [MIXED[2]]},
            model("unset", "unset"),
            {"id": "headless", "routes": [MIXED[5]]},
            {"id": "mixed", "routes": MIXED},
            {"id": "mixed-only", "routes": MIXED[:4]},
            {"id": "partly", "routes": [route("fake", capabilities={"vision": False}), route("fake", **NO_TOOLS)]},
            *lacking,
        ],
        "teams": [{"key": "narrow", "allowed_models": ["chat"]}, {"key": "inactive"}],
        "users": [
            {"name": "User", "email": "user@example.com", "allowed_models": ["chat"]},
            {"name": "Member", "email": "member@example.com", "membership": {"team": "narrow", "role": "member"}},
            {"name": "Invited", "email": "invited@example.com"},
        ],
    }
