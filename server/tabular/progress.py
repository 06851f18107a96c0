"""Says how fast an import goes and how long it will take."""

from __future__ import annotations

from collections.abc import Callable

from server.tabular.imports import Progress


class Pace:
    """Turns progress into a line of text at most every `every_s` seconds of `clock`."""

    def __init__(self, clock: Callable[[], float], *, every_s: float) -> None:
        self._clock = clock
        self._every_s = every_s
        self._began_s = self._told_s = clock()

    def line(self, progress: Progress) -> str | None:
        """Return "12,000 rows, 8,000 rows/s, 40 %, 0:03 left", or None when it is too soon."""
        now_s = self._clock()
        if now_s - self._told_s < self._every_s:
            return None
        self._told_s = now_s
        spent_s = now_s - self._began_s
        line = f"{progress.rows:,} rows, {progress.rows / spent_s:,.0f} rows/s"
        if progress.share > 0:
            left_s = round(spent_s / progress.share * (1 - progress.share))
            line += f", {progress.share:.0%}, {left_s // 60}:{left_s % 60:02} left"
        return line
