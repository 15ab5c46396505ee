"""What becomes of a request whose first route fails, shape by shape: another route takes over, or that is its end.

The fake upstreams count: nothing is sent twice where it may have been answered."""

import gzip
import json
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import openai
import pytest
import trustme
from conftest import launch
from support import answers, chat, documents, wait
from support.burst import burst
from support.client import Answer, events
from support.documents import provider, route
from support.explanation import explain, reason
from support.fleet import Fleet
from support.gateway import Gateway, Key, free_port
from support.upstream import Behaviour, Call, FakeUpstream, Received

SECRET_WORDS = "words-of-the-provider"
PLAIN = answers.completion()


@dataclass
class Shape:
    """A way to fail, of a provider that stands for it."""

    status: int
    code: str
    # The next route takes over.
    next: bool
    # If there is no other, this one is tried once more.
    again: bool
    behaviour: Behaviour = field(default_factory=answers.ordinary)
    provider: str = "flaky"
    families: tuple[str, ...] = ("whole", "stream")


def failure(status: int, headers=(), message: str = SECRET_WORDS) -> Behaviour:
    error = {"error": {"message": message, "type": "x", "code": "y", "param": None}}
    return answers.whole(error, status, headers=headers)


def passing(status: int) -> Shape:
    """It may be over in a moment."""
    timeout = status in (408, 504)
    code = "upstream_timeout" if timeout else "upstream_error"
    return Shape(504 if timeout else 502, code, next=True, again=True, behaviour=failure(status))


def lasting(status: int, code: str) -> Shape:
    """This route will not do better."""
    return Shape(502, code, next=True, again=False, behaviour=failure(status))


def callers(status: int, answered: int, code: str) -> Shape:
    """The request is at fault."""
    return Shape(answered, code, next=False, again=False, behaviour=failure(status, message="this is what is wrong"))


def no_answer(behaviour: Behaviour) -> Shape:
    """A 200 that is none."""
    return Shape(502, "upstream_error", next=True, again=True, behaviour=behaviour)


def broken(data: bytes, then: str = "close") -> Shape:
    """The connection ends after the request was sent. It is always a fresh one: this upstream keeps none."""
    return Shape(502, "upstream_error", next=False, again=False, behaviour=answers.raw(data, then), provider="breaking")


def half_a_body() -> Shape:
    """To a stream it would be an answer of the wrong kind, which is none."""
    shape = broken(HEAD + b'Content-Length: 900\r\n\r\n{"choices":[')
    shape.families = ("whole",)
    return shape


def unreachable(provider: str, again: bool = True) -> Shape:
    return Shape(502, "upstream_unreachable", next=True, again=again, provider=provider)


LIMITED = Shape(429, "upstream_rate_limited", next=True, again=True, behaviour=failure(429))
PATIENTLY_LIMITED = Shape(
    429, "upstream_rate_limited", next=True, again=False, behaviour=failure(429, [("Retry-After", "60")])
)
GARBAGE = b"\x1f\x8b\x08\x00" + bytes(range(256))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

SHAPES = {
    **{f"status {status}": passing(status) for status in (408, 500, 502, 503, 504, 520, 529)},
    **{f"status {status}": lasting(status, "upstream_rejected_credentials") for status in (401, 403)},
    **{f"status {status}": lasting(status, "upstream_error") for status in (402, 404, 405, 409, 410, 501)},
    **{f"status {status}": callers(status, 400, "invalid_request") for status in (400, 422)},
    "status 413": callers(413, 413, "request_too_large"),
    "status 429": LIMITED,
    "status 429, for a minute": PATIENTLY_LIMITED,
    "HTML with 503": Shape(
        502, "upstream_error", True, True, answers.whole(f"<h1>{SECRET_WORDS}</h1>".encode(), 503, "text/html")
    ),
    "HTML with 200": no_answer(answers.whole(f"<h1>{SECRET_WORDS}</h1>".encode(), content_type="text/html")),
    "HTML with 200, called JSON": no_answer(answers.whole(f"<h1>{SECRET_WORDS}</h1>".encode())),
    "gzip that was not asked for": no_answer(
        answers.whole(gzip.compress(json.dumps(PLAIN).encode()), headers=[("Content-Encoding", "gzip")])
    ),
    "gzip garbage": no_answer(answers.whole(GARBAGE, headers=[("Content-Encoding", "gzip")])),
    "garbage, called JSON": no_answer(answers.whole(GARBAGE)),
    "an error body with 200": no_answer(answers.whole({"error": {"message": SECRET_WORDS, "code": "x"}})),
    "an object with 200 that is no completion": no_answer(answers.whole({"status": SECRET_WORDS})),
    "nothing with 200": no_answer(answers.whole(b"")),
    "half an object, as long as announced": no_answer(answers.whole(b'{"choices":[{"index":0')),
    "204": no_answer(answers.whole(b"", 204)),
    "a redirect": Shape(502, "upstream_error", next=True, again=False),
    "no head in time": Shape(
        504, "upstream_timeout", next=False, again=False, behaviour=answers.stall_before_head(), provider="hasty"
    ),
    "closed without a byte": broken(b""),
    "reset without a byte": broken(b"", then="reset"),
    "half a head": broken(b"HTTP/1.1 200 OK\r\nContent-"),
    "another protocol": broken(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "half a body": half_a_body(),
    "a refused connection": unreachable("refused"),
    "a name that does not exist": unreachable("nameless"),
    "an untrusted certificate": unreachable("untrusted", again=False),
}
CASES = [(name, family) for name, shape in SHAPES.items() for family in shape.families]
LIMITS = {"connect_ms": 400, "head_ms": 400, "stream_head_ms": 400}


class Setting:
    """One gateway, with a model of its own for everything that is tried, so that no route knows another's past."""

    def __init__(self, folder: Path, untrusted: FakeUpstream):
        self.fleet = Fleet("flaky", "good", "breaking")
        flaky = self.fleet["flaky"].port
        providers = [
            *self.fleet.providers(),
            provider("hasty", flaky, timeouts=LIMITS),
            provider("refused", free_port()),
            provider("nameless", 0, base_url="http://upstream.invalid/v1"),
            provider("untrusted", 0, base_url=f"https://localhost:{untrusted.port}/v1"),
        ]
        models = []
        for trial in TRIALS:
            first = route(SHAPES[trial.name].provider, priority=1)
            others = [route("good", priority=2)] if trial.kind == "pair" else []
            models.append({"id": trial.model, "routes": [first, *others]})
        pair = [route("flaky", priority=1), route("good", priority=2)]
        models += [{"id": f"chat-{number}", "routes": pair} for number in range(40)]
        models += [documents.model(f"alone-{number}", "flaky") for number in range(5)]
        # Pairs, and routes that are alone, of which nothing is known yet.
        self.fresh = (f"chat-{number}" for number in range(40))
        self.alone = (f"alone-{number}" for number in range(5))
        self.untrusted = untrusted
        self.gateway = launch(folder, {"providers": providers, "models": models}).start()
        self.key = self.gateway.create_key()

    def close(self) -> None:
        self.gateway.stop()
        self.fleet.close()


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    untrusted = FakeUpstream(answers.ordinary(), context)
    setting = Setting(tmp_path_factory.mktemp("fallback"), untrusted)
    try:
        yield setting
    finally:
        setting.close()
        untrusted.stop()


# --- every shape


@dataclass(frozen=True)
class Trial:
    """A request for a shape of failure, on a route that has another one behind it (`pair`) or none (`lone`)."""

    kind: str
    name: str
    family: str

    @property
    def model(self) -> str:
        return f"{self.kind}-{list(SHAPES).index(self.name)}-{self.family}"

    @property
    def body(self) -> bytes:
        return chat.body(self.model, stream=self.family == "stream", user=self.model)

    def reached(self, upstream: FakeUpstream) -> int:
        """How often its request reached the upstream."""
        return sum(self.model == user_of(request) for request in upstream.requests)


TRIALS = [
    Trial(kind, name, family)
    for kind in ("pair", "lone")
    for name, shape in SHAPES.items()
    for family in shape.families
]


def user_of(request: Received) -> str | None:
    return json.loads(request.body)["user"] if request.body else None


def as_told(good: FakeUpstream) -> Behaviour:
    """Fails in the way that the request's `user` names."""
    redirect = answers.whole(b"", 302, headers=[("Location", f"http://127.0.0.1:{good.port}{chat.PATH}")])
    behaviours = {trial.model: SHAPES[trial.name].behaviour for trial in TRIALS}
    behaviours |= {trial.model: redirect for trial in TRIALS if trial.name == "a redirect"}

    async def behave(call: Call) -> None:
        await behaviours[user_of(call.request)](call)

    return behave


@dataclass
class Outcome:
    answer: Answer
    # How often the request reached the failing upstream, and how often the other one.
    sent: int
    taken_over: int


@pytest.fixture(scope="module")
def outcomes(setting: Setting) -> dict[Trial, Outcome]:
    """All at once, since many of them wait."""
    fleet = setting.fleet
    behaviour = as_told(fleet["good"])
    fleet.reset(flaky=behaviour, breaking=behaviour)
    with ThreadPoolExecutor(16) as callers:
        found = list(callers.map(lambda trial: chat.ask(setting.gateway, setting.key, trial.body), TRIALS))
    assert all(request.body for request in fleet["good"].requests), "a redirect was followed"
    failing = [fleet["flaky"], fleet["breaking"], setting.untrusted]
    return {
        trial: Outcome(answer, sum(map(trial.reached, failing)), trial.reached(fleet["good"]))
        for trial, answer in zip(TRIALS, found)
    }


def check_good(answer: Answer, family: str) -> None:
    """It is the second route's answer, and nothing else is in it."""
    assert answer.status == 200, answer
    assert answer.header("x-gateway-provider") == "good"
    assert answer.header("x-gateway-route").endswith("/2") and answer.header("x-gateway-attempts") == "2"
    assert SECRET_WORDS.encode() not in answer.body
    if family == "stream":
        assert chat.content(answer) == " word0 word1 word2" and events(answer.body)[-1] == "[DONE]"
    else:
        assert answer.json()["choices"] == PLAIN["choices"]


@pytest.mark.parametrize(("name", "family"), CASES)
def test_with_a_second_route(outcomes: dict[Trial, Outcome], name: str, family: str) -> None:
    shape, outcome = SHAPES[name], outcomes[Trial("pair", name, family)]
    if shape.next:
        check_good(outcome.answer, family)
    else:
        chat.check_error(outcome.answer, shape.status, shape.code)
        assert outcome.answer.header("x-gateway-attempts") == "1"
    assert outcome.sent == (0 if shape.code == "upstream_unreachable" else 1)
    assert outcome.taken_over == (1 if shape.next else 0)


@pytest.mark.parametrize(("name", "family"), CASES)
def test_without_another_route(setting: Setting, outcomes: dict[Trial, Outcome], name: str, family: str) -> None:
    shape, outcome = SHAPES[name], outcomes[Trial("lone", name, family)]
    answer = outcome.answer
    error = chat.check_error(answer, shape.status, shape.code)
    attempts = 2 if shape.again else 1
    assert answer.header("x-gateway-attempts") == str(attempts)
    assert outcome.sent == (0 if shape.code == "upstream_unreachable" else attempts)
    assert SECRET_WORDS.encode() not in answer.body
    if shape.status == 400:
        assert error["message"] == "this is what is wrong"
    assert answer.header("retry-after") == ("60" if "minute" in name else None)
    assert '"cause":"' in setting.gateway.log_line(answer.header("x-gateway-request-id"))


# --- one and the same route again


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One for each request."""
    turns = iter(behaviours)

    async def behave(call: Call) -> None:
        await next(turns)(call)

    return behave


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
    """`routing.retry_after_timeout`: the operator takes it that the request may be billed twice."""
    with Fleet("flaky", "good") as fleet:
        document = {"routing": {"retry_after_timeout": True}, "providers": fleet.providers(timeouts=LIMITS)}
        routes = [route("flaky", priority=1), route("good", priority=2)]
        gateway = make_gateway(document | {"models": [{"id": "chat", "routes": routes}]}).start()
        fleet.reset(flaky=answers.stall_before_head())
        check_good(chat.ask(gateway, gateway.create_key(), chat.body(stream=family == "stream")), family)
        assert fleet.counts() == {"flaky": 1, "good": 1}
        assert fleet["flaky"].requests[0].left.wait(5), "the first attempt is given up"


# --- a connection that was kept


def test_a_kept_connection_that_is_closed_is_replaced_once(make_gateway) -> None:
    """The upstream takes a request on it and closes it without a byte: sent once more, and no attempt of its own."""
    with Fleet("flaky", "good") as fleet:
        routes = [route("flaky", priority=1), route("good", priority=2)]
        gateway = make_gateway({"providers": fleet.providers(), "models": [{"id": "chat", "routes": routes}]}).start()
        key = gateway.create_key()
        with chat.begin(gateway, key, chat.body()) as client:
            assert client.read_answer().header("x-gateway-route") == "chat/1"
            # On the same connection, so on the same event loop, where the upstream's connection waits.
            fleet.reset(flaky=in_turn(answers.raw(b""), answers.ordinary()))
            client.send_request("POST", chat.PATH, chat.headers(key), chat.body())
            answer = client.read_answer()
            assert (answer.status, answer.header("x-gateway-route")) == (200, "chat/1")
            assert answer.header("x-gateway-attempts") == "1"
            assert fleet.counts() == {"flaky": 2, "good": 0}
            # If the fresh one breaks off too, the request may have been answered: that is the end of it.
            fleet.reset(flaky=answers.raw(b""))
            client.send_request("POST", chat.PATH, chat.headers(key), chat.body())
            chat.check_error(client.read_answer(), 502, "upstream_error")
            assert fleet.counts() == {"flaky": 2, "good": 0}


# --- streams

ROLE = answers.event(answers.chunk({"role": "assistant", "content": ""}))
WORD = answers.event(answers.chunk({"content": "half an"}))
ERROR = b'data: {"error":{"message":"%s"}}\n\n' % SECRET_WORDS.encode()

BARREN = {
    "nothing": answers.stream([]),
    "nothing, and a cut": answers.stream([], terminated=False),
    "a comment, and a cut": answers.stream([b": hello\n\n"], terminated=False),
    "the role, and a cut": answers.stream([ROLE], terminated=False),
    "the role, and the end": answers.stream([ROLE]),
    "the role, and [DONE]": answers.stream([ROLE, answers.DONE]),
    "an error": answers.stream([ERROR]),
    "the role, and an error": answers.stream([ROLE, ERROR]),
    "no JSON": answers.stream([b"data: {oops\n\n"]),
    "the role, and no JSON": answers.stream([ROLE, b"data: <html>\n\n"]),
    "an invalid chunk": answers.raw(answers.STREAM_HEAD + b"%x\r\n%s\r\n" % (len(ROLE), ROLE) + b"xyz\r\n"),
}


@pytest.mark.parametrize("how", BARREN)
def test_a_stream_that_fails_before_its_first_content(setting: Setting, how: str) -> None:
    setting.fleet.reset(flaky=BARREN[how])
    model = next(setting.fresh)
    answer = chat.ask(setting.gateway, setting.key, chat.body(model, stream=True))
    check_good(answer, "stream")
    assert setting.fleet.counts() == {"flaky": 1, "good": 1, "breaking": 0}
    assert {document["model"] for document in chat.documents(answer)} == {model}


CONTENT = {
    "a word": WORD,
    "reasoning": answers.event(answers.chunk({"reasoning_content": "let me see"})),
    "a refusal": answers.event(answers.chunk({"refusal": "I can't"})),
    "a tool call": answers.event(
        answers.chunk(
            {"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}]}
        )
    ),
}
ENDS = {
    "a cut": lambda events: answers.stream(events, terminated=False),
    "an error": lambda events: answers.stream([*events, ERROR]),
    "the end": answers.stream,
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("content", CONTENT)
def test_a_stream_that_fails_after_its_first_content(setting: Setting, content: str, end: str) -> None:
    setting.fleet.reset(flaky=ENDS[end]([ROLE, CONTENT[content]]))
    answer = chat.ask(setting.gateway, setting.key, chat.body(next(setting.fresh), stream=True))
    assert (answer.status, answer.header("x-gateway-provider")) == (200, "flaky")
    error = chat.last_error(answer)
    assert error["code"] == ("upstream_error" if end == "an error" else "upstream_stream_truncated")
    assert SECRET_WORDS.encode() not in answer.body
    assert len(chat.documents(answer)) == 3, "what had come is not taken back"
    assert setting.fleet.counts() == {"flaky": 1, "good": 0, "breaking": 0}


def test_a_long_beginning_is_not_held_back(setting: Setting) -> None:
    """More than 64 KiB without content go out; then there is no way back."""
    long = answers.event(answers.chunk({"role": "assistant", "content": ""}, padding="x" * 20_000))
    setting.fleet.reset(flaky=answers.stream([long] * 5, terminated=False))
    answer = chat.ask(setting.gateway, setting.key, chat.body(next(setting.fresh), stream=True))
    assert answer.header("x-gateway-provider") == "flaky"
    chat.check_truncated(answer)
    assert setting.fleet.counts()["good"] == 0


def test_a_beginning_that_is_silent_is_held_back_and_then_given_up(setting: Setting) -> None:
    """A stream that stalls before its content was accepted, so it may be billed: no second attempt."""
    setting.fleet.reset(flaky=answers.stall_after([ROLE]))
    with chat.begin(setting.gateway, setting.key, chat.body(next(setting.fresh), stream=True), timeout=0.6) as client:
        setting.fleet["flaky"].wait_for_request()
        with pytest.raises(TimeoutError):
            client.read_head()
    assert setting.fleet["flaky"].requests[0].left.wait(5)
    assert setting.fleet.counts()["good"] == 0


# --- through the official SDK


@pytest.fixture(scope="module")
def sdk(setting: Setting) -> Iterator[openai.OpenAI]:
    url = f"{setting.gateway.url}/v1"
    with openai.OpenAI(base_url=url, api_key=setting.key.text, max_retries=0, timeout=20) as client:
        yield client


def words(sdk: openai.OpenAI, model: str) -> Iterator[str]:
    for chunk in sdk.chat.completions.create(model=model, messages=chat.MESSAGES, stream=True):
        yield from (choice.delta.content or "" for choice in chunk.choices)


@pytest.mark.parametrize("how", ["the role, and a cut", "an error"])
def test_the_sdk_does_not_notice_a_failure_before_the_first_content(
    setting: Setting, sdk: openai.OpenAI, how: str
) -> None:
    setting.fleet.reset(flaky=BARREN[how])
    assert "".join(words(sdk, next(setting.fresh))) == " word0 word1 word2"
    assert setting.fleet.counts() == {"flaky": 1, "good": 1, "breaking": 0}


def test_the_sdk_gets_a_whole_answer_from_the_next_route(setting: Setting, sdk: openai.OpenAI) -> None:
    setting.fleet.reset(flaky=failure(503))
    raw = sdk.chat.completions.with_raw_response.create(model=next(setting.fresh), messages=chat.MESSAGES)
    assert raw.parse().choices[0].message.content == "Hello there"
    assert (raw.headers["x-gateway-provider"], raw.headers["x-gateway-attempts"]) == ("good", "2")


@pytest.mark.parametrize("end", ENDS)
def test_the_sdk_is_told_of_a_failure_after_the_first_content(setting: Setting, sdk: openai.OpenAI, end: str) -> None:
    setting.fleet.reset(flaky=ENDS[end]([ROLE, WORD]))
    seen = []
    with pytest.raises(openai.APIError) as caught:
        seen.extend(words(sdk, next(setting.fresh)))
    assert caught.value.code == ("upstream_error" if end == "an error" else "upstream_stream_truncated")
    assert SECRET_WORDS not in caught.value.message
    assert setting.fleet.counts()["good"] == 0


# --- credentials that are revoked while requests run


def revoked_after(requests: int) -> Behaviour:
    """From then on the credential is not accepted any more."""
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
        # It is not asked over and over: after five failures it rests.
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
