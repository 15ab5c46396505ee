"""Edits of that configuration, with the changes of each in the database."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .configuration import entry, remove
from .documents import model
from .organisation import EVERYTHING, MONTHLY, SERVICE


@dataclass
class Edit:
    """An edit of the file; then its effect on rows, the report and the audit trail."""

    change: Callable[[dict], object]
    rows: dict[str, str | set[str]]
    told: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    concerns_routing: bool = False


def set_in(section: str, called: str, **values) -> Callable[[dict], object]:
    return lambda document: entry(document[section], called).update(values)


def unset_in(section: str, name: str, field_name: str) -> Callable[[dict], object]:
    return lambda document: entry(document[section], name).pop(field_name)


def set_key(called: str, **values) -> Callable[[dict], object]:
    return lambda document: entry(document["auth"]["seed_api_keys"], called).update(values)


def set_route(name: str, index: int, **values) -> Callable[[dict], object]:
    return lambda document: entry(document["models"], name)["routes"][index].update(values)


def routing(change: Callable[[dict], object], rows: dict, subject: str, what: str, name: str, action: str) -> Edit:
    return Edit(change, rows, {subject: {what: [name]}}, [action], concerns_routing=True)


EDITS = {
    "a route's weight": routing(
        set_route("chat", 0, weight=7.5),
        {"models chat": set(), "routes chat/1": {"weight"}},
        "models",
        "updated",
        "chat",
        "model.update",
    ),
    "a route's options": routing(
        set_route("chat", 1, extra_body={"seed": 1}),
        {"models chat": set(), "routes chat/2": {"options"}},
        "models",
        "updated",
        "chat",
        "model.update",
    ),
    "a route disabled": routing(
        set_route("other", 0, enabled=False),
        {"models other": set(), "routes other/1": {"is_enabled"}},
        "models",
        "updated",
        "other",
        "model.update",
    ),
    "a route to another provider": routing(
        set_route("third", 0, provider="spare", upstream_model="another"),
        {"models third": set(), "routes third/1": {"provider_id", "upstream_model"}},
        "models",
        "updated",
        "third",
        "model.update",
    ),
    "a route removed": routing(
        lambda document: entry(document["models"], "chat")["routes"].pop(),
        {"models chat": set(), "routes chat/2": "removed"},
        "models",
        "updated",
        "chat",
        "model.update",
    ),
    "a tag": routing(
        set_in("models", "chat", tags=["fast", "good"]),
        {"models chat": set(), "model_tags chat cheap": "removed", "model_tags chat good": "added"},
        "models",
        "updated",
        "chat",
        "model.update",
    ),
    "a description": routing(
        set_in("models", "other", description="Another one"),
        {"models other": {"description"}},
        "models",
        "updated",
        "other",
        "model.update",
    ),
    "a model added": routing(
        lambda document: document["models"].append(model("fourth")),
        {"models fourth": "added", "routes fourth/1": "added"},
        "models",
        "created",
        "fourth",
        "model.create",
    ),
    "a model removed": routing(
        lambda document: remove(document["models"], "third"),
        {"models third": {"retired_at"}},
        "models",
        "retired",
        "third",
        "model.retire",
    ),
    "an alias's target": routing(
        set_in("models", "default", alias_of="other"),
        {"models default": {"alias_of"}},
        "models",
        "updated",
        "default",
        "model.update",
    ),
    "models in another order": Edit(lambda document: document["models"].reverse(), {}),
    "a provider's address": routing(
        set_in("providers", "spare", base_url="http://127.0.0.1:9/v1"),
        {"providers spare": {"settings"}},
        "providers",
        "updated",
        "spare",
        "provider.update",
    ),
    "a provider removed": routing(
        lambda document: remove(document["providers"], "spare"),
        {"providers spare": {"retired_at"}},
        "providers",
        "retired",
        "spare",
        "provider.retire",
    ),
    "a team's name": Edit(
        set_in("teams", "platform", name="Platform and tools"),
        {"teams platform": {"name"}},
        {"teams": {"updated": ["platform"]}},
        ["team.update"],
    ),
    "a team's models": Edit(
        set_in("teams", "research", allowed_models=["chat", "other"]),
        {"teams research": set(), "team_models research other": "added"},
        {"teams": {"updated": ["research"]}},
        ["team.update"],
    ),
    "a user's team": Edit(
        set_in("users", "dev@example.com", membership={"team": "platform", "role": "member"}),
        {"memberships dev@example.com": {"team_id"}},
        {"users": {"updated": ["dev@example.com"]}},
        ["user.update"],
    ),
    "a user's role in the team": Edit(
        set_in("users", "dev@example.com", membership={"team": "research", "role": "owner"}),
        {"memberships dev@example.com": {"role"}},
        {"users": {"updated": ["dev@example.com"]}},
        ["user.update"],
    ),
    "a membership that the file gives no longer": Edit(unset_in("users", "dev@example.com", "membership"), {}),
    "a user's models": Edit(
        set_in("users", "guest@example.com", allowed_models="all"),
        {"users guest@example.com": {"all_models"}, "user_models guest@example.com other": "removed"},
        {"users": {"updated": ["guest@example.com"]}},
        ["user.update"],
    ),
    "a user removed": Edit(
        lambda document: remove(document["users"], "guest@example.com"),
        {"users guest@example.com": {"managed_by"}},
        {"users": {"released": ["guest@example.com"]}},
        ["user.update"],
    ),
    "an e-mail in another case": Edit(set_in("users", "ops@example.com", email="OPS@Example.COM"), {}),
    "how an invited user signs in": Edit(
        set_in("users", "guest@example.com", auth_mode="oidc", oidc_provider_key="staff"),
        {"users guest@example.com": {"auth_mode", "oidc_provider_key"}},
        {"users": {"updated": ["guest@example.com"]}},
        ["user.update"],
    ),
    "a budget's amount": Edit(
        set_in("teams", "platform", budget=MONTHLY | {"amount_usd": "750.25"}),
        {"budgets platform": {"amount"}},
        {"budgets": {"updated": ["team:platform"]}},
        ["budget.update"],
    ),
    "a budget removed": Edit(
        unset_in("users", "ops@example.com", "budget"),
        {"budgets ops@example.com": {"managed_by"}},
        {"budgets": {"released": ["user:ops@example.com"]}},
        ["budget.update"],
    ),
    "a key's models": Edit(
        set_key("service", allowed_models=["other", "third"]),
        {
            f"api_keys {SERVICE[0]}": set(),
            f"api_key_grants {SERVICE[0]} chat": "removed",
            f"api_key_grants {SERVICE[0]} third": "added",
        },
        {"keys": {"updated": ["service"]}},
        ["api_key.update"],
    ),
    "a key's owner": Edit(
        set_key("everything", owner="user:dev@example.com"),
        {f"api_keys {EVERYTHING[0]}": {"user_id", "team_id"}},
        {"keys": {"updated": ["everything"]}},
        ["api_key.update"],
    ),
    "a key removed": Edit(
        lambda document: remove(document["auth"]["seed_api_keys"], "service"),
        {},
        {"keys": {"unlisted": ["service"]}},
    ),
    # The last edits: neither a former secret nor a revoked value comes back.
    "a key's secret alone": Edit(
        set_key("everything", value=f"literal.gwk_{EVERYTHING[0]}." + "n" * 43),
        {
            f"api_keys {EVERYTHING[0]}": set(),
            f"api_key_secrets {EVERYTHING[0]}": {"id", "hash", "created_at"},
            f"api_key_secrets {EVERYTHING[0]} former": "added",
        },
        {"keys": {"updated": ["everything"]}},
        ["api_key.replace_secrets"],
    ),
    "a key's value": Edit(
        set_key("everything", value="literal.gwk_newvalue0001." + "n" * 43),
        {
            f"api_keys {EVERYTHING[0]}": {"revoked_at"},
            "api_keys newvalue0001": "added",
            "api_key_secrets newvalue0001": "added",
        },
        {"keys": {"created": ["everything"], "replaced": ["everything"]}},
        ["api_key.create", "api_key.revoke"],
    ),
}
