"""Waits for what other processes and threads do, with a deadline instead of a sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_FIRST_PAUSE_S = 0.005
_LONGEST_PAUSE_S = 0.2


def eventually(
    predicate: Callable[[], T],
    timeout_s: float = 30.0,
    *,
    what: str = "",
    retry: type[Exception] | tuple[type[Exception], ...] = (),
) -> T:
    """Return the first truthy value of `predicate()`; fail once `timeout_s` has passed.

    Exceptions of the kinds in `retry` count as "not yet". `what` names the condition in the
    failure; the last value or exception is shown with it.
    """
    deadline = time.monotonic() + timeout_s
    pause_s = _FIRST_PAUSE_S
    while True:
        last: object
        try:
            value = predicate()
            if value:
                return value
            last = value
        except retry as error:
            last = error
        if time.monotonic() >= deadline:
            name = what or getattr(predicate, "__name__", "the condition")
            raise AssertionError(f"{name} did not hold within {timeout_s} s; last: {last!r}")
        time.sleep(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
