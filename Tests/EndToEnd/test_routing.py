"""Several routes: a failing provider causes no failed request, weights are shares, and routes recover."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count

import pytest
from support import answers, chat, wait
from support.burst import burst
from support.documents import model, route
from support.explanation import explain, reason, routes
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import Behaviour, Call

CONNECTIONS = 4
FAILURES, COOLDOWN = 5, 1
ROUTING = {"cooldown": {"failures": FAILURES, "seconds": COOLDOWN}}
# A random test fails by chance once in five hundred million runs.
SIGMAS = 6


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet("failing", "limited", "good") as fleet:
        yield fleet


def start(make_gateway, fleet: Fleet, *models: dict, **routing) -> tuple[Gateway, Key]:
    """A gateway with the model `chat` over every upstream, all alike, unless `models` are given."""
    document = {
        "routing": ROUTING | routing,
        "providers": fleet.providers(),
        "models": list(models) or [{"id": "chat", "routes": fleet.routes()}],
    }
    gateway = make_gateway(document).start()
    return gateway, gateway.create_key("caller")


def fails(status: int = 500, *headers: tuple[str, str]) -> Behaviour:
    return answers.whole(
        {"error": {"message": "not now", "type": "x", "code": "y", "param": None}}, status, headers=headers
    )


def limits_half_the_time() -> Behaviour:
    """Every second answer is 429, every second of these has `Retry-After`; the others are normal."""
    numbers = count()
    turns = [fails(429, ("Retry-After", "1")), answers.ordinary(), fails(429), answers.ordinary()]

    async def behave(call: Call) -> None:
        await turns[next(numbers) % len(turns)](call)

    return behave


def takes_its_time() -> Behaviour:
    """Paced, so that the requests last for several cooldowns."""

    async def behave(call: Call) -> None:
        await asyncio.sleep(0.01)
        await answers.ordinary()(call)

    return behave


def a_cooldown_of(gateway: Gateway, key: Key, route: str) -> dict:
    """The route as `explain` shows it while it cools down. If it has recovered, further failures cool it down again."""
    shown: dict = {}

    def is_seen() -> bool:
        nonlocal shown
        burst(gateway, key, 8, connections=1)
        explanation = explain(gateway, key.public_id, "chat")
        shown = routes(explanation)[route]
        return reason(explanation, route) == "cooling_down"

    wait.until(is_seen, f"explain shows that {route} cools down", seconds=10 * COOLDOWN)
    return shown


def test_failing_routes_cost_the_caller_nothing_and_return(make_gateway, fleet: Fleet, full: bool) -> None:
    gateway, key = start(make_gateway, fleet)
    fleet.reset(failing=fails(), limited=limits_half_the_time(), good=takes_its_time())
    requests = 2000 if full else 600
    began = time.monotonic()
    answered = burst(gateway, key, requests, CONNECTIONS)
    seconds = time.monotonic() - began
    counts = fleet.counts()
    print(f"{requests} requests in {seconds:.1f} s, answered by {dict(answered)}; the upstreams got {counts}")
    assert answered.total() == requests and answered["chat/1"] == 0
    # It fails a few times, then cools down; after each cooldown one request probes it. Requests in flight come on top.
    assert FAILURES <= counts["failing"] <= FAILURES + CONNECTIONS + seconds / COOLDOWN + 1
    assert counts["limited"] >= 2 and answered["chat/2"] >= 1, "after its cooldown it is tried again"

    for name in ("chat/1", "chat/2"):
        shown = a_cooldown_of(gateway, key, name)
        assert shown["finding"].startswith("cools down until 20") and shown["setting"] == "routing.cooldown", shown
        assert shown["odds"] is None

    fleet.reset()

    def traffic_is_back() -> bool:
        return set(burst(gateway, key, 30, connections=1)) == {"chat/1", "chat/2", "chat/3"}

    wait.until(traffic_is_back, "every route gets requests again", seconds=10 * COOLDOWN)
    answered = burst(gateway, key, 300, CONNECTIONS)
    assert all(abs(number - 100) < SIGMAS * 8.2 for number in answered.values()), answered
    for view in explain(gateway, key.public_id, "chat")["routes"]:
        assert (view["kept"], view["finding"]) == (True, "is tried"), view
        assert view["odds"] == pytest.approx(1 / 3)


def test_a_route_that_is_alone_gets_every_request_however_often_it_fails(make_gateway, fleet: Fleet) -> None:
    gateway, key = start(
        make_gateway, fleet, model("chat", "failing"), max_attempts=1, cooldown={"failures": 5, "seconds": 60}
    )
    fleet.reset(failing=fails())
    for number in range(1, 13):
        chat.check_error(chat.ask(gateway, key), 502, "upstream_error")
        assert fleet.counts()["failing"] == number
    explanation = explain(gateway, key.public_id, "chat")
    assert explanation["status"] == 200
    [view] = explanation["routes"]
    assert view["kept"] and "because no other route is left" in view["finding"], view
    fleet.reset()
    assert chat.ask(gateway, key).status == 200, "it is healthy, and no request waits for the end of the cooldown"


def test_of_routes_that_cool_down_the_one_whose_cooldown_ends_first_is_tried(make_gateway, fleet: Fleet) -> None:
    gateway, key = start(make_gateway, fleet, max_attempts=3)
    seconds = {"failing": 300, "limited": 60, "good": 600}
    fleet.reset(**{name: fails(429, ("Retry-After", str(time))) for name, time in seconds.items()})
    chat.check_error(chat.ask(gateway, key), 429, "upstream_rate_limited")
    assert fleet.counts() == {"failing": 1, "limited": 1, "good": 1}
    fleet.reset()
    assert burst(gateway, key, 1) == {"chat/2": 1}
    explanation = explain(gateway, key.public_id, "chat")
    assert [each["kept"] for each in explanation["routes"]] == [False, True, False]


@pytest.fixture
def cooled_down(make_gateway, fleet: Fleet) -> tuple[Gateway, Key]:
    """`failing` is first, asked for a cooldown of a second, and the cooldown is over."""
    gateway, key = start(make_gateway, fleet, {"id": "chat", "routes": [route("failing", priority=1), route("good")]})
    fleet.reset(failing=fails(429, ("Retry-After", "1")))
    assert burst(gateway, key, 5, connections=1) == {"chat/2": 5}
    assert fleet.counts()["failing"] == 1, "a route that sends `Retry-After` cools down at once"

    def is_over() -> bool:
        return "has cooled down" in routes(explain(gateway, key.public_id, "chat"))["chat/1"]["finding"]

    wait.until(is_over, "the cooldown is over", seconds=10)
    return gateway, key


def test_one_request_probes_and_the_others_use_other_routes(cooled_down: tuple[Gateway, Key], fleet: Fleet) -> None:
    gateway, key = cooled_down
    fleet.reset(failing=answers.stall_before_head())
    with chat.begin(gateway, key, chat.body()):
        fleet["failing"].wait_for_request()
        assert burst(gateway, key, 40, CONNECTIONS) == {"chat/2": 40}
        assert fleet.counts() == {"failing": 1, "good": 40, "limited": 0}
    # The probing caller has disconnected without an answer: another request probes instead.
    assert fleet["failing"].requests[0].left.wait(5)
    fleet.reset()
    wait.until(lambda: burst(gateway, key, 1)["chat/1"] == 1, "another request probes", seconds=5)
    assert burst(gateway, key, 20, CONNECTIONS) == {"chat/1": 20}


def test_a_route_that_fails_its_probe_cools_down_again(cooled_down: tuple[Gateway, Key], fleet: Fleet) -> None:
    gateway, key = cooled_down
    fleet.reset(failing=fails())
    assert burst(gateway, key, 1) == {"chat/2": 1}
    assert fleet.counts()["failing"] == 1
    assert reason(explain(gateway, key.public_id, "chat"), "chat/1") == "cooling_down", "one failure is enough now"


ODD_TIMES = [
    "soon",
    "-1",
    "1.5",
    "0",
    "",
    "1000000",
    "1000000000000",
    "10000000000000",
    "9223372036854775807",
    "9" * 30,
]


def test_no_retry_after_is_too_odd(make_gateway, fleet: Fleet) -> None:
    """One value after the other, each on a route without recorded failures."""
    limited_first = [route("limited", priority=1), route("good")]
    names = {f"chat-{number}": value for number, value in enumerate([*ODD_TIMES, "Fri, 31 Dec 2099 23:59:59 GMT"])}
    gateway, key = start(make_gateway, fleet, *({"id": name, "routes": limited_first} for name in names))
    for name, value in names.items():
        fleet.reset(limited=fails(429, ("Retry-After", value)))
        try:
            assert burst(gateway, key, 3, connections=1, body=chat.body(name)) == {f"{name}/2": 3}
        except (EOFError, ConnectionError):
            pytest.fail(f"the gateway does not survive `Retry-After: {value}`")
        assert explain(gateway, key.public_id, name)["status"] == 200
    assert gateway.is_alive()


# --- priority and weight


def test_weights_are_shares(make_gateway, fleet: Fleet, full: bool) -> None:
    shares = [route("failing", weight=9), route("limited", weight=1), route("good", weight=0)]
    gateway, key = start(make_gateway, fleet, {"id": "chat", "routes": shares})
    requests = 10_000 if full else 1000
    answered = burst(gateway, key, requests, CONNECTIONS)
    deviation = (requests * 0.9 * 0.1) ** 0.5
    print(
        f"9:1 over {requests} requests: {dict(answered)}, {(answered['chat/2'] - requests / 10) / deviation:+.1f} sigma"
    )
    assert abs(answered["chat/2"] - requests / 10) < SIGMAS * deviation
    assert fleet.counts() == {"failing": answered["chat/1"], "limited": answered["chat/2"], "good": 0}
    odds = {name: view["odds"] for name, view in routes(explain(gateway, key.public_id, "chat")).items()}
    assert odds == {"chat/1": pytest.approx(0.9), "chat/2": pytest.approx(0.1), "chat/3": None}


def test_a_weight_of_zero_takes_nothing_even_if_nothing_else_works(make_gateway, fleet: Fleet) -> None:
    shares = [route("failing", weight=1), route("good", weight=0)]
    gateway, key = start(make_gateway, fleet, {"id": "chat", "routes": shares})
    fleet.reset(failing=fails())
    for _ in range(6):
        chat.check_error(chat.ask(gateway, key), 502, "upstream_error")
    assert fleet.counts()["good"] == 0


def test_priorities_are_an_order(make_gateway, fleet: Fleet) -> None:
    # Routes of a later priority get only the requests that the earlier ones fail, whatever their weight.
    ordered = [
        route("good", priority=30, weight=100),
        route("failing", priority=10, weight=0.1),
        route("limited", priority=20),
    ]
    gateway, key = start(make_gateway, fleet, {"id": "chat", "routes": ordered})
    assert burst(gateway, key, 50, CONNECTIONS) == Counter({"chat/2": 50})
    fleet.reset(failing=fails())
    assert burst(gateway, key, 50, CONNECTIONS) == Counter({"chat/3": 50})
    fleet.reset(failing=fails(), limited=fails())
    answer = chat.ask(gateway, key)
    assert (answer.status, answer.header("x-gateway-route")) == (200, "chat/1")
