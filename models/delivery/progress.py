"""Tells on stderr how far a file has come on a terminal, and anywhere why nothing comes."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

SLOW_S = 1.0
"""Whoever answers within it need not be named."""

_EVERY_S = 0.1
_MEGABYTE = 1_000_000


class Progress(Protocol):
    """Who is told how a file comes."""

    def show(self, here: int, total: int | None) -> None:
        """Take the bytes that are here and, where it is known, how many there will be."""

    def tell(self, text: str) -> None:
        """Take the reason why nothing comes."""


@contextmanager
def shown(name: str) -> Iterator[Progress]:
    """Yield what shows the bytes of `name` in one line of a terminal, and ends the line."""
    line = _Line(name, rewritten=sys.stderr.isatty())
    try:
        yield line
    finally:
        line.end()


@contextmanager
def waiting(progress: Progress, place: str) -> Iterator[None]:
    """Tell that `place` is waited for if the block takes longer than `SLOW_S`."""
    timer = threading.Timer(SLOW_S, progress.tell, [f"waiting for {place}"])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class _Line:
    """One line, rewritten a few times a second; a log, where none can be, gets words only."""

    def __init__(self, name: str, *, rewritten: bool) -> None:
        self._name = name
        self._rewritten = rewritten
        self._shown_s = 0.0
        self._used = False

    def show(self, here: int, total: int | None) -> None:
        """Show the bytes that are here; the last ones always."""
        now_s = time.monotonic()
        if not self._rewritten or (here != total and now_s - self._shown_s < _EVERY_S):
            return
        self._shown_s, self._used = now_s, True
        of = f" of {total / _MEGABYTE:.1f}" if total else ""
        share = f" ({here / total:4.0%})" if total else ""
        click.echo(f"\r{self._name}: {here / _MEGABYTE:.1f}{of} MB{share} ", nl=False, err=True)

    def tell(self, text: str) -> None:
        """Write `text` on a line of its own."""
        self.end()
        click.echo(f"{self._name}: {text}", err=True)

    def end(self) -> None:
        """Leave the cursor on a line of its own."""
        if self._used:
            self._used = False
            click.echo(err=True)
