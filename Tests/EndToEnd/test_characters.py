"""Every kind of character in the configuration: stored, read back, and sent to the provider exactly as written."""

import json

from support import chat
from support.databases import Database
from support.gateway import Gateway

# Edges of Unicode's blocks and of what YAML, JSON and databases treat in a way of their own.
EDGES = [
    *range(0x01, 0x30),
    *range(0x7E, 0xA1),
    *(0xAD, 0x300, 0x301, 0x378, 0x600, 0x61C, 0x7FF, 0x800, 0x180E, 0x200B, 0x200D, 0x200E, 0x2028, 0x2029, 0x202E),
    *(0x2060, 0x2066, 0x212A, 0xD7FF, 0xE000, 0xFDD0, 0xFE0F, 0xFEFF, 0xFFF9, 0xFFFC, 0xFFFD, 0xFFFE, 0xFFFF),
    *(0x10000, 0x1F600, 0x1FFFE, 0x1FFFF, 0xE0001, 0xE0061, 0xF0000, 0x10FFFE, 0x10FFFF),
]
ALL = "".join(map(chr, EDGES))


def quoted(text: str) -> str:
    """A YAML scalar that escapes every character."""
    return '"' + "".join(f"\\U{ord(character):08X}" for character in text) + '"'


def configure(gateway: Gateway, values: dict[str, str]) -> None:
    """Puts the values, which JSON as YAML could not carry, in the place of their names."""
    text = gateway.config_path.read_text()
    for name, value in values.items():
        assert f'"{name}"' in text
        text = text.replace(f'"{name}"', quoted(value))
    gateway.config_path.write_text(text)


def sent(gateway: Gateway, key, upstream) -> dict:
    upstream.requests.clear()
    assert chat.ask(gateway, key).status == 200
    return json.loads(upstream.requests[-1].body)


def make(make_gateway, document: dict, database: Database) -> Gateway:
    model = document["models"][0]
    model["description"] = "@description"
    model["routes"][0]["extra_body"] = {
        "text": "@text",
        "names": {f"@name{part}": part for part in range(3)},
        "each": "@each",
    }
    return make_gateway(document, database)


def test_every_character_reaches_the_provider(make_gateway, standard_document, database, upstream) -> None:
    gateway = make(make_gateway, standard_document, database)
    # A database cannot store a zero character as such; within `extra_body` it is stored escaped.
    # A key of YAML has 1,024 characters at most, escapes included.
    names = {f"@name{part}": "\0" + ALL[part::3] for part in range(3)}
    configure(gateway, names | {"@description": ALL, "@text": "\0" + ALL, "@each": ALL[::-1]})
    gateway.start()
    key = gateway.create_key()
    for _ in range(2):
        body = sent(gateway, key, upstream)
        assert body["text"] == "\0" + ALL
        assert list(body["names"]) == list(names.values())
        assert body["each"] == ALL[::-1]
        # The second time from a database that another start has written.
        assert gateway.command("reload").returncode == 0
    assert (ALL,) in database.query("SELECT description FROM models")


def test_a_change_that_looks_the_same_is_one(make_gateway, standard_document, database, upstream) -> None:
    """`é` as one character and as two: equal to people and to Swift, and not to providers."""
    gateway = make(make_gateway, standard_document, database)
    template = gateway.config_path.read_text()
    values = {"@description": "\u00e9", "@text": "\u00e9", "@name0": "\u00e9", "@each": "\u212b"}
    configure(gateway, values)
    gateway.start()
    key = gateway.create_key()
    assert sent(gateway, key, upstream)["text"] == "\u00e9"
    gateway.config_path.write_text(template)
    configure(gateway, {name: "e\u0301" if name != "@each" else "A\u030a" for name in values})
    assert gateway.command("reload").returncode == 0
    body = sent(gateway, key, upstream)
    assert body["text"] == "e\u0301" and body["each"] == "A\u030a" and next(iter(body["names"])) == "e\u0301"
    assert ("e\u0301",) in database.query("SELECT description FROM models")
