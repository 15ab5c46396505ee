"""Providers, each with its own canaries: a credential, a default header, and an extra header of its route."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import chat
from .client import Answer
from .documents import provider, route
from .fleet import Fleet
from .gateway import Gateway, Key
from .launch import launch

MARK = "canary"


def canary(provider: str, what: str) -> str:
    return f"{MARK}-{provider}-{what}-7f3a91"


KINDS = ("credential", "default", "extra")
PROVIDERS = ("first", "second", "third")
CANARIES = {name: [canary(name, kind) for kind in KINDS] for name in PROVIDERS}
EVERY_CANARY = [each for canaries in CANARIES.values() for each in canaries]


def document(fleet: Fleet, token_file: Path) -> dict:
    """A canary in each of the ways in which a secret can be written."""
    token_file.write_text(CANARIES["third"][0] + "\n")
    auth = {
        "first": {"kind": "bearer", "token": "env.FIRST_CREDENTIAL"},
        "second": {"kind": "header", "header": "x-credential", "token": f"literal.{CANARIES['second'][0]}"},
        "third": {"kind": "bearer", "token": f"file.{token_file}"},
    }
    defaults = {
        "first": CANARIES["first"][1],
        "second": f"literal.{CANARIES['second'][1]}",
        "third": "env.THIRD_DEFAULT",
    }
    extras = {"first": "env.FIRST_EXTRA", "second": CANARIES["second"][2], "third": f"literal.{CANARIES['third'][2]}"}
    routes = {
        name: route(name, priority=number, extra_headers={"x-extra": extras[name]})
        for number, name in enumerate(PROVIDERS)
    }
    return {
        # The log shows everything but secrets.
        "server": {"log_level": "trace"},
        # Every route stays in the plan, however often it fails.
        "routing": {"cooldown": {"failures": 1000, "seconds": 1}},
        "providers": [
            provider(name, fleet[name].port, auth=auth[name], default_headers={"x-default": defaults[name]})
            for name in PROVIDERS
        ],
        "models": [
            *({"id": name, "routes": [each]} for name, each in routes.items()),
            {"id": "all", "routes": list(routes.values())},
        ],
    }


VARIABLES = {
    "FIRST_CREDENTIAL": CANARIES["first"][0],
    "FIRST_EXTRA": CANARIES["first"][2],
    "THIRD_DEFAULT": CANARIES["third"][1],
}


@contextmanager
def running(fleet: Fleet, folder: Path, **routing) -> Iterator[Gateway]:
    told = document(fleet, folder / "token")
    told["routing"] |= routing
    gateway = launch(folder, told, **VARIABLES)
    # The gateway's log and the output of commands must not contain them either.
    gateway.secrets += EVERY_CANARY
    try:
        yield gateway.start()
    finally:
        gateway.stop()


def check_own_canaries_only(fleet: Fleet) -> None:
    """Every request has all of its provider's canaries, and none of another's."""
    for name, upstream in fleet.upstreams.items():
        for request in upstream.requests:
            everything = request.head.decode("latin-1") + request.body.decode()
            assert [each for each in EVERY_CANARY if each in everything] == CANARIES[name], everything


def check_clean(*answers: Answer) -> None:
    for answer in answers:
        assert MARK not in str(answer.headers) and MARK.encode() not in answer.body, answer


def ask(gateway: Gateway, key: Key, model: str, stream: bool = False) -> Answer:
    # The prompt of other tests contains a canary.
    return chat.ask(gateway, key, chat.body(model, messages=[{"role": "user", "content": "hello"}], stream=stream))
