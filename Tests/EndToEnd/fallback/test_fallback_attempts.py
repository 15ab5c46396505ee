"""How often and when the gateway tries again: the same route, the next one, and one with revoked credentials."""

import time

import pytest
from support import answers, chat, documents, wait
from support.burst import burst
from support.documents import route
from support.explanation import explain, reason
from support.failure_shapes import LIMITS, SECRET_WORDS, failure
from support.fallback import Setting, check_good, in_turn
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import Behaviour, Call


def test_a_route_that_is_alone_is_tried_again_when_it_says(setting: Setting) -> None:
    setting.fleet.reset(flaky=in_turn(failure(429, [("Retry-After", "1")]), answers.ordinary()))
    began = time.monotonic()
    answer = chat.ask(setting.gateway, setting.key, chat.body(next(setting.alone)))
    assert (answer.status, answer.header("x-gateway-attempts")) == (200, "2"), answer
    assert 0.95 < time.monotonic() - began < 5
    assert setting.fleet.counts()["flaky"] == 2


def test_of_two_failures_the_one_that_passes_sooner_is_tried_again(setting: Setting) -> None:
    setting.fleet.reset(flaky=failure(429, [("Retry-After", "2")]), good=in_turn(failure(503), answers.ordinary()))
    answer = chat.ask(setting.gateway, setting.key, chat.body(next(setting.fresh)))
    assert (answer.status, answer.header("x-gateway-attempts")) == (200, "3"), answer
    assert setting.fleet.counts() == {"flaky": 1, "good": 2, "breaking": 0}


def test_no_more_attempts_than_configured(make_gateway) -> None:
    with Fleet("a", "b", "c", "d") as fleet:
        for most in (1, 2, 3, 4):
            document = {"routing": {"max_attempts": most}, "providers": fleet.providers()}
            gateway = make_gateway(document | {"models": [{"id": "chat", "routes": fleet.routes()}]}).start()
            fleet.reset(**dict.fromkeys(fleet.upstreams, failure(500)))
            answer = chat.ask(gateway, gateway.create_key())
            chat.check_error(answer, 502, "upstream_error")
            assert answer.header("x-gateway-attempts") == str(most)
            assert sorted(fleet.counts().values()) == [0] * (4 - most) + [1] * most


def test_a_deadline_for_all_attempts(make_gateway) -> None:
    with Fleet("a", "b") as fleet:
        document = {"routing": {"deadline_ms": 1200, "retry_after_timeout": True, "max_attempts": 20}}
        document |= {"providers": fleet.providers(timeouts=LIMITS)}
        gateway = make_gateway(document | {"models": [{"id": "chat", "routes": fleet.routes()}]}).start()
        fleet.reset(a=answers.stall_before_head(), b=answers.stall_before_head())
        began = time.monotonic()
        chat.check_error(chat.ask(gateway, gateway.create_key()), 504, "upstream_timeout")
        assert 1 < time.monotonic() - began < 6
        assert sum(fleet.counts().values()) == 2


@pytest.mark.parametrize("family", ["whole", "stream"])
def test_a_time_limit_that_may_be_repeated(make_gateway, family: str) -> None:
    """`routing.retry_after_timeout`: the operator accepts that the provider may bill the request twice."""
    with Fleet("flaky", "good") as fleet:
        document = {"routing": {"retry_after_timeout": True}, "providers": fleet.providers(timeouts=LIMITS)}
        routes = [route("flaky", priority=1), route("good", priority=2)]
        gateway = make_gateway(document | {"models": [{"id": "chat", "routes": routes}]}).start()
        fleet.reset(flaky=answers.stall_before_head())
        check_good(chat.ask(gateway, gateway.create_key(), chat.body(stream=family == "stream")), family)
        assert fleet.counts() == {"flaky": 1, "good": 1}
        assert fleet["flaky"].requests[0].left.wait(5), "the first attempt is given up"


def test_a_kept_connection_that_is_closed_is_replaced_once(make_gateway) -> None:
    """The upstream accepts a request and closes without a byte: the gateway sends it again, not as a new attempt."""
    with Fleet("flaky", "good") as fleet:
        routes = [route("flaky", priority=1), route("good", priority=2)]
        gateway = make_gateway({"providers": fleet.providers(), "models": [{"id": "chat", "routes": routes}]}).start()
        key = gateway.create_key()
        with chat.begin(gateway, key, chat.body()) as client:
            assert client.read_answer().header("x-gateway-route") == "chat/1"
            # The same connection, so the same event loop, which keeps the upstream's connection.
            fleet.reset(flaky=in_turn(answers.raw(b""), answers.ordinary()))
            client.send_request("POST", chat.PATH, chat.headers(key), chat.body())
            answer = client.read_answer()
            assert (answer.status, answer.header("x-gateway-route")) == (200, "chat/1")
            assert answer.header("x-gateway-attempts") == "1"
            assert fleet.counts() == {"flaky": 2, "good": 0}
            # If the new connection breaks too, the provider may have answered: the gateway gives up.
            fleet.reset(flaky=answers.raw(b""))
            client.send_request("POST", chat.PATH, chat.headers(key), chat.body())
            chat.check_error(client.read_answer(), 502, "upstream_error")
            assert fleet.counts() == {"flaky": 2, "good": 0}


def revoked_after(requests: int) -> Behaviour:
    """Rejects the credential after this many requests."""
    served = iter(range(requests))

    async def behave(call: Call) -> None:
        is_valid = next(served, None) is not None
        await (answers.ordinary() if is_valid else failure(401))(call)

    return behave


def test_credentials_that_are_revoked_mid_run(make_gateway) -> None:
    with Fleet("flaky", "good") as fleet:
        models = [
            {"id": "chat", "routes": [route("flaky", priority=1), route("good", priority=2)]},
            documents.model("lone", "flaky"),
        ]
        gateway: Gateway = make_gateway({"providers": fleet.providers(), "models": models}).start()
        key: Key = gateway.create_key()
        fleet.reset(flaky=revoked_after(20))
        answered = burst(gateway, key, 60, connections=2)
        assert answered == {"chat/1": 20, "chat/2": 40}
        # It is not asked over and over: after five failures it cools down.
        assert 25 <= fleet.counts()["flaky"] <= 27, fleet.counts()
        assert reason(explain(gateway, key.public_id, "chat"), "chat/1") == "cooling_down"

        answer = chat.ask(gateway, key, chat.body("lone"))
        error = chat.check_error(answer, 502, "upstream_rejected_credentials")
        assert SECRET_WORDS not in error["message"] and answer.header("x-gateway-attempts") == "1"
        line = gateway.log_line(answer.header("x-gateway-request-id"))
        assert "flaky answered 401" in line and SECRET_WORDS in line
        fleet.reset()
        wait.until(lambda: chat.ask(gateway, key, chat.body("lone")).status == 200, "the credential is accepted again")


def test_a_large_body_is_sent_again_whole(setting: Setting) -> None:
    body = chat.body(next(setting.fresh), padding="x" * (3 << 20))
    setting.fleet.reset(flaky=failure(503))
    check_good(chat.ask(setting.gateway, setting.key, body), "whole")
    [first], [second] = setting.fleet["flaky"].requests, setting.fleet["good"].requests
    assert first.body == second.body and len(second.body) > 3 << 20
