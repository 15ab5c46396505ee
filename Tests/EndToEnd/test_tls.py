"""An `https` upstream: the gateway verifies its certificate, and logs what is wrong with it."""

import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from support import answers, chat, documents
from support.gateway import Gateway
from support.upstream import FakeUpstream

YESTERDAY = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def serve_with(certificate: trustme.LeafCert) -> Iterator[FakeUpstream]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    upstream = FakeUpstream(answers.ordinary(), context)
    yield upstream
    upstream.stop()


@pytest.fixture(params=["good", "wrong name", "expired", "unknown authority"])
def secured(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[tuple[str, FakeUpstream]]:
    issuer = trustme.CA() if request.param == "unknown authority" else authority
    name = "other.test" if request.param == "wrong name" else "localhost"
    until = YESTERDAY if request.param == "expired" else None
    for upstream in serve_with(issuer.issue_cert(name, not_after=until)):
        yield request.param, upstream


# What the operator's log must contain.
REASONS = {"wrong name": "name", "expired": "expired", "unknown authority": "certificate"}


@pytest.mark.parametrize("stream", [False, True])
def test_a_certificate(start_gateway, tmp_path: Path, authority: trustme.CA, secured, stream: bool) -> None:
    case, upstream = secured
    authority_path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(authority_path))
    provider = documents.provider(
        "secured", upstream.port, base_url=f"https://localhost:{upstream.port}/v1", tls={"ca_path": str(authority_path)}
    )
    gateway: Gateway = start_gateway({"providers": [provider], "models": [documents.model("chat", "secured")]})
    answer = chat.ask(gateway, gateway.create_key(), chat.body(stream=stream), x_request_id="tls-test-1")
    if case == "good":
        assert answer.status == 200
        return
    chat.check_error(answer, 502, "upstream_unreachable")
    assert upstream.requests == [], "no credential goes to a server without a valid certificate"
    assert REASONS[case] in gateway.log_line("tls-test-1").lower()


def test_without_a_certificate_authority_of_its_own(start_gateway, authority: trustme.CA) -> None:
    """The system's authorities do not know the local one."""
    for upstream in serve_with(authority.issue_cert("localhost")):
        provider = documents.provider("secured", upstream.port, base_url=f"https://localhost:{upstream.port}/v1")
        gateway = start_gateway({"providers": [provider], "models": [documents.model("chat", "secured")]})
        chat.check_error(chat.ask(gateway, gateway.create_key()), 502, "upstream_unreachable")
        assert upstream.requests == []


def test_a_plain_server_behind_https(start_gateway, upstream: FakeUpstream) -> None:
    # Such a server waits for more, so it is the connect timeout that ends it: TLS is part of connecting.
    provider = documents.provider(
        "plain", upstream.port, base_url=f"https://localhost:{upstream.port}/v1", timeouts={"connect_ms": 500}
    )
    gateway = start_gateway({"providers": [provider], "models": [documents.model("chat", "plain")]})
    chat.check_error(chat.ask(gateway, gateway.create_key()), 502, "upstream_unreachable")
