"""The gateway refuses excess requests with an error, without effect on running ones."""

from support import answers, chat, wait
from support.client import Answer, Client
from support.gateway import Gateway
from support.upstream import FakeUpstream


def check_overloaded(answer: Answer) -> None:
    chat.check_error(answer, 503, "overloaded")
    assert int(answer.header("retry-after")) > 0


def test_too_many_requests_at_once(start_gateway, standard_document, upstream: FakeUpstream) -> None:
    gateway: Gateway = start_gateway(standard_document | {"server": {"max_concurrent_requests": 2}})
    key = gateway.create_key()
    upstream.behaviour = answers.stall_before_head()
    with chat.begin(gateway, key, chat.body()), chat.begin(gateway, key, chat.body()):
        upstream.wait_for_request(2)
        check_overloaded(chat.ask(gateway, key))
        assert gateway.get("/readyz").status == 200, "probes are not requests"
    for request in list(upstream.requests):
        assert request.left.wait(5)
    upstream.reset(answers.ordinary())
    wait.until(lambda: chat.ask(gateway, key).status == 200, "the places are free again")


def test_too_many_bytes_at_once(start_gateway, standard_document, upstream: FakeUpstream) -> None:
    limits = {"max_request_body_bytes": 1 << 20, "max_buffered_body_bytes": 1 << 20}
    gateway: Gateway = start_gateway(standard_document | {"server": limits})
    key = gateway.create_key()

    def is_refused_beside_another() -> bool:
        with Client(gateway.port) as first:
            first.send_request("POST", chat.PATH, chat.headers(key, Content_Length=str(1 << 20)))
            first.send(b'{"model":"chat","messages":[],"x":"' + b"x" * 900_000)
            answer = chat.ask(gateway, key, chat.body(x="x" * 500_000))
            if answer.status == 200:
                return False  # it was read before the first one was
            check_overloaded(answer)
            return True

    wait.until(is_refused_beside_another, "the budget of bytes is used up")
    wait.until(lambda: chat.ask(gateway, key, chat.body(x="x" * 500_000)).status == 200, "the bytes are free again")


def test_a_limit_of_the_configuration_is_kept(start_gateway, standard_document, upstream: FakeUpstream) -> None:
    gateway: Gateway = start_gateway(standard_document | {"server": {"max_request_body_bytes": 1000}})
    key = gateway.create_key()
    exact = chat.body(x="")
    exact = chat.body(x="x" * (1000 - len(exact)))
    assert (len(exact), chat.ask(gateway, key, exact).status) == (1000, 200)
    chat.check_error(chat.ask(gateway, key, exact + b" "), 413, "request_too_large")
