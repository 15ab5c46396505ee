"""Requests, allowed and refused at each stage, with the setting behind each outcome."""

from dataclasses import dataclass, field

from .explain_setting import FLAGS


@dataclass
class Case:
    """A request, its result, and the setting behind it."""

    key: str
    model: str
    status: int = 200
    code: str | None = None
    # The stage that refuses it; None if it passes.
    stage: str | None = None
    setting: str | None = None
    flags: tuple[str, ...] = ()
    # By route: the reason for dropping it, None if it is kept.
    routes: dict[str, str | None] = field(default_factory=dict)
    resolved: str | None = None


def dropped(model: str, reason: str, setting: str) -> Case:
    return Case(
        "caller", model, 503, "no_route_available", "plan", setting, routes={f"{model}/1": reason}, resolved=model
    )


CHAT = {"chat/1": None, "chat/2": None, "chat/3": None}
CASES = {
    # Passed
    "a model": Case("caller", "chat", routes=CHAT, resolved="chat"),
    "a model for which a key has a grant": Case("granted", "chat", routes=CHAT, resolved="chat"),
    "an alias for which a key has a grant": Case("granted", "alias", routes=CHAT, resolved="chat"),
    "a model of the team": Case("teamkey", "chat", routes=CHAT, resolved="chat"),
    "a model of the user's team": Case("memberkey", "chat", routes=CHAT, resolved="chat"),
    "a model of the user": Case("userkey", "chat", routes=CHAT, resolved="chat"),
    "a tag": Case("caller", "tag:fast", routes=CHAT, resolved="chat"),
    "a tag of an alias": Case("caller", "tag:named", routes=CHAT, resolved="chat"),
    "two tags": Case("caller", "tag:other,fast", routes={"other/1": None}, resolved="other"),
    "everything at once": Case(
        "caller", "chat", flags=("--stream", "--tools", "--json-schema"), routes=CHAT, resolved="chat"
    ),
    "a route of several": Case(
        "caller",
        "mixed",
        routes={
            "mixed/1": "disabled",
            "mixed/2": "weight_not_positive",
            "mixed/3": "provider_missing",
            "mixed/4": "provider_credentials_missing",
            "mixed/5": None,
            "mixed/6": "provider_credentials_missing",
        },
        resolved="mixed",
    ),
    "a route that has the capability": Case(
        "caller",
        "partly",
        flags=("--tools",),
        routes={"partly/1": None, "partly/2": "lacks_capability"},
        resolved="partly",
    ),
    # Authenticate
    "a revoked key": Case("revoked", "chat", 401, "api_key_revoked", "authenticate", "final"),
    "an expired key": Case("expired", "chat", 401, "api_key_expired", "authenticate", "expiry"),
    "an invited owner": Case("invitedkey", "chat", 403, "owner_inactive", "authenticate", "user:invited@example.com"),
    "an inactive team": Case("inactivekey", "chat", 403, "owner_inactive", "authenticate", "team:inactive"),
    "a revoked key, and no such model": Case("revoked", "nothing", 401, "api_key_revoked", "authenticate", "final"),
    # Resolve
    "no grant": Case("granted", "other", 403, "model_not_allowed", "resolve", "the key's grants"),
    "no grant for what an alias leads to": Case("granted", "between", 403, "model_not_allowed", "resolve", "grants"),
    "not for the team": Case("teamkey", "other", 403, "model_not_allowed", "resolve", "teams[narrow].allowed_models"),
    "not for the user's team": Case(
        "memberkey", "alias", 403, "model_not_allowed", "resolve", "teams[narrow].allowed_models"
    ),
    "not for the user": Case(
        "userkey", "alias", 403, "model_not_allowed", "resolve", "users[user@example.com].allowed_models"
    ),
    "no such model": Case("caller", "nothing", 404, "model_not_found", "resolve", "models"),
    "no such model, with a grant": Case("granted", "nothing", 404, "model_not_found", "resolve", "models"),
    "no such tag": Case("caller", "tag:nothing", 404, "model_not_found", "resolve", "models"),
    "no such tag for the caller": Case("granted", "tag:other", 404, "model_not_found", "resolve", "models"),
    "a selector without tags": Case("caller", "tag:", 400, "invalid_request", "resolve"),
    # Plan
    "a disabled route": dropped("disabled", "disabled", "models[disabled].routes[1].enabled"),
    "a weight of zero": dropped("weightless", "weight_not_positive", "models[weightless].routes[1].weight"),
    "a provider of another release": dropped("vertex", "provider_missing", "models[vertex].routes[1].provider"),
    "no credential": dropped("unset", "provider_credentials_missing", "providers[unset]"),
    "no value of a header": dropped(
        "headless", "provider_credentials_missing", "models[headless].routes[1].extra_headers"
    ),
    "a reason for each route": Case(
        "caller",
        "mixed-only",
        503,
        "no_route_available",
        "plan",
        "models[mixed-only].routes[1].enabled",
        routes={
            "mixed-only/1": "disabled",
            "mixed-only/2": "weight_not_positive",
            "mixed-only/3": "provider_missing",
            "mixed-only/4": "provider_credentials_missing",
        },
        resolved="mixed-only",
    ),
    "other reasons than the capability": Case(
        "caller",
        "mixed",
        503,
        "no_route_available",
        "plan",
        "models[mixed].routes[1].enabled",
        flags=("--tools",),
        routes={"mixed/5": "lacks_capability"},
        resolved="mixed",
    ),
    "no route has both capabilities": Case(
        "caller",
        "partly",
        400,
        "capability_not_supported",
        "plan",
        "models[partly].routes[1].capabilities",
        flags=("--tools", "--vision"),
        routes={"partly/1": "lacks_capability", "partly/2": "lacks_capability"},
        resolved="partly",
    ),
    **{
        f"no capability for {flag}": Case(
            "caller",
            f"no{flag}",
            400,
            "capability_not_supported",
            "plan",
            f"models[no{flag}].routes[1].capabilities",
            flags=(flag,),
            routes={f"no{flag}/1": "lacks_capability"},
            resolved=f"no{flag}",
        )
        for flag in FLAGS
    },
    **{
        f"nothing is lacking without {flag}": Case(
            "caller", f"no{flag}", routes={f"no{flag}/1": None}, resolved=f"no{flag}"
        )
        for flag in FLAGS
    },
}
STAGES = ["authenticate", "read", "resolve", "plan"]
