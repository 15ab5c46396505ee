"""`egress.proxy`: providers are reached through a proxy's tunnels, except for those of `no_proxy`."""

import base64
import socket
import threading
from collections.abc import Iterator

import pytest
from support import chat
from support.chat import check_error
from support.gateway import Gateway

CREDENTIALS = "proxyuser:canary-proxy-password"


class ConnectProxy:
    """Makes tunnels for those who know `CREDENTIALS`, and records what it was asked for."""

    def __init__(self):
        self.heads: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        self.heads.append(head.decode())
        if base64.b64encode(CREDENTIALS.encode()).decode() not in self.heads[-1]:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
            client.close()
            return
        host, _, port = head.split()[1].decode().rpartition(":")
        with socket.create_connection((host, int(port))) as target:
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_copy, args=(target, client), daemon=True)
            back.start()
            _copy(client, target)
            back.join()

    def close(self) -> None:
        self._listener.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    proxy = ConnectProxy()
    yield proxy
    proxy.close()


def through(make_gateway, document: dict, proxy: ConnectProxy, credentials: str = CREDENTIALS, **more) -> Gateway:
    document["egress"] = {"proxy": f"http://127.0.0.1:{proxy.port}", "credentials": "env.PROXY"} | more
    gateway: Gateway = make_gateway(document, PROXY=credentials)
    gateway.secrets.append(credentials.partition(":")[2])
    return gateway.start()


def test_requests_go_through_the_proxy(make_gateway, standard_document, proxy, upstream) -> None:
    gateway = through(make_gateway, standard_document, proxy)
    key = gateway.create_key()
    for stream in (False, True):
        assert chat.ask(gateway, key, chat.body(stream=stream)).status == 200
    assert proxy.heads[0].startswith(f"CONNECT 127.0.0.1:{upstream.port} HTTP/1.1\r\n")
    assert len(upstream.requests) == 2
    assert all("proxy-authorization" not in str(request).lower() for request in upstream.requests)


def test_hosts_of_no_proxy_do_not(make_gateway, standard_document, proxy, upstream) -> None:
    gateway = through(make_gateway, standard_document, proxy, no_proxy=["127.0.0.0/8"])
    assert chat.ask(gateway, gateway.create_key()).status == 200
    assert not proxy.heads


def test_wrong_credentials_are_named_in_the_log(make_gateway, standard_document, proxy, upstream) -> None:
    gateway = through(make_gateway, standard_document, proxy, "proxyuser:another-canary-password")
    answer = chat.ask(gateway, gateway.create_key())
    check_error(answer, 502, "upstream_unreachable")
    assert "wants credentials for CONNECT (407)" in gateway.log_line(answer.header("x-request-id"))
    assert not upstream.requests


def test_a_proxy_of_the_environment_is_told(make_gateway, standard_document) -> None:
    gateway: Gateway = make_gateway(standard_document, HTTPS_PROXY="http://u:canary-environment@127.0.0.1:9")
    gateway.secrets.append("canary-environment")
    gateway.start()
    assert "HTTPS_PROXY is set, but providers are reached directly" in gateway.log()
    assert chat.ask(gateway, gateway.create_key()).status == 200
