"""Waits for a condition with a deadline: the only way in which tests wait for another process."""

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], what: str, seconds: float = 10.0) -> float:
    """Returns the seconds that it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"waited {seconds:g} s in vain until {what}")
        time.sleep(0.005)
    return time.monotonic() - began
