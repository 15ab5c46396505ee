"""The control socket, as a client of any manners uses it."""

import json
import socket

from .gateway import Gateway


def send(gateway: Gateway, data: bytes, timeout: float = 10, *, half_close: bool = False) -> bytes:
    """Everything that the gateway answers; empty if it closes the connection without an answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(str(gateway.socket_path))
        answer = b""
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                answer += part
        except (BrokenPipeError, ConnectionResetError):
            pass
        return answer


def ask(gateway: Gateway, command: str, timeout: float = 10, **arguments) -> dict:
    request = {"v": 1, "command": command, "arguments": arguments}
    return json.loads(send(gateway, json.dumps(request).encode() + b"\n", timeout))
