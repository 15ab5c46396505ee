"""Many connections: what they may take of files, processor and memory, and what is left for callers with a key."""

import resource
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from support import answers, chat, control, documents, wait
from support.client import Client
from support.gateway import Gateway
from support.upstream import FakeUpstream


def connect(stack: ExitStack, gateway: Gateway, count: int) -> list[socket.socket]:
    """Idle connections; the kernel accepts more than the gateway does."""
    opened = []
    for _ in range(count):
        connection = stack.enter_context(socket.socket())
        connection.settimeout(5)
        connection.connect(("127.0.0.1", gateway.port))
        opened.append(connection)
    return opened


def test_more_connections_than_files(make_gateway, standard_document, upstream: FakeUpstream) -> None:
    """Connections leave files for upstreams, the database and the control socket, however many there are."""
    gateway: Gateway = make_gateway(standard_document)
    gateway.open_files = 256
    gateway.start()
    assert "server.max_connections" in gateway.log(), "a warning names the limit"
    key = gateway.create_key()
    with ExitStack() as stack:
        connect(stack, gateway, 600)
        before, began = gateway.processor_seconds(), time.monotonic()
        for _ in range(10):
            answer = chat.ask(gateway, key)
            assert answer.status == 200, answer
        done = gateway.command("keys", "revoke", key.public_id)
        assert done.returncode == 0, done.stderr
        assert chat.ask(gateway, key).status == 401
        time.sleep(1)  # The subject is what an idle gateway costs.
        share = (gateway.processor_seconds() - before) / (time.monotonic() - began)
        assert share < 0.5, f"{share:.0%} of a processor"
    assert gateway.is_alive()


def test_the_system_refuses_more_files(make_gateway, standard_document, upstream: FakeUpstream) -> None:
    """At the limit of files the listener pauses; a loop that tries again without end takes a whole processor."""
    second = FakeUpstream(answers.ordinary())
    document = standard_document | {
        "routing": {"max_attempts": 1, "cooldown": {"failures": 1, "seconds": 60}},
        "providers": [*standard_document["providers"], documents.provider("second", second.port)],
        "models": [*standard_document["models"], documents.model("elsewhere", "second")],
    }
    gateway: Gateway = make_gateway(document).start()
    key = gateway.create_key()
    with Client(gateway.port) as caller:
        caller.send_request("POST", chat.PATH, chat.headers(key), chat.body())
        assert caller.read_answer().status == 200
        used = max(int(entry.name) for entry in Path(f"/proc/{gateway.process.pid}/fd").iterdir())
        resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE, (used + 4, used + 4))
        with ExitStack() as stack:
            connect(stack, gateway, 20)
            before, began = gateway.processor_seconds(), time.monotonic()
            time.sleep(2)  # The subject is what it costs meanwhile.
            share = (gateway.processor_seconds() - before) / (time.monotonic() - began)
            assert share < 0.3, f"{share:.0%} of a processor"
            caller.send_request("POST", chat.PATH, chat.headers(key), chat.body())
            assert caller.read_answer().status == 200
            # The gateway's own shortage is not the provider's failure: the route does not cool down.
            caller.send_request("POST", chat.PATH, chat.headers(key), chat.body("elsewhere"))
            chat.check_error(caller.read_answer(), 503, "overloaded")
        assert "not accepted" in gateway.log()
        wait.until(lambda: gateway.probe("/healthz") == 200, "the files are free again")
        caller.send_request("POST", chat.PATH, chat.headers(key), chat.body("elsewhere"))
        assert caller.read_answer().status == 200
    assert gateway.is_alive()
    second.stop()


def test_the_control_socket_pauses_when_the_system_refuses_more_files(make_gateway, standard_document) -> None:
    gateway: Gateway = make_gateway(standard_document).start()
    used = max(int(entry.name) for entry in Path(f"/proc/{gateway.process.pid}/fd").iterdir())
    resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE, (used + 4, used + 4))
    with ExitStack() as stack:
        for _ in range(12):
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.connect(str(gateway.socket_path))
        gateway.expect_log("control socket")
        before, began = gateway.processor_seconds(), time.monotonic()
        time.sleep(1.5)  # The subject is what it costs meanwhile: idle control connections last for 3 s.
        share = (gateway.processor_seconds() - before) / (time.monotonic() - began)
        assert share < 0.3, f"{share:.0%} of a processor"
    wait.until(lambda: gateway.probe("/healthz") == 200, "the files are free again")
    assert control.ask(gateway, "reload")["ok"], "the control socket accepts again"
    assert gateway.is_alive()


def test_half_heads_are_bounded_in_memory(make_gateway, standard_document) -> None:
    gateway: Gateway = make_gateway(standard_document).start()
    before = gateway.memory_mib()
    head = b"POST / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(58))
    with ExitStack() as stack:
        for connection in connect(stack, gateway, 1500):
            with suppress(ConnectionError):  # It may have given way.
                connection.sendall(head)
        # 1,500 heads of 58 KB took 180 MiB.
        assert gateway.memory_mib() - before < 90
        assert gateway.is_alive()
