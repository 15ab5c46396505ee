"""The gateway that the tests of a file share."""

import ssl
from collections.abc import Iterator

import pytest
import trustme
from support import answers
from support.fallback import Setting
from support.upstream import FakeUpstream


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
