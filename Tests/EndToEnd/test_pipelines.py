"""Many requests in a row on one connection: no stack, no memory and no other caller pays for them."""

import socket
import time

import pytest
from support import chat
from support.client import Client
from support.gateway import Gateway, Key

UNKNOWN_KEY = {"Authorization": "Bearer gwk_AAAAAAAAAAAAAAAA.unknown"}
NOTHING = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
BOUND_MIB = 150


def send_for(client: Client, data: bytes, seconds: float) -> int:
    """Sends as much as possible for a while; returns the number of bytes."""
    client.socket.settimeout(1)
    sent, end = 0, time.monotonic() + seconds
    while time.monotonic() < end and sent < 256 << 20:
        try:
            sent += client.socket.send(data)
        except (TimeoutError, ConnectionError):
            break
    return sent


def test_thousands_at_once_are_answered_in_order(gateway: Gateway) -> None:
    count = 5000
    with Client(gateway.port) as client:
        # The key is not cached, so all other requests wait behind the first.
        first = "GET /v1/models HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: {Authorization}\r\n\r\n"
        client.send(first.format(**UNKNOWN_KEY).encode() + NOTHING * count)
        assert [client.read_answer().status for _ in range(count + 1)] == [401] + [404] * count
    assert gateway.is_alive()


def test_a_client_that_reads_no_answer_gets_no_further_ones(gateway: Gateway) -> None:
    with Client(gateway.port, receive_buffer=4096) as client:
        send_for(client, NOTHING * 2000, seconds=4)
        assert gateway.memory_mib() < BOUND_MIB
    assert gateway.is_alive()


@pytest.mark.parametrize(
    "head",
    [
        b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nHost: gateway.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
    ids=["CONNECT", "Upgrade"],
)
def test_what_follows_another_protocol_is_not_kept(gateway: Gateway, head: bytes) -> None:
    with Client(gateway.port) as client:
        client.send(head)
        send_for(client, b"x" * (1 << 20), seconds=4)
        assert gateway.memory_mib() < BOUND_MIB
    assert gateway.is_alive()


def test_an_offered_upgrade_ends_the_connection_after_the_answer(gateway: Gateway, key: Key) -> None:
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAoAAAAAIAAAAA"}
    with Client(gateway.port) as client:
        client.send_request("GET", "/v1/models", chat.headers(key) | offer)
        answer = client.read_answer()
        assert answer.status == 200 and answer.header("connection") == "close"
        assert client.is_closed_by_peer()


def test_the_last_of_several_gets_its_complete_answer(gateway: Gateway, key: Key) -> None:
    """Bytes that the client pipelined behind its last request must not destroy the answer to that request."""
    with Client(gateway.port) as client:
        client.send_request("GET", "/v1/models", chat.headers(key, Connection="close"))
        client.send(NOTHING * 100)
        time.sleep(0.2)  # the answer waits in the socket, unread
        assert client.read_answer().status == 200
        client.socket.settimeout(10)
        with pytest.raises((EOFError, socket.timeout)):
            client.read_answer()
