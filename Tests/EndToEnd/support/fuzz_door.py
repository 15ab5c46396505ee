"""Random and mutated requests for the listener: what a number stands for is always the same."""

import gzip
import json
import random
import socket
import struct
import zlib
from contextlib import suppress

METHODS = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "CONNECT", "TRACE", "PRI", "get", "X" * 40]
PATHS = [
    "/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/models", "/v1/models/chat", "/v1/models/%ff%00",
    "/healthz", "/readyz", "/health", "/", "/api/hello", "/api/x", "/admin", "/openai/v1/chat/completions",
    "/openai/deployments/chat/chat/completions?api-version=1", "/openai/deployments//embeddings", "/openai/",
    "http://x/v1/models", "https://u:p@[::1]:1/v1/models?x", "http://", "*", "x:443", "/v1/../v1/models", "/%",
]  # fmt: skip
HEADERS = [
    "Host: x", "Host: y", "Host:", "Content-Length: 0", "Content-Length: 5", "Content-Length: 5 ", "Content-Length: -1",
    "Content-Length: 99999999999999999999", "Content-Length: 5, 5", "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked", "Transfer-Encoding:\tchunked ", "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding : chunked", "Connection: close", "Connection: keep-alive, x", "Connection: upgrade",
    "Upgrade: websocket", "Upgrade: h2c", "Expect: 100-continue", "Expect: x", "Content-Type: application/json",
    "Content-Type: text/plain", "Content-Encoding: gzip", "Content-Encoding: zstd", "Content-Encoding: deflate",
    "Content-Encoding: br", "Origin: https://x", "Access-Control-Request-Headers: a,b", "If-None-Match: *, \"x\"",
    "X-Request-Id: \x01", "X-Gateway-Tags: a=b; c", "X-Gateway-Service: ü", "Session-Id: x y", "User-Agent:",
    "Originator: " + "o" * 400, "X-Long: " + "x" * 5000, " folded: x", "\tfolded", "no colon", ": no name", "A: \0",
    "Authorization: Bearer sk-x", "X-Api-Key: gwk_x", "Api-Key: ", "Authorization: Basic x", "TE: trailers",
    "Trailer: x", "Cookie: a=b", "Accept-Encoding: gzip", "\x80\xff: x", "X: \r y",
]  # fmt: skip
TOKENS = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b"0\r\n\r\n",
    b"HTTP/1.1",
    b"HTTP/2.0",
    b"ffffffffffffffff",
    b"%",
]


class Case:
    """What one connection sends, in which parts, and how it ends."""

    def __init__(self, number: int, key: str):
        self.number, self._key = number, key
        self._random = random.Random(number)
        data = b"".join(self._request() for _ in range(self._random.choice([1, 1, 1, 2, 3, 8])))
        for _ in range(self._random.choice([0] * 20 + [1, 1, 2, 5, 20])):
            data = self._mutate(data)
        self.parts = self._split(data)
        self.end = self._random.choice(["read", "read", "read", "half close", "close", "reset"])

    def _request(self) -> bytes:
        pick = self._random
        if pick.random() < 0.05:
            return pick.randbytes(pick.randrange(1, 2000))
        method = pick.choice(METHODS) if pick.random() < 0.08 else pick.choice(["GET", "POST", "POST"])
        path = pick.choice(PATHS[:4] if method == "POST" and pick.random() < 0.6 else PATHS)
        version = pick.choice(["HTTP/1.1"] * 60 + ["HTTP/1.0", "HTTP/1.2", "HTTP/3", "", "http/1.1"])
        lines = [f"{method} {path} {version}"]
        if pick.random() < 0.97:
            lines.append("Host: x")
        if pick.random() < 0.9:
            lines.append(f"Authorization: Bearer {self._key}")
        body, framing = self._body()
        if method != "GET" or pick.random() < 0.2:
            lines += ["Content-Type: application/json", *framing]
        else:
            body = b""
        lines += pick.sample(HEADERS, pick.choice([0] * 8 + [1, 1, 2, 6]))
        if pick.random() < 0.02:
            lines += [f"X-{n}: y" for n in range(pick.randrange(400))]
        if pick.random() < 0.05:
            pick.shuffle(lines)
        return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body

    def _body(self) -> tuple[bytes, list[str]]:
        pick = self._random
        document = {
            "model": pick.choice(["chat"] * 6 + ["simulated"] * 4 + ["unknown", "tag:x", "", 5, None]),
            "messages": [{"role": "user", "content": "x" * pick.choice([1, 100, 5000])}],
            "input": pick.choice(["x", ["x"], [1], [], {}, None]),
            "stream": pick.choice([False, True, True, None] * 3 + ["x"]),
        }
        for name in pick.sample(list(document), pick.choice([0, 0, 0, 0, 1, 2])):
            del document[name]
        body = json.dumps(document).encode()
        if pick.random() < 0.1:
            body = self._mutate(body)
        framing: list[str] = []
        if pick.random() < 0.2:
            coding = pick.choice(["gzip", "deflate", "zstd", "x-gzip"])
            body = gzip.compress(body * pick.choice([1, 1, 100]), mtime=0) if "gzip" in coding else zlib.compress(body)
            if pick.random() < 0.4:
                body = self._mutate(body)
            framing.append(f"Content-Encoding: {coding}")
        if pick.random() < 0.3:
            return self._chunked(body), [*framing, "Transfer-Encoding: chunked"]
        return body, [*framing, f"Content-Length: {len(body) + pick.choice([0] * 40 + [-1, 1, 1000])}"]

    def _chunked(self, body: bytes) -> bytes:
        chunks = b""
        while body:
            part, body = body[: (size := self._random.randrange(1, 400))], body[size:]
            extension = self._random.choice([b""] * 8 + [b";x=y", b";" + b"x" * 300, b" "])
            chunks += b"%x%s\r\n%s\r\n" % (len(part), extension, part)
        return chunks + b"0\r\n" + self._random.choice([b"", b"", b"Trailer: x\r\n", b"bad\r\n"]) + b"\r\n"

    def _mutate(self, data: bytes) -> bytes:
        pick = self._random
        at = pick.randrange(len(data) + 1)
        to = min(len(data), at + pick.choice([0, 1, 1, 2, 10, 100]))
        match pick.randrange(6):
            case 0:
                return data[:at] + data[to:]
            case 1:
                return data[:at] + pick.choice(TOKENS) + data[to:]
            case 2:
                return data[:to] + data[at:]
            case 3:
                return data[:at] + pick.randbytes(to - at) + data[to:]
            case 4:
                return data[:at]
            case _:
                return data[:at] + bytes(byte ^ 1 << pick.randrange(8) for byte in data[at:to]) + data[to:]

    def _split(self, data: bytes) -> list[bytes]:
        cuts = sorted(self._random.randrange(len(data) + 1) for _ in range(self._random.choice([0, 0, 0, 1, 5, 30])))
        return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True) if a < b]

    def run(self, port: int) -> bytes:
        """Sends it; returns what came back within a moment."""
        received = b""
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection, suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for part in self.parts:
                connection.sendall(part)
            if self.end == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if self.end in ("close", "reset"):
                return received
            if self.end == "half close":
                connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.15)
            while data := connection.recv(1 << 16):
                received += data
        return received
