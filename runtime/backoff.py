"""Pauses between attempts: exponential, with a ceiling and jitter, as tenacity computes them."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache

from tenacity import RetryCallState, Retrying, wait_exponential


@lru_cache(maxsize=256)
def pause_s(failures: int, *, first_s: float, longest_s: float) -> float:
    """Return the pause after so many failures (1 or more), without jitter."""
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = failures
    return float(wait_exponential(multiplier=first_s, max=longest_s)(state))


class Backoff:
    """The pauses of one series of attempts; `reset` begins a new series after a success.

    The pause doubles from `first_s` to `longest_s`. Each is shortened by a random part of it, at
    most `jitter` (0..1), so that devices which lost their server together do not return together.
    """

    def __init__(
        self,
        first_s: float,
        longest_s: float,
        *,
        jitter: float = 0.5,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._jitter = jitter
        self._draw = draw
        self._failures = 0

    @property
    def failures(self) -> int:
        """How many pauses were taken since the series began."""
        return self._failures

    def next_s(self) -> float:
        """Return the next pause in seconds."""
        self._failures += 1
        whole_s = pause_s(self._failures, first_s=self._first_s, longest_s=self._longest_s)
        return whole_s * (1 - self._jitter * self._draw())

    def reset(self) -> None:
        """Begin a new series: the next pause is the first one again."""
        self._failures = 0
