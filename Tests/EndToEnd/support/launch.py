"""Makes a gateway with the fake upstream's token, whose log must contain neither the token nor a prompt."""

from pathlib import Path

from . import documents
from .databases import Database
from .gateway import Gateway


def launch(folder: Path, document: dict, database: Database | None = None, **environment: str) -> Gateway:
    gateway = Gateway(folder, document, {documents.TOKEN_VARIABLE: documents.TOKEN} | environment, database)
    gateway.secrets += [documents.TOKEN, documents.PROMPT]
    return gateway
