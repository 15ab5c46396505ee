"""Requests for a chat completion as bytes, and checks of their answers."""

import json

from .client import Answer, Client, events
from .documents import PROMPT
from .gateway import Gateway, Key

PATH = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": PROMPT}]
# The headers of a caller with a well-formed, unknown key.
STRANGER = {"Authorization": "Bearer gwk_0123456789abcdef." + "x" * 43}


def headers(key: Key, **more: str) -> dict[str, str]:
    extra = {name.replace("_", "-"): value for name, value in more.items()}
    return {"Authorization": f"Bearer {key.text}", "Content-Type": "application/json"} | extra


def body(model: str = "chat", **fields) -> bytes:
    return json.dumps({"model": model, "messages": MESSAGES} | fields).encode()


def ask(gateway: Gateway, key: Key, data: bytes | None = None, timeout: float = 20, **more: str) -> Answer:
    """Sends one request on a new connection; returns the complete answer."""
    return gateway.request("POST", PATH, body() if data is None else data, headers(key, **more), timeout)


def last_error(answer: Answer) -> dict:
    """The `error` of the stream's last event; there must be no `[DONE]` anywhere."""
    found = events(answer.body)
    assert "[DONE]" not in found
    return json.loads(found[-1])["error"]


def begin(gateway: Gateway, key: Key, data: bytes, timeout: float = 20, receive_buffer: int | None = None) -> Client:
    """Sends a request; the test reads the answer."""
    client = Client(gateway.port, timeout, receive_buffer)
    client.send_request("POST", PATH, headers(key), data)
    return client


def documents(answer: Answer) -> list[dict]:
    """The JSON events of a stream, without `[DONE]`."""
    return [json.loads(data) for data in events(answer.body) if data != "[DONE]"]


def content(answer: Answer) -> str:
    deltas = (choice["delta"] for document in documents(answer) for choice in document["choices"])
    return "".join(delta.get("content") or "" for delta in deltas)


def check_error(answer: Answer, status: int, code: str) -> dict:
    """The answer is exactly the error envelope; returns its `error`."""
    assert (answer.status, answer.header("content-type")) == (status, "application/json"), answer
    document = answer.json()
    assert list(document) == ["error"], document
    error = document["error"]
    assert set(error) == {"message", "type", "code", "param", "request_id"}, error
    assert error["code"] == code, error
    assert error["message"] and error["type"], error
    assert error["request_id"] == answer.header("x-request-id"), answer
    return error


def check_truncated(answer: Answer) -> dict:
    """The stream ends with an error event and without `[DONE]`; returns the `error`."""
    error = last_error(answer)
    assert error["code"] == "upstream_stream_truncated", error
    return error
