"""Mutated requests at the control socket: each gets an answer in the protocol or a close, and the gateway serves on."""

import json
import socket
from contextlib import suppress
from pathlib import Path

import pytest
from support import chat, control
from support.fuzzing import MAX_GROWTH_MIB, keep, rounds
from support.gateway import Gateway
from support.mutations import TOKENS, mutate, mutate_bytes


@pytest.fixture
def gateway(make_gateway, standard_document) -> Gateway:
    gateway: Gateway = make_gateway(standard_document)
    return gateway.start()


def requests(public_id: str) -> list[dict]:
    explain = {"key": public_id, "operation": "chat", "model": "chat", "required": ["stream"]}
    return [
        {"v": 1, "command": "explain", "arguments": explain},
        {
            "v": 1,
            "command": "explain",
            "arguments": explain | {"operation": "responses", "previous_response_id": "r_1"},
        },
        {"v": 1, "command": "keys.revoke", "arguments": {"public_id": "nothing123", "actor": "root"}},
        {"v": 1, "command": "reload"},
        {"v": 2, "command": "later", "arguments": None},
    ]


def altered(request: dict, chance) -> object:
    """The same structure with another value somewhere."""
    odd = (
        *TOKENS,
        None,
        True,
        -1,
        1e308,
        2**63,
        2**64,
        [],
        {},
        [[]] * 50,
        {"a": {"b": [None]}},
        "a\0b",
        "\ud800",
        "x" * 70_000,
    )
    if chance.random() < 0.2:
        return chance.choice(odd)
    copy = json.loads(json.dumps(request))
    target = copy
    if isinstance(copy.get("arguments"), dict) and chance.random() < 0.7:
        target = copy["arguments"]
    if target:
        target[chance.choice(list(target))] = chance.choice(odd)
    return copy


def line(valid: list[dict], chance) -> bytes:
    request = chance.choice(valid)
    match chance.randrange(6):
        case 0:
            return mutate_bytes(json.dumps(request).encode() + b"\n", chance)
        case 1:
            text = json.dumps(request)
            return mutate(text, [text], chance).encode("utf-8", "surrogatepass") + b"\n"
        case 2:
            return chance.randbytes(chance.choice((0, 1, 10, 1000, 100_000))) + b"\n"
        case 3:
            opening, depth = chance.choice((b"[", b'{"a":')), chance.choice((100, 10_000, 200_000))
            return b'{"v":1,"command":"reload","arguments":{"a":' + opening * depth + b"\n"
        case 4:
            return b"x" * chance.choice((1 << 20, (1 << 20) + 1, 3 << 20)) + b"\n"
        case _:
            return json.dumps(altered(request, chance)).encode() + b"\n"


def test_fuzz_control_socket(gateway: Gateway, full: bool, tmp_path: Path) -> None:
    key = gateway.create_key()
    valid = requests(key.public_id)
    before = None
    answers: dict[str, int] = {}
    for number, chance in enumerate(rounds(full, small=60)):
        data = line(valid, chance)
        if key.public_id.encode() in data and b"keys.revoke" in data:
            continue
        kept = keep(tmp_path, "fuzzed.bin", data)
        if chance.random() < 0.1:
            leave_early(gateway, data, chance)
            continue
        answer = control.send(gateway, data + b"\n", timeout=20)
        word = "close"
        if answer:
            # What follows the first line is no request any more.
            reply = json.loads(answer)
            assert answer.endswith(b"\n") and answer.count(b"\n") == 1, (answer, kept)
            word = "ok" if reply["ok"] else reply["error"]["code"]
            assert word != "internal_error", (answer, kept)
        answers[word] = answers.get(word, 0) + 1
        if number % 100 == 0:
            assert gateway.is_alive(), kept
            before = before or (number >= 2000 and gateway.memory_mib()) or None
    assert control.ask(gateway, "reload")["ok"]
    assert chat.ask(gateway, key).status == 200
    growth = gateway.memory_mib() - before if before else 0
    print(f"{answers}, grown by {growth:.1f} MiB", flush=True)
    assert growth < MAX_GROWTH_MIB


def leave_early(gateway: Gateway, data: bytes, chance) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(gateway.socket_path))
        with suppress(OSError):
            connection.sendall(data[: chance.randrange(len(data) + 1)])
