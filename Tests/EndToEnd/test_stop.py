"""`kill -TERM`: readiness fails first, running requests finish or get an error at the limit, the exit code is 0."""

import json
import time
from pathlib import Path

import pytest
from support import answers, chat, wait
from support.client import Client, events
from support.gateway import Gateway
from support.upstream import FakeUpstream

STREAM = chat.body(stream=True)


def document(standard: dict, **server) -> dict:
    return standard | {"server": server}


def test_stop_lets_a_stream_finish(start_gateway, standard_document, upstream: FakeUpstream, full: bool) -> None:
    gateway: Gateway = start_gateway(document(standard_document, shutdown_grace_seconds=30))
    key = gateway.create_key()
    upstream.behaviour = answers.stream([*answers.words(100 if full else 12), answers.DONE], pace=0.1)
    with chat.begin(gateway, key, STREAM) as client:
        client.read_head()
        chunks = client.chunks()
        next(chunks)
        gateway.terminate()
        rest = b"".join(data for _, data in chunks)
    assert events(rest)[-1] == "[DONE]"
    assert gateway.wait() == 0


def test_stop_lets_a_non_streaming_response_finish(start_gateway, standard_document, upstream: FakeUpstream) -> None:
    gateway: Gateway = start_gateway(standard_document)
    key = gateway.create_key()

    async def late(call) -> None:
        await answers.asyncio.sleep(1)
        await answers.ordinary()(call)

    upstream.behaviour = late
    with chat.begin(gateway, key, chat.body()) as client:
        upstream.wait_for_request()
        gateway.terminate()
        assert client.read_answer().status == 200
    assert gateway.wait() == 0


def test_stop_ends_a_stream_with_an_error_at_the_limit(
    start_gateway, standard_document, upstream: FakeUpstream, full: bool
) -> None:
    grace = 30 if full else 1
    gateway: Gateway = start_gateway(document(standard_document, shutdown_grace_seconds=grace))
    key = gateway.create_key()
    upstream.behaviour = answers.stall_after(answers.words()[:2])
    with chat.begin(gateway, key, STREAM, timeout=60) as client:
        answer = client.read_head()
        chunks = client.chunks()
        next(chunks)
        gateway.terminate()
        began = time.monotonic()
        answer.body = b"".join(data for _, data in chunks)
    assert chat.last_error(answer)["code"] == "server_shutting_down"
    assert gateway.wait() == 0
    assert grace - 0.5 < time.monotonic() - began < grace + 5
    assert upstream.requests[0].left.wait(5)


def test_stop_answers_a_caller_that_waits_for_a_head_at_the_limit(
    start_gateway, standard_document, upstream: FakeUpstream
) -> None:
    gateway: Gateway = start_gateway(document(standard_document, shutdown_grace_seconds=1))
    key = gateway.create_key()
    upstream.behaviour = answers.stall_before_head()
    with chat.begin(gateway, key, chat.body()) as client:
        upstream.wait_for_request()
        gateway.terminate()
        chat.check_error(client.read_answer(), 503, "server_shutting_down")
    assert gateway.wait() == 0


def test_stop_is_reported_by_readiness_first(start_gateway, standard_document, upstream: FakeUpstream) -> None:
    gateway: Gateway = start_gateway(document(standard_document, shutdown_delay_seconds=3))
    key = gateway.create_key()
    assert gateway.get("/readyz").json()["status"] == "ready"
    gateway.terminate()
    wait.until(lambda: gateway.get("/readyz").status == 503, "readiness tells", seconds=2)
    assert "draining" in gateway.get("/readyz").body.decode()
    assert gateway.get("/healthz").status == 200
    # A load balancer needs a moment to notice: until then requests are still served.
    assert chat.ask(gateway, key).status == 200
    assert gateway.wait() == 0


def test_stop_does_not_wait_for_idle_connections(start_gateway, standard_document) -> None:
    gateway: Gateway = start_gateway(document(standard_document, shutdown_grace_seconds=30))
    key = gateway.create_key()
    with Client(gateway.port) as used, Client(gateway.port):
        used.send_request("GET", "/v1/models", chat.headers(key))
        assert used.read_answer().status == 200
        gateway.terminate()
        assert gateway.wait(10) == 0


def test_stop_refuses_new_connections(start_gateway, standard_document, upstream: FakeUpstream) -> None:
    gateway: Gateway = start_gateway(document(standard_document, shutdown_grace_seconds=30))
    key = gateway.create_key()
    upstream.behaviour = answers.stream([*answers.words(20), answers.DONE], pace=0.1)
    with chat.begin(gateway, key, STREAM) as client:
        client.read_head()
        gateway.terminate()

        def is_closed() -> bool:
            try:
                return gateway.get("/healthz").status == 503
            except (ConnectionError, EOFError):
                return True

        assert wait.until(is_closed, "new connections are refused") < 2
        assert events(b"".join(data for _, data in client.chunks()))[-1] == "[DONE]"
    assert gateway.wait() == 0
    with pytest.raises(ConnectionError):
        gateway.get("/healthz")


@pytest.mark.parametrize("shared", ["bind", "control_socket"])
def test_two_gateways_do_not_share(start_gateway, standard_document, tmp_path: Path, shared: str) -> None:
    """A second gateway with the same port or control socket ends at once with an error, without effect on the first."""
    first: Gateway = start_gateway(standard_document)
    second = Gateway(tmp_path, standard_document)
    document = json.loads(second.config_path.read_text())
    document["server"][shared] = json.loads(first.config_path.read_text())["server"][shared]
    second.config_path.write_text(json.dumps(document))
    done = second.command("serve")
    assert done.returncode == 1, done
    words = "in use" if shared == "bind" else "control_socket"
    assert words in done.stderr and "Fatal error" not in done.stderr
    assert first.is_alive() and first.create_key()
