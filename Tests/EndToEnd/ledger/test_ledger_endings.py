"""Each ending of an attempt has its row: docs/pricing-and-accounting.md, Endings."""

import json

import pytest
from support import answers, chat, wait
from support.client import Client
from support.documents import PATIENT, provider, route
from support.gateway import Gateway, Key
from support.launch import launch
from support.metering import PRICE, Meter, Row, applied, cost_of, rows, usage_of
from support.upstream import Behaviour, FakeUpstream


@pytest.fixture(scope="module")
def gateway(shared_upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory):
    document = {
        "routing": {"max_attempts": 1},
        "providers": [
            provider("p", shared_upstream.port, timeouts=PATIENT | {"head_ms": 400, "idle_ms": 400}),
            provider("absent", 9),
        ],
        "models": [
            {"id": "m", "routes": [route("p", pricing=PRICE)]},
            {"id": "free", "routes": [route("p")]},
            {"id": "unreached", "routes": [route("absent", pricing=PRICE)]},
        ],
    }
    gateway = launch(tmp_path_factory.mktemp("endings"), document)
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return gateway.create_key()


def row(gateway: Gateway, number: str) -> Row:
    """The only row of the request, once it is there."""
    wait.until(lambda: number in rows(gateway.database), f"the ledger has {number}")
    [found] = rows(gateway.database)[number]
    return found


def send(gateway: Gateway, key: Key, number: str, model: str = "m", **fields):
    return chat.ask(gateway, key, chat.body(model, **fields), x_gateway_tags=f"call={number}")


ERROR = {"error": {"message": "no", "type": "server_error"}}
PARTIAL = [*answers.words()[:2], answers.event(answers.chunk({"content": "x"}, usage=answers.USAGE))]
ENDINGS: dict[str, tuple[Behaviour, bool, tuple]] = {
    # name: what the provider does, whether a stream is asked for, (pricing, usage_source, end_reason, cost)
    "complete": (answers.ordinary(), False, ("priced", "provider_final", "complete", cost_of((9, 3)))),
    "complete-stream": (answers.ordinary(), True, ("priced", "provider_final", "complete", cost_of((9, 3)))),
    "cut-with-usage": (
        answers.stream(PARTIAL, terminated=False),
        True,
        ("priced", "provider_partial", "upstream_truncated", cost_of((9, 3))),
    ),
    "cut": (
        answers.stream(answers.words()[:3], terminated=False),
        True,
        ("priced", "estimated", "upstream_truncated", None),
    ),
    "without-usage": (
        answers.stream([*answers.words(), answers.DONE]),
        True,
        ("priced", "estimated", "complete", None),
    ),
    "silent": (answers.stall_before_head(), False, ("priced", "held_maximum", "timeout", None)),
    "refused": (answers.whole(ERROR, status=400), False, ("not_billed", None, "upstream_error", 0)),
    "failing": (answers.whole(ERROR, status=500), False, ("not_billed", None, "upstream_error", 0)),
    "limited": (answers.whole(ERROR, status=429), False, ("not_billed", None, "upstream_error", 0)),
    "fails-in-stream": (
        answers.stream([answers.event(ERROR)]),
        True,
        ("not_billed", None, "upstream_error", 0),
    ),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_an_ending_has_its_row(gateway: Gateway, key: Key, upstream: FakeUpstream, name: str) -> None:
    behaviour, is_stream, (pricing, source, reason, cost) = ENDINGS[name]
    upstream.reset(behaviour)
    send(gateway, key, name, stream=is_stream, max_tokens=50)
    found = row(gateway, name)
    assert (found.pricing, found.usage_source, found.end_reason) == (pricing, source, reason), found
    if cost is not None:
        assert found.cost == cost
    elif source == "held_maximum":
        assert found.cost == found.hold > 0
    else:
        assert 0 < found.cost < found.hold


def test_a_provider_that_is_not_reached_bills_nothing(gateway: Gateway, key: Key) -> None:
    assert send(gateway, key, "unreached", model="unreached").status == 502
    found = row(gateway, "unreached")
    assert (found.pricing, found.usage_source, found.cost) == ("not_billed", None, 0)


def test_a_free_route_is_free(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    send(gateway, key, "free", model="free")
    found = row(gateway, "free")
    assert (found.pricing, found.usage_source, found.cost, found.hold) == ("free", "provider_final", 0, 0)


def test_the_log_line_has_the_cost(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    answer = send(gateway, key, "logged")
    line = json.loads(gateway.log_line(answer.header("x-request-id")))
    assert (line["cost_usd"], line["pricing"], line["usage_source"]) == (0.000048, "priced", "provider_final")


def test_a_refused_request_has_no_row(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    assert send(gateway, key, "refused-by-gateway", model="no-such-model").status == 404
    send(gateway, key, "after")
    row(gateway, "after")
    assert "refused-by-gateway" not in rows(gateway.database)


def test_the_same_request_id_is_charged_each_time(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    times = 100
    for _ in range(times):
        answer = chat.ask(gateway, key, chat.body("m"), x_request_id="always-the-same", x_gateway_tags="call=replayed")
        assert answer.status == 200 and answer.header("x-request-id") == "always-the-same"
    wait.until(lambda: len(rows(gateway.database)["replayed"]) >= times, "all of them have a row")
    found = rows(gateway.database)["replayed"]
    assert [each.cost for each in found] == [cost_of((9, 3))] * times


@pytest.mark.parametrize("model", ["metered", "drained"])
def test_a_caller_leaves_at_every_chunk(make_gateway, model: str) -> None:
    """One row each, with its reason; the provider is stopped within a second unless it is drained."""
    with Meter(pace=0.05) as meter:
        gateway: Gateway = make_gateway(meter.document()).start()
        key = gateway.create_key()
        for chunks in range(1, 9):
            with Client(gateway.port) as client:
                body = {"model": model, "stream": True}
                body["messages"] = [{"role": "user", "content": f"stream|left-{chunks}"}]
                headers = chat.headers(key, x_gateway_tags=f"call=left-{chunks}")
                client.send_request("POST", chat.PATH, headers, json.dumps(body).encode())
                assert client.read_head().status == 200
                reading = client.chunks()
                for _ in range(chunks):
                    next(reading)
            upstream = meter.first if model == "metered" else meter.second
            request = upstream.wait_for_request(chunks)
            if model == "metered":
                assert request.left.wait(1), "the provider was not stopped within a second"
        wait.until(lambda: len(rows(gateway.database)) == 8, "each has a row")
        for number, [found] in rows(gateway.database).items():
            assert found.end_reason == "client_cancelled", (number, found)
            if model == "metered":
                assert found.usage_source == "estimated" and found.tokens[1] > 0, (number, found)
            else:
                assert (found.usage_source, found.cost) == ("provider_final", cost_of(usage_of(number))), (
                    number,
                    found,
                )


def test_a_stopped_process_goes_on_to_the_truth(make_gateway, full: bool) -> None:
    """SIGSTOP, then SIGCONT. Small form: 2 s; full: 90 s."""
    import signal
    import time

    with Meter(pace=0.05) as meter:
        gateway: Gateway = make_gateway(meter.document()).start()
        key = gateway.create_key()
        clients = []
        for number in range(8):
            client = Client(gateway.port, 200)
            body = {"model": "metered", "stream": True}
            body["messages"] = [{"role": "user", "content": f"stream|stopped-{number}"}]
            headers = chat.headers(key, x_gateway_tags=f"call=stopped-{number}")
            client.send_request("POST", chat.PATH, headers, json.dumps(body).encode())
            clients.append(client)
        wait.until(lambda: len(meter.calls) == 8, "all are under way")
        gateway.process.send_signal(signal.SIGSTOP)
        time.sleep(90 if full else 2)
        gateway.process.send_signal(signal.SIGCONT)
        for client in clients:
            assert client.read_answer().status == 200
            client.close()
        applied(gateway)
        wait.until(lambda: len(rows(gateway.database)) == 8, "each has a row")
        for number, [found] in rows(gateway.database).items():
            assert (found.usage_source, found.cost) == ("provider_final", cost_of(usage_of(number))), found


ESTIMATED = ("priced", "estimated")
# What the provider says, and (pricing, usage_source) of the row.
USAGES: dict[str, tuple[object, tuple]] = {
    "cached exceeds the prompt": (
        {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 500}},
        ("priced", "provider_final"),
    ),
    "reasoning exceeds the completion": (
        {"prompt_tokens": 10, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 99}},
        ("priced", "provider_final"),
    ),
    "the total is another": (
        {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 4000},
        ("priced", "provider_final"),
    ),
    "negative": ({"prompt_tokens": -9, "completion_tokens": 3}, ESTIMATED),
    "strings": ({"prompt_tokens": "9", "completion_tokens": "3"}, ESTIMATED),
    "a string": ("9", ESTIMATED),
    "null": (None, ESTIMATED),
    "empty": ({}, ESTIMATED),
    "half": ({"prompt_tokens": 9}, ("priced", "provider_final")),
    "half is null": ({"prompt_tokens": 9, "completion_tokens": None}, ("priced", "provider_final")),
    "fractions": ({"prompt_tokens": 9.5, "completion_tokens": 3.25}, ESTIMATED),
    "one number is the largest": ({"prompt_tokens": 2**63 - 1, "completion_tokens": 3}, ESTIMATED),
    "beyond all numbers": ({"prompt_tokens": 10**30, "completion_tokens": 1}, ESTIMATED),
}


@pytest.mark.parametrize("name", USAGES)
def test_usage_that_makes_no_sense_is_never_a_refund(
    gateway: Gateway, key: Key, upstream: FakeUpstream, name: str
) -> None:
    usage, expected = USAGES[name]
    upstream.reset(answers.whole(answers.completion(usage=usage)))
    number = f"usage-{list(USAGES).index(name)}"
    assert send(gateway, key, number).status == 200
    found = row(gateway, number)
    assert found.cost > 0 and found.end_reason == "complete"
    assert (found.pricing, found.usage_source) == expected, found
    assert gateway.is_alive()


def test_every_family_is_charged_by_its_own_names(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    """100 of input, 40 of them cached, at $2; 30 of output, 20 of them reasoning, at $10: the bill by hand."""
    response = {
        "id": "resp_1",
        "object": "response",
        "model": "x",
        "output": [],
        "usage": {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 40},
            "output_tokens": 30,
            "output_tokens_details": {"reasoning_tokens": 20},
        },
    }
    completion = answers.completion(
        usage={
            "prompt_tokens": 100,
            "prompt_tokens_details": {"cached_tokens": 40},
            "completion_tokens": 30,
            "completion_tokens_details": {"reasoning_tokens": 20},
        }
    )
    embedding = {
        "object": "list",
        "model": "x",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
        "usage": {"prompt_tokens": 100, "total_tokens": 100},
    }
    bills = [
        ("chat/completions", {"messages": chat.MESSAGES}, completion, 500_000),
        ("responses", {"input": "hi"}, response, 500_000),
        ("embeddings", {"input": "hi"}, embedding, 200_000),
    ]
    for path, fields, answer, cost in bills:
        upstream.reset(answers.whole(answer))
        number = f"family-{path.split('/')[0]}"
        headers = chat.headers(key, x_gateway_tags=f"call={number}")
        done = gateway.request("POST", f"/v1/{path}", json.dumps({"model": "m"} | fields).encode(), headers)
        assert done.status == 200, done
        found = row(gateway, number)
        assert (found.pricing, found.usage_source, found.cost) == ("priced", "provider_final", cost), (path, found)


def test_spend_is_reported_by_the_owner_of_the_key(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    send(gateway, key, "owned")
    row(gateway, "owned")
    done = gateway.command("spend", "report", "--by", "owner", "--csv")
    assert done.returncode == 0 and "team:system-legacy" in done.stdout, done
