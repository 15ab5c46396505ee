"""Random changes of texts: of YAML and JSON as people and databases break them, and of bytes."""

import random
import re

# What a value may be replaced with: other types, edges, and what the formats treat in a way of their own.
TOKENS = [
    *("null", "~", "", "{}", "[]", "[[]]", "{a: b}", "true", "false", "yes", "0", "-1", "1e999", ".inf", ".nan", "007"),
    *(
        "9223372036854775808",
        "-9223372036854775809",
        "0.1",
        "1_000",
        "0x10",
        "2026-11-29",
        '""',
        "''",
        '"\\0"',
        '"\\x7f"',
    ),
    *(
        '"\\u0085"',
        '"\\uFFFE"',
        '"\\ud800"',
        '"\\U0010FFFF"',
        '"a\\r\\nb: c"',
        "&a [*a]",
        "*a",
        "!!int 3",
        "!x y",
        "|",
        ">-",
    ),
    *(
        "? a",
        "- a",
        "<<",
        "#",
        "@",
        "`",
        "%",
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        ",",
        ":",
        "---",
        "...",
        "\t",
        "\u2028",
        "\ufeff",
    ),
    *("env.SECRET", "env.NOT_SET", "file./nowhere", "literal.", "literal.x", "file./dev/zero", "file./", "env.", "all"),
    *("tag:a", "team:platform", "user:a@b.c", "http://x", "https://u:p@h", "postgres://u:p@q@h/d", "x" * 300, "é" * 70),
    *("[" * 80 + "]" * 80, "{a: " * 70 + "b" + "}" * 70, "\x00", "\x7f", "\x85", "\ud7ff", "\U0001f600" * 9),
]
_VALUE = re.compile(r"(?<=[:\-\[,{] )[^,\[\]{}\n#]+")


def mutate(text: str, others: list[str], chance: random.Random) -> str:
    """A few changes, of which most leave the rest readable."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5, 9))):
        text = chance.choice(_CHANGES)(text, others, chance)
    return text[:200_000]


def mutate_bytes(data: bytes, chance: random.Random) -> bytes:
    """Bytes set, removed, repeated and added."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = chance.randrange(len(changed) + 1)
        match chance.randrange(4):
            case 0:
                changed[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del changed[place : place + chance.randrange(1, 20)]
            case 2:
                changed[place:place] = changed[place : place + chance.randrange(1, 200)]
            case _:
                changed[place:place] = chance.randbytes(chance.randrange(1, 9))
    return bytes(changed)


def _value(text: str, _: list[str], chance: random.Random) -> str:
    found = list(_VALUE.finditer(text))
    if not found:
        return text + chance.choice(TOKENS)
    match = chance.choice(found)
    return text[: match.start()] + chance.choice(TOKENS) + text[match.end() :]


def _swap_values(text: str, _: list[str], chance: random.Random) -> str:
    found = list(_VALUE.finditer(text))
    if len(found) < 2:
        return text
    one, two = sorted(chance.sample(found, 2), key=lambda match: match.start())
    return text[: one.start()] + two.group() + text[one.end() : two.start()] + one.group() + text[two.end() :]


def _line(text: str, others: list[str], chance: random.Random) -> str:
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    match chance.randrange(6):
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, chance.choice(lines))
        case 2:
            other = chance.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]
        case 3:
            lines[place] = " " * chance.randrange(1, 5) + lines[place]
        case 4:
            lines[place] = lines[place].removeprefix("  ")
        case _:
            taken = chance.choice(others).split("\n")
            start = chance.randrange(len(taken))
            lines[place:place] = taken[start : start + chance.randrange(1, 8)]
    return "\n".join(lines)


def _name(text: str, _: list[str], chance: random.Random) -> str:
    """A key with a typing error, or with the name of another."""
    names = list(re.finditer(r"[a-z_]+(?=:)", text))
    if not names:
        return text
    match = chance.choice(names)
    other = chance.choice((match.group()[1:], match.group() + "x", chance.choice(names).group(), chance.choice(TOKENS)))
    return text[: match.start()] + other + text[match.end() :]


def _characters(text: str, _: list[str], chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    match chance.randrange(4):
        case 0:
            return text[:place] + text[place + chance.randrange(1, 30) :]
        case 1:
            return text[:place]
        case 2:
            return text[:place] + chance.choice(TOKENS) + text[place:]
        case _:
            return text[:place] + chr(chance.choice((chance.randrange(0xD800), chance.randrange(0x80)))) + text[place:]


_CHANGES = [_value, _value, _value, _swap_values, _line, _line, _name, _characters]
