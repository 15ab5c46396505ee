"""Unusual addresses of providers: each is refused, or leads to its own host only."""

import pytest
from support import chat, documents
from support.canaries import EVERY_CANARY, VARIABLES, ask, check_clean
from support.documents import provider
from support.failures import check_failure
from support.fleet import Fleet
from support.gateway import Gateway

# {0} is the port that may get the credential, {1} the port that must not.
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
# They may be refused too; if not, the credential goes to exactly that host.
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
    """The test above would not notice if all addresses were refused."""
    for address in EITHER[:3]:
        gateway = with_address(make_gateway, address.format(fleet["first"].port, 0))
        assert ask(gateway.start(), gateway.create_key(), "chat").status == 200
    assert [request.target for request in fleet["first"].requests] == [
        "/v1/chat/completions",
        "/v1/chat/completions",
        "/chat/completions",
    ]
