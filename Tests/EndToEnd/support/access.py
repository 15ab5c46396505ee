"""Callers with grants and allowlists, and the models that they ask for."""

from dataclasses import dataclass

from . import chat, documents
from .client import Answer
from .configuration import seeded_key
from .documents import route
from .gateway import Gateway, Key

ALL = None
TEAMS = {"platform": ALL, "narrow": ["small", "chat", "default"], "closed": ALL}
# e-mail: team, allowed models
USERS = {
    "free@example.com": ("platform", ALL),
    "limited@example.com": ("platform", ["other", "default"]),
    "both@example.com": ("narrow", ["small", "other", "tool/large"]),
    "alone@example.com": (None, ["chat"]),
    "invited@example.com": ("platform", ALL),
    "gone@example.com": ("platform", ALL),
    "member@example.com": ("closed", ALL),
}


@dataclass
class Caller:
    owner: str | None = None
    grants: list[str] | None = ALL

    def layers(self) -> list[tuple[str, list[str]]]:
        """The layers that restrict, in the order of checking, each with the words that name it."""
        kind, _, name = (self.owner or "").partition(":")
        team, own = USERS[name] if kind == "user" else (name or None, ALL)
        found = [
            ("this API key's grants", self.grants),
            (f"allowed models of the team `{team}`", TEAMS.get(team, ALL)),
            (f"allowed models of the user `{name}`", own),
        ]
        return [(words, models) for words, models in found if models is not ALL]

    def refusal(self, model: str) -> str | None:
        """The words of the first layer that does not have the model."""
        return next((words for words, models in self.layers() if model not in models), None)


CALLERS = {
    "everything": Caller(),
    "granted": Caller(grants=["chat", "tool/large"]),
    "aliasgrant": Caller(grants=["default", "latest"]),
    "teamkey": Caller("team:narrow"),
    "teamgrant": Caller("team:narrow", ["small", "other"]),
    "freeuser": Caller("user:free@example.com"),
    "limited": Caller("user:limited@example.com"),
    "bothlimits": Caller("user:both@example.com"),
    "threelimits": Caller("user:both@example.com", ["chat", "small"]),
    "loneuser": Caller("user:alone@example.com"),
}
# Their owners are not always active.
OTHERS = {
    "invitedkey": Caller("user:invited@example.com"),
    "goneuser": Caller("user:gone@example.com"),
    "closedmember": Caller("user:member@example.com"),
    "closedteam": Caller("team:closed"),
}
SECRET = "a" * 43
# In the order of lists: by rank, then id. Their tags, and the target of an alias.
MODELS = {
    "chat": ({"fast", "cheap"}, "chat"),
    "default": ({"fast", "aliased"}, "chat"),
    "latest": ({"newest"}, "chat"),
    "small": ({"fast", "cheap", "tiny"}, "small"),
    "other": ({"fast"}, "other"),
    "tool/large": ({"smart", "fast"}, "tool/large"),
}
ALIASES = {"default": "chat", "latest": "default"}


def document(port: int) -> dict:
    keys = []
    for name, caller in (CALLERS | OTHERS).items():
        key: dict = {"name": name, "value": f"literal.gwk_{name}01.{SECRET}"}
        key |= {"owner": caller.owner} if caller.owner else {}
        keys.append(key | ({} if caller.grants is ALL else {"allowed_models": caller.grants}))
    models = []
    for rank, (name, (tags, _)) in enumerate(MODELS.items()):
        target = {"alias_of": ALIASES[name]} if name in ALIASES else {"routes": [route("fake")]}
        # In reverse, so that the order of lists differs from the file's.
        models.insert(0, {"id": name, "rank": rank // 2, "tags": sorted(tags)} | target)
    users = []
    for email, (team, allowed) in USERS.items():
        user: dict = {"name": email, "email": email}
        user |= {"membership": {"team": team, "role": "member"}} if team else {}
        users.append(user | ({} if allowed is ALL else {"allowed_models": allowed}))
    return {
        "auth": {"seed_api_keys": keys},
        "providers": [documents.provider("fake", port)],
        "models": models,
        "teams": [
            {"key": key} | ({} if allowed is ALL else {"allowed_models": allowed}) for key, allowed in TEAMS.items()
        ],
        "users": users,
    }


def key_of(gateway: Gateway, name: str) -> Key:
    return seeded_key(gateway, f"{name}01", SECRET)


def ask(gateway: Gateway, key: Key, model: str, **fields) -> Answer:
    return chat.ask(gateway, key, chat.body(model, **fields))
