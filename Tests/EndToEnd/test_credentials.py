"""Credential safety: what is one provider's goes to that provider's host, and no byte of it anywhere else.

Each provider has canaries of its own: a credential, a default header, and an extra header of its route."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import launch
from support import answers, chat, documents
from support.client import Answer
from support.configuration import reload
from support.databases import SQLiteFile
from support.documents import provider, route
from support.failures import check_failure
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import Behaviour, FakeUpstream

MARK = "canary"


def canary(provider: str, what: str) -> str:
    return f"{MARK}-{provider}-{what}-7f3a91"


KINDS = ("credential", "default", "extra")
PROVIDERS = ("first", "second", "third")
CANARIES = {name: [canary(name, kind) for kind in KINDS] for name in PROVIDERS}
EVERY_CANARY = [each for canaries in CANARIES.values() for each in canaries]


def document(fleet: Fleet, token_file: Path) -> dict:
    """A canary in each of the ways in which a secret can be written."""
    token_file.write_text(CANARIES["third"][0] + "\n")
    auth = {
        "first": {"kind": "bearer", "token": "env.FIRST_CREDENTIAL"},
        "second": {"kind": "header", "header": "x-credential", "token": f"literal.{CANARIES['second'][0]}"},
        "third": {"kind": "bearer", "token": f"file.{token_file}"},
    }
    defaults = {
        "first": CANARIES["first"][1],
        "second": f"literal.{CANARIES['second'][1]}",
        "third": "env.THIRD_DEFAULT",
    }
    extras = {"first": "env.FIRST_EXTRA", "second": CANARIES["second"][2], "third": f"literal.{CANARIES['third'][2]}"}
    routes = {
        name: route(name, priority=number, extra_headers={"x-extra": extras[name]})
        for number, name in enumerate(PROVIDERS)
    }
    return {
        # Nothing is hidden from the log but what must be.
        "server": {"log_level": "trace"},
        # Every route stays in the plan, however often it fails.
        "routing": {"cooldown": {"failures": 1000, "seconds": 1}},
        "providers": [
            provider(name, fleet[name].port, auth=auth[name], default_headers={"x-default": defaults[name]})
            for name in PROVIDERS
        ],
        "models": [
            *({"id": name, "routes": [each]} for name, each in routes.items()),
            {"id": "all", "routes": list(routes.values())},
        ],
    }


VARIABLES = {
    "FIRST_CREDENTIAL": CANARIES["first"][0],
    "FIRST_EXTRA": CANARIES["first"][2],
    "THIRD_DEFAULT": CANARIES["third"][1],
}


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with Fleet(*PROVIDERS) as fleet:
        yield fleet


@contextmanager
def running(fleet: Fleet, folder: Path, **routing) -> Iterator[Gateway]:
    told = document(fleet, folder / "token")
    told["routing"] |= routing
    gateway = launch(folder, told, **VARIABLES)
    # It holds the gateway's log to it as well, and what commands print.
    gateway.secrets += EVERY_CANARY
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def gateway(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(fleet, tmp_path_factory.mktemp("credentials")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> Key:
    return gateway.create_key("caller")


@pytest.fixture(scope="module")
def once(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Key]]:
    """A gateway that makes one attempt, since a second one waits; and a key."""
    with running(fleet, tmp_path_factory.mktemp("once"), max_attempts=1) as gateway:
        yield gateway, gateway.create_key("caller")


@pytest.fixture(autouse=True)
def fresh(fleet: Fleet) -> None:
    fleet.reset()


def check_own_canaries_only(fleet: Fleet) -> None:
    """Every request has all of its provider's canaries, and none of another's."""
    for name, upstream in fleet.upstreams.items():
        for request in upstream.requests:
            everything = request.head.decode("latin-1") + request.body.decode()
            assert [each for each in EVERY_CANARY if each in everything] == CANARIES[name], everything


def check_clean(*answers: Answer) -> None:
    for answer in answers:
        assert MARK not in str(answer.headers) and MARK.encode() not in answer.body, answer


def ask(gateway: Gateway, key: Key, model: str, stream: bool = False) -> Answer:
    # The prompt that tests send has a canary of its own.
    return chat.ask(gateway, key, chat.body(model, messages=[{"role": "user", "content": "hello"}], stream=stream))


def test_each_provider_gets_its_own(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    for name in PROVIDERS * 3:
        answer = ask(gateway, key, name)
        assert (answer.status, answer.header("x-gateway-provider")) == (200, name)
        check_clean(answer)
    assert fleet.counts() == dict.fromkeys(PROVIDERS, 3)
    check_own_canaries_only(fleet)


FAILURES = {
    "500": answers.whole({"error": {"message": "no"}}, 500),
    "503": answers.whole({"error": {"message": "no"}}, 503, headers=[("Retry-After", "1")]),
    "401": answers.whole({"error": {"message": "no"}}, 401, headers=[("WWW-Authenticate", "Basic realm=x")]),
    "an error with 200": answers.whole({"error": {"message": "no"}}),
    "a stream that ends": answers.stream([]),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", FAILURES)
def test_nothing_of_one_attempt_goes_into_the_next(
    gateway: Gateway, key: Key, fleet: Fleet, how: str, stream: bool
) -> None:
    fleet.reset(first=FAILURES[how], second=FAILURES[how])
    answer = ask(gateway, key, "all", stream)
    assert (answer.status, answer.header("x-gateway-provider")) == (200, "third"), answer
    assert fleet.counts() == dict.fromkeys(PROVIDERS, 1)
    check_own_canaries_only(fleet)
    check_clean(answer)


REDIRECTS = ["http://127.0.0.1:{}/v1/chat/completions", "//127.0.0.1:{}/", "http://first@127.0.0.1:{}/", "/../{}"]


@pytest.mark.parametrize("location", REDIRECTS)
@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
def test_a_redirect_to_another_upstream(gateway: Gateway, key: Key, fleet: Fleet, status: int, location: str) -> None:
    target = location.format(fleet["second"].port)
    fleet.reset(first=answers.whole(b"", status, headers=[("Location", target)]))
    for stream in (False, True):
        answer = ask(gateway, key, "first", stream)
        chat.check_error(answer, 502, "upstream_error")
        assert target.encode() not in answer.body
        check_clean(answer)
    assert fleet.counts() == {"first": 2, "second": 0, "third": 0}
    check_own_canaries_only(fleet)


@pytest.mark.parametrize(
    "header",
    ["Refresh: 0; url=http://{}/", "Content-Location: http://{}/", 'Alt-Svc: http/1.1="{}"', "Location: http://{}/"],
)
def test_an_answer_that_points_elsewhere(gateway: Gateway, key: Key, fleet: Fleet, header: str) -> None:
    name, _, value = header.format(f"127.0.0.1:{fleet['second'].port}").partition(": ")
    fleet.reset(first=answers.whole(answers.completion(), headers=[(name, value)]))
    for _ in range(3):
        assert ask(gateway, key, "first").status == 200
    assert fleet.counts() == {"first": 3, "second": 0, "third": 0}
    check_own_canaries_only(fleet)


# --- a provider that says back what it was sent

SAID = "your headers: " + ", ".join(f"Bearer {each}" for each in CANARIES["first"])
NESTED = {"error": {"message": SAID, "type": CANARIES["first"][0], "code": CANARIES["first"][1]}}
HEADERS = [
    ("x-echo", CANARIES["first"][0]),
    ("x-request-id", CANARIES["first"][0]),
    ("set-cookie", CANARIES["first"][1]),
]


def at(offset: int) -> dict:
    """The credential stands where a message is cut."""
    return {"error": {"message": "m" * (offset - 10) + SAID}}


ECHOES: dict[str, Behaviour] = {
    **{
        f"status {status}": answers.whole(NESTED, status, headers=HEADERS)
        for status in (400, 401, 403, 404, 413, 422, 429, 500, 503)
    },
    **{f"text with {status}": answers.whole(SAID.encode(), status, "text/plain") for status in (400, 401, 500)},
    "another shape": answers.whole({"detail": SAID}, 422),
    "a text": answers.whole({"error": SAID}, 400),
    "a list": answers.whole(b'[{"error":{"message":"%s"}}]' % SAID.encode(), 400),
    "escaped": answers.whole(b'{"error":{"message":"%s"}}' % SAID.replace("-", "\\u002d").encode(), 400),
    "before a combining mark": answers.whole({"error": {"message": f"{CANARIES['first'][0]}\u0301"}}, 400),
    "cut at 2 KiB, 400": answers.whole(at(2048), 400),
    "cut at 2 KiB, 500": answers.whole(at(2048), 500),
    "cut at 64 KiB": answers.whole(at(65536), 400),
    "an error with 200": answers.whole(NESTED, headers=HEADERS),
    "no JSON": answers.whole(f"{{{SAID}".encode()),
    "a content type": answers.whole(b"{}", content_type=f"text/{CANARIES['first'][0]}"),
    "an encoding": answers.whole(b"{}", headers=[("Content-Encoding", CANARIES["first"][0])]),
    "a status line": answers.raw(f"HTTP/1.1 200{SAID}\r\n\r\n".encode()),
    "another protocol": answers.raw(f"{SAID}\r\n\r\n".encode()),
    "a header that is none": answers.raw(f"HTTP/1.1 200 OK\r\n{SAID} \r\n\r\n".encode()),
    "a retry-after": answers.whole({"error": {"message": SAID}}, 429, headers=[("Retry-After", CANARIES["first"][0])]),
}
STREAM_ECHOES: dict[str, Behaviour] = {
    "an error event": answers.stream([answers.event(NESTED)]),
    "an error event after content": answers.stream([*answers.words()[:2], answers.event(NESTED)]),
    "no JSON": answers.stream([*answers.words()[:2], f"data: {SAID}\n\n".encode()]),
    "an event's name": answers.stream([*answers.words()[:2], f"event: error\ndata: {SAID}\n\n".encode()]),
    "a chunk size": answers.raw(answers.STREAM_HEAD + f"{SAID}\r\n".encode()),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", ECHOES)
def test_what_a_provider_says_back_goes_nowhere(
    once: tuple[Gateway, Key], fleet: Fleet, how: str, stream: bool
) -> None:
    fleet.reset(first=ECHOES[how])
    answer = ask(*once, "first", stream)
    assert answer.status >= 400
    check_clean(answer)


@pytest.mark.parametrize("how", STREAM_ECHOES)
def test_what_a_provider_says_back_in_a_stream_goes_nowhere(once: tuple[Gateway, Key], fleet: Fleet, how: str) -> None:
    fleet.reset(first=STREAM_ECHOES[how])
    check_clean(ask(*once, "first", stream=True))


def test_what_a_provider_says_back_is_not_in_the_log(once: tuple[Gateway, Key], fleet: Fleet) -> None:
    """Together, since a line takes a moment; what the log tells is all but the canaries."""
    gateway, key = once
    trials = [(how, behaviour, stream) for how, behaviour in ECHOES.items() for stream in (False, True)]
    trials += [(how, behaviour, True) for how, behaviour in STREAM_ECHOES.items()]
    asked = {}
    for how, behaviour, stream in trials:
        fleet.reset(first=behaviour)
        asked[f"{how}, {'stream' if stream else 'whole'}"] = ask(gateway, key, "first", stream)
    lines = {how: gateway.log_line(answer.header("x-gateway-request-id")) for how, answer in asked.items()}
    assert [how for how, line in lines.items() if any(each in line for each in EVERY_CANARY)] == []
    assert "your headers: Bearer ••••" in lines["status 500, whole"]


def test_a_secret_within_another_one_leaves_nothing(make_gateway, upstream: FakeUpstream) -> None:
    """The longer one is taken out whole, not only as far as the shorter one goes."""
    short, long = "canary-short-4d", "canary-short-4d-and-its-tail"
    auth = {"kind": "bearer", "token": f"literal.{short}"}
    one = provider("fake", upstream.port, auth=auth, default_headers={"x-default": long})
    gateway = make_gateway({"providers": [one], "models": [documents.model("chat")]}).start()
    key = gateway.create_key()
    for status in (400, 500):
        upstream.reset(answers.whole({"error": {"message": f"got {long}, {short}."}}, status))
        answer = chat.ask(gateway, key)
        for text in (answer.body.decode(), gateway.log_line(answer.header("x-gateway-request-id"))):
            assert "and-its-tail" not in text, text


# --- what the gateway itself shows and keeps


@pytest.mark.parametrize(
    "command",
    [
        ["config", "show"],
        ["config", "validate"],
        ["explain", "--key", "caller", "--model", "all"],
        ["explain", "--key", "caller", "--model", "first", "--json"],
        ["keys", "list", "--json"],
        ["reload"],
        ["seed-config"],
        ["migrate", "--status"],
    ],
    ids=" ".join,
)
def test_no_command_shows_a_canary(gateway: Gateway, key: Key, command: list[str]) -> None:
    done = gateway.command(*command)
    assert done.returncode == 0, done
    assert MARK not in done.stdout + done.stderr, done


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/first", "/readyz", "/healthz"])
def test_no_page_shows_a_canary(gateway: Gateway, key: Key, path: str) -> None:
    answer = gateway.get(path, chat.headers(key))
    assert answer.status == 200
    check_clean(answer)


def test_the_database_has_no_canary(gateway: Gateway, key: Key, fleet: Fleet) -> None:
    fleet.reset(first=ECHOES["status 400"], second=ECHOES["status 500"])
    for model in ("first", "all"):
        ask(gateway, key, model)
    reload(gateway)
    assert isinstance(gateway.database, SQLiteFile)
    files = sorted(gateway.folder.glob("gateway.db*"))
    assert files
    for file in files:
        # Wherever it would be: in a row, a free page, the write-ahead log.
        assert MARK.encode() not in file.read_bytes(), file.name
    # The look is not in vain: what is no secret is there.
    assert any(b"FIRST_CREDENTIAL" in file.read_bytes() for file in files)


def test_explain_without_a_gateway_shows_no_canary(make_gateway, fleet: Fleet, tmp_path: Path) -> None:
    gateway = make_gateway(document(fleet, tmp_path / "token"), **VARIABLES)
    gateway.secrets += EVERY_CANARY
    assert gateway.command("migrate").returncode == 0 and gateway.command("seed-config").returncode == 0
    gateway.create_key("caller")
    for model in (*PROVIDERS, "all"):
        for arguments in ([], ["--json"]):
            done = gateway.command("explain", "--key", "caller", "--model", model, *arguments)
            assert done.returncode == 0 and MARK not in done.stdout + done.stderr, done


# --- odd addresses

# {0} is where the credential belongs, {1} is where it does not.
REFUSED = [
    "http://127.0.0.1:{0}@127.0.0.1:{1}/v1",
    "http://user@127.0.0.1:{0}/v1",
    "http://user:pass@127.0.0.1:{0}/v1",
    "http://:@127.0.0.1:{0}/v1",
    "http://@127.0.0.1:{0}/v1",
    "http://127.0.0.1:{0}/v1@127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}#@127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}/v1#fragment",
    "http://127.0.0.1:{0}/v1#",
    "http://127.0.0.1:{0}?@127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}/v1?key=1",
    "http://127.0.0.1:{0}/v1?",
    "http://127.0.0.1:{0}\\@127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}\\.127.0.0.1:{1}/v1",
    "http:\\\\127.0.0.1:{0}/v1",
    "http://127.0.0.1:{0}/v1\\",
    "http://127.0.0.1:{0}\t@127.0.0.1:{1}/v1",
    "ht\ttp://127.0.0.1:{0}/v1",
    "http://127.0.0.1:{0}\t/v1",
    "http://127.0.0.1:{0}/v1\t",
    "http://127.0.0.1:{0}/v1\n",
    "http://127.0.0.1:{0}/v1\r\nHost: 127.0.0.1:{1}",
    "http://127.0.0.1:{0}/v1 HTTP/1.1\r\nx: y",
    "http://127.0.0.1:{0}/v1 ",
    " http://127.0.0.1:{0}/v1",
    "http:// 127.0.0.1:{0}/v1",
    "http://127.0.0.1 :{0}/v1",
    "http://127.0.0.1:{0}/v 1",
    "http://127.0.0.1:{0}\x00@127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}\x7f/v1",
    "http://127.0.0.1:{0}%40127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}%2540127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}%23@127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}%2f@127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}%5c@127.0.0.1:{1}/v1",
    "http://127.0.0.1%3a{0}/v1",
    "http://%31%32%37.0.0.1:{0}/v1",
    "http://127.0.0.1%00.example.com:{0}/v1",
    "http://127.0.0.1:{0}\uff20127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}\uff0f@127.0.0.1:{1}/v1",
    "http://127\u30020\u30020\u30021:{0}/v1",
    "http://\u2460\u2461\u2466.0.0.1:{0}/v1",
    "http://l\u043ecalhost:{0}/v1",
    "http://127.0.0.1:{0}\u200b/v1",
    "http://127.0.0.1:{0}:{1}/v1",
    "http://127.0.0.1:{0},127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0};@127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}&@127.0.0.1:{1}/v1",
    "http://127.0.0.1:-{0}/v1",
    "http://127.0.0.1:{0}.0/v1",
    "http://127.0.0.1:{0}e0/v1",
    "http://127.0.0.1:0/v1",
    "http://127.0.0.1:65536/v1",
    "http://127.0.0.1:18446744073709551696/v1",
    "http://127.0.0.1:\u0661\u0662/v1",
    "http://127.0.0.1:/v1",
    "http://:{0}/v1",
    "http:///v1",
    "http://",
    "http:127.0.0.1:{0}/v1",
    "http:/127.0.0.1:{0}/v1",
    "//127.0.0.1:{0}/v1",
    "127.0.0.1:{0}/v1",
    "localhost:{0}/v1",
    "/v1",
    "",
    "ftp://127.0.0.1:{0}/v1",
    "file:///etc/passwd",
    "unix:///tmp/socket",
    "javascript://127.0.0.1:{0}/v1",
    "ws://127.0.0.1:{0}/v1",
    "http+unix://127.0.0.1:{0}/v1",
    "http://http://127.0.0.1:{0}/v1",
    "http://[127.0.0.1]:{0}/v1",
    "http://[::1/v1",
    "http://::1:{0}/v1",
    "http://[::1]]:{0}/v1",
    "http://[::1]@127.0.0.1:{1}/v1",
    "http://[::1%25lo]:{0}/v1",
    "http://127.0.0.1:{0}/v1<script>",
    'http://127.0.0.1:{0}/v1"',
    "http://127.0.0.1:{0}/{{v1}}",
    "http://127.0.0.1:{0}/v1|x",
    "http://127.0.0.1:{0}/v1^x",
    "http://127.0.0.1:{0}/v1`x",
]
# They may be refused as well; if they are not, the credential goes to that very host.
EITHER = [
    "http://127.0.0.1:{0}/v1",
    "HTTP://127.0.0.1:{0}/v1/",
    "http://127.0.0.1:{0}",
    "http://127.0.0.1:{0}///",
    "http://127.0.0.1:0{0}/v1",
    "http://127.0.0.1:+{0}/v1",
    "http://127.0.0.1:{0}//127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}/http://127.0.0.1:{1}/v1",
    "http://127.0.0.1:{0}/../../127.0.0.1:{1}",
    "http://127.0.0.1:{0}/v1/%2e%2e/%40127.0.0.1:{1}",
    "http://127.0.0.1:{0}/%0d%0aHost:%20127.0.0.1:{1}",
    "http://127.0.0.1:{0}/v1;jsessionid=1",
    "http://LOCALHOST:{0}/v1",
    "http://localhost.:{0}/v1",
    "http://127.0.0.1.:{0}/v1",
    "http://127.1:{0}/v1",
    "http://2130706433:{0}/v1",
    "http://0x7f000001:{0}/v1",
    "http://0177.0.0.1:{0}/v1",
    "http://[::ffff:127.0.0.1]:{0}/v1",
    "http://[::ffff:7f00:1]:{0}/v1",
    "http://[::1]:{0}/v1",
    "http://0.0.0.0:{0}/v1",
    "http://_:{0}/v1",
    "http://..:{0}/v1",
    "http://-:{0}/v1",
    "https://127.0.0.1:{0}/v1",
]


def with_address(make_gateway, address: str) -> Gateway:
    auth = {"kind": "bearer", "token": "env.FIRST_CREDENTIAL"}
    one = provider("odd", 0, base_url=address, auth=auth, timeouts={"connect_ms": 1000})
    told = {"routing": {"max_attempts": 1}, "providers": [one], "models": [documents.model("chat", "odd")]}
    gateway = make_gateway(told, **VARIABLES)
    gateway.secrets += EVERY_CANARY
    return gateway


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_refused(make_gateway, fleet: Fleet, address: str) -> None:
    gateway = with_address(make_gateway, address.format(fleet["first"].port, fleet["second"].port))
    check_failure(gateway, gateway.command("config", "validate"), 3, "base_url")


@pytest.mark.parametrize("address", EITHER)
def test_an_address_is_its_own_host_and_no_other(make_gateway, fleet: Fleet, address: str) -> None:
    first, second = fleet["first"], fleet["second"]
    gateway = with_address(make_gateway, address.format(first.port, second.port))
    before = second.connections
    if gateway.command("config", "validate").returncode == 0:
        gateway.start()
        answer = ask(gateway, gateway.create_key(), "chat")
        check_clean(answer)
        if answer.status != 200:
            chat.check_error(answer, 502, "upstream_unreachable")
        for request in first.requests:
            assert request.header("host").endswith(f":{first.port}"), request.head
            assert len([name for name, _ in request.headers if name == "host"]) == 1
            assert request.target.endswith("/chat/completions"), request.head
    assert second.connections == before


def test_an_ordinary_address_is_taken(make_gateway, fleet: Fleet) -> None:
    """What the test above would not notice."""
    for address in EITHER[:3]:
        gateway = with_address(make_gateway, address.format(fleet["first"].port, 0))
        assert ask(gateway.start(), gateway.create_key(), "chat").status == 200
    assert [request.target for request in fleet["first"].requests] == [
        "/v1/chat/completions",
        "/v1/chat/completions",
        "/chat/completions",
    ]
