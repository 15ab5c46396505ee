"""Checks of a command that ends with an error."""

import re
import subprocess

from .gateway import Gateway

# A stack trace, a runtime's error text, SQL: for developers, never for operators.
UNREADABLE = re.compile(
    r"Fatal error|Stack dump|Backtrace|\.swift:\d|Error Domain|DatabaseError|SQLITE_|PQ[a-z]+|"
    r"\b(SELECT|INSERT|UPDATE|CREATE TABLE|PRAGMA|BEGIN)\b"
)


def check_failure(gateway: Gateway, done: subprocess.CompletedProcess, codes: int | set[int], *words: str) -> None:
    """The exit code, one error that holds all of `words`, and nothing that an operator should not see."""
    assert done.returncode in ({codes} if isinstance(codes, int) else codes), done
    errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 1, done.stderr
    for word in words:
        assert word in errors[0], done.stderr
    shown = done.stdout + done.stderr
    assert not UNREADABLE.search(shown), shown
    for secret in gateway.secrets:
        assert secret not in shown, shown
