"""The refresh of the price list, from a server on this machine that honours tags, hangs, redirects and lies."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import answers, documents, wait
from support.databases import Database
from support.gateway import Gateway
from support.upstream import Behaviour, Call, FakeUpstream

MODELS = {f"model-{number}": {"cost": {"input": number + 1, "output": 10}} for number in range(10)}


def price_list(**models: dict) -> dict:
    return {"openai": {"models": MODELS | models}}


def tagged(document: dict, tag: str = '"one"') -> Behaviour:
    """Sends the list, or 304 to those that have it."""

    async def behave(call: Call) -> None:
        if call.request.header("if-none-match") == tag:
            await call.send(b"HTTP/1.1 304 Not Modified\r\nETag: " + tag.encode() + b"\r\n\r\n")
        else:
            await answers.whole(document, headers=[("ETag", tag)])(call)

    return behave


@pytest.fixture
def source() -> Iterator[FakeUpstream]:
    upstream = FakeUpstream(tagged(price_list()))
    yield upstream
    upstream.stop()


def document(source: FakeUpstream, upstream_port: int, **catalog) -> dict:
    """A gateway with a route whose price is in the list."""
    listed = documents.provider("listed", upstream_port, pricing_provider_id="openai")
    route = {"provider": "listed", "upstream_model": "model-1"}
    settings = {"url": f"http://127.0.0.1:{source.port}/list.json", "refresh_minutes": 0, "timeout_seconds": 3}
    return {
        "accounting": {"catalog": settings | catalog},
        "providers": [listed],
        "models": [{"id": "chat", "routes": [route]}],
    }


@pytest.fixture
def running(make_gateway, source: FakeUpstream, upstream: FakeUpstream) -> Gateway:
    return make_gateway(document(source, upstream.port)).start()


def refresh(gateway: Gateway) -> tuple[int, dict, str]:
    done = gateway.command("prices", "refresh", "--json")
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 else {}, done.stderr


def shown_input(gateway: Gateway, model: str = "model-1") -> str:
    done = gateway.command("prices", "show", "openai", model, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["rates"][0]["rates"]["input_uncached"]


def routed_price(gateway: Gateway) -> dict:
    key = gateway.create_key(f"key-{time.monotonic_ns()}")
    done = gateway.command("explain", "--key", key.public_id, "--model", "chat", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["routes"][0]["price"]


def test_a_refresh_changes_prices_and_says_so(running: Gateway, source: FakeUpstream) -> None:
    assert routed_price(running)["status"] == "unpriced"
    code, result, _ = refresh(running)
    assert (code, result["updated"]) == (0, True)
    price = routed_price(running)
    assert (price["status"], price["rates"][0]["rates"]["input_uncached"]) == ("priced", "2.00")
    assert price["source"].startswith(f"127.0.0.1:{source.port}/list.json 20")
    source.behaviour = tagged(
        price_list(**{"model-1": {"cost": {"input": 7, "output": 10}}, "new": MODELS["model-2"]}), '"two"'
    )
    code, result, _ = refresh(running)
    assert result["repriced"] == {"count": 1, "first": ["openai/model-1"]}
    assert result["added"] == {"count": 1, "first": ["openai/new"]}
    assert routed_price(running)["rates"][0]["rates"]["input_uncached"] == "7.00"
    rows = running.database.query(
        "SELECT effective_from, effective_until FROM model_pricing WHERE upstream_model = 'model-1' ORDER BY 1"
    )
    assert len(rows) == 2 and rows[0][1] == rows[1][0] and rows[1][1] is None


def test_the_tag_is_sent_back_and_spares_the_list(running: Gateway, source: FakeUpstream) -> None:
    refresh(running)
    [before] = running.database.query("SELECT etag, fetched_at, checked_at FROM price_catalog")
    code, result, _ = refresh(running)
    assert (code, result["updated"]) == (0, False)
    assert [request.header("if-none-match") for request in source.requests] == [None, '"one"']
    [after] = running.database.query("SELECT etag, fetched_at, checked_at FROM price_catalog")
    assert after[:2] == before[:2] and after[2] > before[2]


def test_without_a_gateway_the_command_does_it(make_gateway, source: FakeUpstream, upstream: FakeUpstream) -> None:
    gateway = make_gateway(document(source, upstream.port))
    assert gateway.command("migrate").returncode == 0 and gateway.command("seed-config").returncode == 0
    code, result, error = refresh(gateway)
    assert (code, result["updated"]) == (0, True), error
    assert gateway.database.query("SELECT count(*) FROM model_pricing") == [(1,)]
    assert shown_input(gateway) == "2.00"
    gateway.start()
    assert routed_price(gateway)["rates"][0]["rates"]["input_uncached"] == "2.00"


def test_the_commands_show_the_fetched_list_and_say_which(running: Gateway, source: FakeUpstream) -> None:
    before = running.command("prices", "list")
    assert before.stdout.startswith("models.dev ")
    refresh(running)
    after = running.command("prices", "list")
    assert after.stdout.splitlines()[0].startswith(f"127.0.0.1:{source.port}/list.json 20")
    assert after.stdout.splitlines()[1:] == ["openai"]
    running.config_path.rename(running.folder / "elsewhere.yaml")
    without = running.command("prices", "show", "openai", "gpt-5-mini")
    assert without.returncode == 0 and "models.dev" in without.stdout and "that of the release" in without.stderr
    (running.folder / "elsewhere.yaml").rename(running.config_path)


def test_a_broken_entry_is_left_out(running: Gateway, source: FakeUpstream) -> None:
    source.behaviour = tagged(price_list(bad={"cost": {"input": -1, "output": 1}}))
    code, result, _ = refresh(running)
    assert (code, result["updated"], result["left_out"]["count"]) == (0, True, 1)
    assert "openai/bad: has a negative price" in result["left_out"]["first"]
    assert shown_input(running) == "2.00"


async def redirect(call: Call) -> None:
    target = f"Location: http://{call.request.header('host')}/elsewhere"
    await call.send(f"HTTP/1.1 302 Found\r\n{target}\r\nContent-Length: 0\r\n\r\n".encode())


async def hang(call: Call) -> None:
    await call.until_gone()


async def hang_within(call: Call) -> None:
    await call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    await call.until_gone()


async def cut(call: Call) -> None:
    await call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    call.close()


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (answers.whole(b"<html>sorry</html>"), "not a JSON object of providers"),
        (answers.whole(b'{"openai":{"models":{"a":{"cost":{"input":1,"output":2}}'), "not a JSON object of providers"),
        (answers.whole(b"\xff\xfe\x00" * 100), "not a JSON object of providers"),
        (answers.whole({}), "no prices"),
        (answers.whole({"openai": {"models": {"a": MODELS["model-1"]}}}), "less than half"),
        (answers.whole(b"", status=500), "status 500"),
        (answers.whole(b"", status=304), "status 304"),
        (redirect, "status 302; redirects are not followed"),
        (hang, "within 3"),
        (hang_within, "within 3"),
        (cut, "broken"),
    ],
    ids=["html", "torn", "bytes", "empty", "shrunk", "500", "304", "redirect", "hang", "hang-within", "cut"],
)
def test_what_is_no_list_is_refused_and_the_one_before_stays(
    running: Gateway, source: FakeUpstream, behaviour: Behaviour, reason: str
) -> None:
    refresh(running)
    stored = running.database.query("SELECT source, content, fetched_at, checked_at FROM price_catalog")
    running.database.execute("UPDATE price_catalog SET etag = NULL")
    source.reset(behaviour)
    code, _, error = refresh(running)
    assert code == 1 and reason in error and "the one before stays" in error, error
    assert running.database.query("SELECT source, content, fetched_at, checked_at FROM price_catalog") == stored
    assert shown_input(running) == "2.00" and running.is_alive()
    assert [request.target for request in source.requests] == ["/list.json"]


@pytest.mark.parametrize("announced", [True, False])
def test_a_huge_list_is_refused_while_it_is_read(running: Gateway, source: FakeUpstream, announced: bool) -> None:
    sent = 0

    async def flood(call: Call) -> None:
        nonlocal sent
        framing = b"Content-Length: 104857600" if announced else b"Transfer-Encoding: chunked"
        await call.send(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n")
        part = b" " * (1 << 20)
        for _ in range(100):
            await (call.send(part) if announced else call.chunk(part))
            sent += 1

    refresh(running)
    before = running.memory_mib("VmHWM")
    running.database.execute("UPDATE price_catalog SET etag = NULL")
    source.behaviour = flood
    code, _, error = refresh(running)
    assert code == 1 and "more than 33554432 bytes" in error, error
    assert sent < 60, "the gateway reads on"
    assert running.memory_mib("VmHWM") - before < 120
    assert shown_input(running) == "2.00"


def test_the_background_refresh_fetches_at_the_start_and_no_second_gateway_does(
    make_gateway, source: FakeUpstream, upstream: FakeUpstream, database: Database, tmp_path: Path
) -> None:
    first = make_gateway(document(source, upstream.port, refresh_minutes=60), database).start()
    first.expect_log("The price list is refreshed.")
    wait.until(lambda: routed_price(first)["status"] == "priced", "the route has its price")
    other = document(source, upstream.port, refresh_minutes=60)
    other["accounting"]["journal"] = {"path": str(tmp_path / "other-journal")}
    second = make_gateway(other, database).start()
    assert routed_price(second)["rates"][0]["rates"]["input_uncached"] == "2.00"
    time.sleep(1)  # The refresh would begin within 200 ms.
    assert len(source.requests) == 1
    # What one fetches, the other uses.
    source.behaviour = tagged(price_list(**{"model-1": {"cost": {"input": 9, "output": 1}}}), '"two"')
    assert refresh(first)[0] == 0
    wait.until(lambda: routed_price(second)["rates"][0]["rates"]["input_uncached"] == "9.00", "the other follows")


def test_the_next_start_uses_the_fetched_list(make_gateway, source: FakeUpstream, upstream: FakeUpstream) -> None:
    gateway = make_gateway(document(source, upstream.port)).start()
    refresh(gateway)
    gateway.stop()
    gateway.database.execute("DELETE FROM model_pricing")
    gateway.start()
    assert routed_price(gateway)["rates"][0]["rates"]["input_uncached"] == "2.00"
    assert len(source.requests) == 1


def test_a_failing_refresh_is_one_warning_and_requests_go_on(
    make_gateway, source: FakeUpstream, upstream: FakeUpstream
) -> None:
    source.behaviour = hang
    gateway = make_gateway(document(source, upstream.port, refresh_minutes=60, timeout_seconds=1)).start()
    key = gateway.create_key()
    source.wait_for_request()
    answer = gateway.request(
        "POST", "/v1/chat/completions", b'{"model":"chat","messages":[]}', {"authorization": f"Bearer {key.text}"}
    )
    assert answer.status == 200
    gateway.expect_log("Could not refresh the prices")
    assert gateway.log().count("Could not refresh the prices") == 1


def test_a_gateway_stops_at_once_during_a_refresh(make_gateway, source: FakeUpstream, upstream: FakeUpstream) -> None:
    source.behaviour = hang
    gateway = make_gateway(document(source, upstream.port, refresh_minutes=60, timeout_seconds=60)).start()
    source.wait_for_request()
    began = time.monotonic()
    gateway.terminate()
    assert gateway.wait(10) == 0 and time.monotonic() - began < 5


def test_a_gateway_whose_routes_need_no_list_fetches_none(
    make_gateway, source: FakeUpstream, upstream: FakeUpstream
) -> None:
    free = document(source, upstream.port, refresh_minutes=60)
    free["models"][0]["routes"][0]["pricing"] = "free"
    gateway = make_gateway(free).start()
    time.sleep(1)  # The refresh would begin within 200 ms.
    assert source.requests == [] and gateway.is_alive()
