"""Pauses between attempts: exponential, with a ceiling and jitter, as tenacity computes them."""

from __future__ import annotations

import random
from collections.abc import Callable

from tenacity import RetryCallState, Retrying, wait_exponential


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
        self._wait = wait_exponential(multiplier=first_s, max=longest_s)
        self._jitter = jitter
        self._draw = draw
        self.reset()

    @property
    def failures(self) -> int:
        """How many pauses were taken since the series began."""
        return self._state.attempt_number - 1

    def next_s(self) -> float:
        """Return the next pause in seconds."""
        pause_s = self._wait(self._state) * (1 - self._jitter * self._draw())
        self._state.attempt_number += 1
        return pause_s

    def reset(self) -> None:
        """Begin a new series: the next pause is the first one again."""
        self._state = RetryCallState(Retrying(), None, (), {})
