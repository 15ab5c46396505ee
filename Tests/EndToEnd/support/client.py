"""A plain HTTP/1.1 client on a socket: it sends any bytes, valid or not, and shows each received byte and its time."""

import json
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2, f"{name} came {len(values)} times"
        return values[0] if values else None

    def json(self) -> dict:
        return json.loads(self.body)


class Client:
    """One connection. A read past its end raises `EOFError`, a read of more than `timeout` seconds `TimeoutError`."""

    def __init__(self, port: int, timeout: float = 20.0, receive_buffer: int | None = None):
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.buffer = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_request(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: gateway.test", *(f"{k}: {v}" for k, v in headers.items())]
        if body is not None and "content-length" not in (name.lower() for name in headers):
            lines.append(f"Content-Length: {len(body)}")
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b""))

    def _more(self) -> None:
        data = self.socket.recv(1 << 18)
        if not data:
            raise EOFError("the connection ended")
        self.buffer += data

    def _through(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            self._more()
        taken, _, self.buffer = self.buffer.partition(mark)
        return taken

    def _exactly(self, count: int) -> bytes:
        parts = [self.buffer[:count]]
        self.buffer, missing = self.buffer[count:], count - len(parts[0])
        while missing:
            data = self.socket.recv(min(missing, 1 << 18))
            if not data:
                raise EOFError("the connection ended within a body")
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def read_head(self) -> Answer:
        first, *lines = self._through(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, *_ = first.split(" ")
        assert version == "HTTP/1.1", first
        pairs = (line.split(":", 1) for line in lines)
        return Answer(int(status), [(name.lower(), value.strip()) for name, value in pairs])

    def chunks(self) -> Iterator[tuple[float, bytes]]:
        """The chunks of a chunked body, with the time at which each was read."""
        while size := int(self._through(b"\r\n").split(b";")[0], 16):
            data = self._exactly(size + 2)
            yield time.monotonic(), data[:-2]
        self._through(b"\r\n")

    def read_answer(self) -> Answer:
        answer = self.read_head()
        if "chunked" in (answer.header("transfer-encoding") or ""):
            answer.body = b"".join(data for _, data in self.chunks())
        elif answer.status >= 200 and answer.status not in (204, 304):
            length = answer.header("content-length")
            assert length is not None, f"an answer without a length: {answer}"
            answer.body = self._exactly(int(length))
        return answer

    def is_closed_by_peer(self) -> bool:
        """Waits for the peer to close, reading what is left. False if it stays open for the timeout."""
        try:
            while True:
                self.buffer = b""
                self._more()
        except (EOFError, ConnectionError):
            return True
        except TimeoutError:
            return False


def events(body: bytes) -> list[str]:
    """The data of each server-sent event (WHATWG HTML, 9.2.6), without an event that no blank line ends."""
    found, data = [], []
    for line in re.split("\r\n|\n|\r", body.decode().removeprefix("\ufeff")):
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            found.append("\n".join(data))
            data = []
    return found
