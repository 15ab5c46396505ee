"""Mutated answers of a provider: each request ends with an answer, and none with a crash, an internal error or a
secret."""

import json
import random
import threading
from collections import Counter

from support import answers, chat
from support.documents import TOKEN, model, provider
from support.fuzzing import MAX_GROWTH_MIB, keep, rounds
from support.gateway import Gateway, Key
from support.mutations import mutate_bytes
from support.upstream import Call, FakeUpstream

HEADS = [
    b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK", b"HTTP/1.1 400 Bad Request", b"HTTP/1.1 429 Too Many",
    b"HTTP/1.1 500 Oops", b"HTTP/1.1 403 No", b"HTTP/1.1 404 Not Found", b"HTTP/1.1 413 Large", b"HTTP/1.1 204 None",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", b"HTTP/1.0 200 OK", b"HTTP/1.1 301 Moved", b"HTTP/1.1 999 X",
]  # fmt: skip
TYPES = [b"application/json", b"text/event-stream", b"text/plain", b"text/html", b"application/octet-stream", b""]
EXTRA = [
    b"Retry-After: 1", b"Retry-After: 0.2", b"retry-after-ms: 5", b"Retry-After: Fri, 31 Dec 1999 23:59:59 GMT",
    b"Connection: close", b"Content-Encoding: gzip", b"Location: http://127.0.0.1:1/", b"X: y", b"Set-Cookie: a=b",
    b"Content-Length: 5", b"Transfer-Encoding: gzip, chunked", b": none", b"X-Long: " + b"x" * 9000,
]  # fmt: skip
RESPONSE = {"id": "resp_1", "object": "response", "status": "completed", "output": [], "model": "m"}
VECTORS = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}], "model": "m"}
KINDS = ["response.created", "response.output_text.delta", "response.completed"]


def response_event(number: int, kind: str) -> bytes:
    document = {"type": kind, "sequence_number": number, "response": RESPONSE}
    return f"event: {kind}\ndata: {json.dumps(document)}\n\n".encode()


BODIES = [
    json.dumps(answers.completion()).encode(),
    json.dumps({"error": {"message": f"no {TOKEN}", "type": "x", "code": "y", "param": None}}).encode(),
    json.dumps({"detail": [{"loc": ["body"], "msg": "field required"}]}).encode(),
    json.dumps(VECTORS).encode(),
    json.dumps(RESPONSE).encode(),
    b"".join([*answers.words(), answers.event(answers.chunk(finish="stop")), answers.usage(), answers.DONE]),
    b"".join(response_event(number, kind) for number, kind in enumerate(KINDS)),
]
REQUESTS = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "x"}]},
    "/v1/responses": {"input": "x"},
    "/v1/embeddings": {"input": "x"},
}
WORKERS = 4


# The body that fits, by path and stream.
FITTING = {
    ("/v1/chat/completions", False): BODIES[0],
    ("/v1/chat/completions", True): BODIES[5],
    ("/v1/responses", False): BODIES[4],
    ("/v1/responses", True): BODIES[6],
    ("/v1/embeddings", False): BODIES[3],
}


def answer(chance: random.Random, path: str, is_stream: bool) -> list[bytes]:
    """The parts of an answer, which fits the request more often than not."""
    fits = chance.random() < 0.7
    body = FITTING[path, is_stream] if fits else chance.choice(BODIES)
    for _ in range(chance.choice([0, 0, 1, 1, 2, 5])):
        body = mutate_bytes(body, chance)
    lines = [HEADS[0] if fits else chance.choice(HEADS)]
    if kind := TYPES[is_stream] if fits else chance.choice(TYPES):
        lines.append(b"Content-Type: " + kind)
    lines += chance.sample(EXTRA, chance.choice([0, 0, 0, 0, 1, 2]))
    if chance.random() < 0.6:
        lines.append(b"Transfer-Encoding: chunked")
        cuts = sorted(chance.randrange(len(body) + 1) for _ in range(chance.choice([0, 1, 3])))
        parts = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True) if a < b]
        framed = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
        if chance.random() < 0.9:
            framed.append(b"0\r\n\r\n")
    else:
        lines.append(b"Content-Length: %d" % (len(body) + chance.choice([0] * 8 + [-1, 1, 10**18])))
        framed = [body]
    data = [b"\r\n".join(lines) + b"\r\n\r\n", *framed]
    if chance.random() < 0.2:
        position = chance.randrange(len(data))
        data[position] = mutate_bytes(data[position], chance)
    return data


class Fuzz:
    def __init__(self, gateway: Gateway, key: Key, upstream: FakeUpstream):
        self.gateway, self.key = gateway, key
        self.statuses: Counter[str] = Counter()
        self.faults: list[str] = []
        self.answers: dict[str, list[bytes]] = {}
        self._numbers, self._lock = 0, threading.Lock()
        upstream.reset(self._behave)

    async def _behave(self, call: Call) -> None:
        parts = self.answers[json.loads(call.request.body)["user"]]
        for part in parts:
            await call.send(part)
        call.close()

    def round(self, chance: random.Random) -> None:
        with self._lock:
            self._numbers += 1
            name = str(self._numbers)
        path, is_stream = chance.choice(list(FITTING))
        self.answers[name] = answer(chance, path, is_stream)
        body = {"model": "fuzzed", "user": name} | REQUESTS[path]
        if is_stream:
            body["stream"] = True
        try:
            received = self.gateway.request("POST", path, json.dumps(body).encode(), chat.headers(self.key))
            status, text = str(received.status), received.body
        except (EOFError, ConnectionError, ValueError) as error:
            # A stream whose provider broke off may end without its last chunk, and that is how the caller knows.
            status, text = type(error).__name__, b""
        self.statuses[status] += 1
        if TOKEN.encode() in text or b"internal_error" in text or not self.gateway.is_alive():
            self.faults.append(f"{path} {is_stream}: {self.answers[name]!r} gave {status} {text[:400]!r}")
        del self.answers[name]


def test_mutated_answers(make_gateway, standard_document: dict, upstream: FakeUpstream, full: bool, tmp_path) -> None:
    document = standard_document | {"routing": {"max_attempts": 2, "cooldown": {"failures": 1000, "seconds": 0.1}}}
    timeouts = {"connect_ms": 2000, "head_ms": 3000, "stream_head_ms": 3000, "idle_ms": 3000}
    document["providers"] = [*document["providers"], provider("fuzzed", upstream.port, timeouts=timeouts)]
    document["models"] = [*document["models"], model("fuzzed", "fuzzed")]
    gateway: Gateway = make_gateway(document | {"server": {"log_level": "warning"}}).start()
    key = gateway.create_key()
    fuzz = Fuzz(gateway, key, upstream)
    before = 0.0
    for number, chance in enumerate(rounds(full, 60)):
        seeds = [random.Random(chance.randrange(2**60)) for _ in range(WORKERS)]
        workers = [threading.Thread(target=fuzz.round, args=(seed,)) for seed in seeds]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        upstream.requests.clear()
        if fuzz.faults:
            keep(tmp_path, "answer", fuzz.faults[0])
            break
        # The first rounds fill caches and the allocator's arenas.
        if number == (2000 if full else 200):
            before = gateway.memory_mib()
    print(f"{fuzz.statuses.total()} answers, {dict(fuzz.statuses)}", flush=True)
    assert fuzz.faults == []
    assert {"200", "400", "502"} <= set(fuzz.statuses), "the answers are of all kinds"
    if before:
        assert gateway.memory_mib() < before + MAX_GROWTH_MIB
