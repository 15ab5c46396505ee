"""A configuration in two flavours that share only the models' names, and a check which flavour made an answer.

Each flavour has its own provider, address, token and upstream model, so a mix of the two is visible in the answer."""

import json

from . import answers, chat
from .client import Answer
from .configuration import seeded_key
from .documents import provider
from .gateway import Gateway, Key
from .upstream import Behaviour, Call

PUBLIC_ID, SECRET = "flavourskey01", "f" * 43
MODELS = ("chat", "default")


def document(flavour: str, port: int) -> dict:
    """The model `chat`, the alias `default` of a model of the flavour, and a key for all."""
    route = {"provider": flavour, "upstream_model": f"{flavour}-model", "pricing": "free"}
    return {
        "auth": {"seed_api_keys": [{"name": "everything", "value": f"literal.gwk_{PUBLIC_ID}.{SECRET}"}]},
        "providers": [
            provider(
                flavour,
                port,
                base_url=f"http://127.0.0.1:{port}/{flavour}",
                auth={"kind": "bearer", "token": f"literal.{flavour}-token"},
                default_headers={"x-flavour": flavour},
            )
        ],
        "models": [
            {"id": "chat", "routes": [route]},
            {"id": f"{flavour}-model", "routes": [route]},
            {"id": "default", "alias_of": f"{flavour}-model"},
        ],
    }


def key(gateway: Gateway) -> Key:
    return seeded_key(gateway, PUBLIC_ID, SECRET)


def echo() -> Behaviour:
    """An upstream whose answer repeats the identifying parts of the request."""

    async def behave(call: Call) -> None:
        request = call.request
        parts = [
            request.target.split("/")[1],
            (request.header("authorization") or "").removeprefix("Bearer "),
            request.header("x-flavour") or "",
            json.loads(request.body)["model"],
        ]
        await answers.whole(answers.completion(" ".join(parts)))(call)

    return behave


def of(answer: Answer) -> str:
    """The flavour that made all parts of the answer."""
    assert answer.status == 200, answer
    flavour = answer.header("x-gateway-provider")
    content = answer.json()["choices"][0]["message"]["content"]
    assert content == f"{flavour} {flavour}-token {flavour} {flavour}-model", f"{content!r} by {flavour}"
    return flavour


def on_every_loop(gateway: Gateway, key: Key, model: str = "chat") -> set[str]:
    """The flavours of answers on new connections: each connection goes to the next event loop."""
    return {of(chat.ask(gateway, key, chat.body(model))) for _ in range(16)}
