"""When to try the broker again, and since when it has been away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The failed attempts of one outage; times are of one monotonic clock."""

    failures: int = 0
    away_since_s: float | None = None

    def failed(self, now_s: float) -> Self:
        """Return the attempts with one more that failed at `now_s`."""
        since_s = now_s if self.away_since_s is None else self.away_since_s
        return replace(self, failures=self.failures + 1, away_since_s=since_s)

    def away_s(self, now_s: float) -> float:
        """Return how long the broker has been away, in seconds."""
        return 0.0 if self.away_since_s is None else now_s - self.away_since_s

    def pause_s(self, jitter: float) -> float:
        """Return the wait before the next attempt: 1, 2, 4 … 30 s, shortened by up to half.

        `jitter` (0..1) is drawn by each unit: a province's units lose their broker at one moment
        and must not return at one moment.
        """
        doublings = min(max(self.failures - 1, 0), 16)
        return min(FIRST_PAUSE_S * 2.0**doublings, LONGEST_PAUSE_S) * (1 - jitter / 2)
