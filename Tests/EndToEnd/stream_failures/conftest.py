"""One route, and a healthy route after the failing one."""

from collections.abc import Iterator

import pytest
from support.documents import route
from support.stream_setting import Setting, settings


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """One route, one attempt: nothing is buffered."""
    yield from settings(tmp_path_factory.mktemp("lone"), [route("flaky")], most=1)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """A healthy route after the failing one."""
    routes = [route("flaky", priority=1), route("good", priority=2)]
    yield from settings(tmp_path_factory.mktemp("pair"), routes, most=2)
