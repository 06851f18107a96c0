"""Shows on a terminal how far a file has come; elsewhere it stays silent until the result."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from models.delivery.download import Progress

_EVERY_S = 0.1
_MEGABYTE = 1_000_000


@contextmanager
def shown(name: str) -> Iterator[Progress]:
    """Yield what shows the bytes of `name` in one line on stderr, and ends the line."""
    if not sys.stderr.isatty():
        yield lambda here, total: None  # noqa: ARG005
        return
    line = _Line(name)
    try:
        yield line.show
    finally:
        line.end()


class _Line:
    """One line of the terminal, rewritten a few times a second."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown_s = 0.0
        self._used = False

    def show(self, here: int, total: int | None) -> None:
        """Show the bytes that are here; the last ones always."""
        now_s = time.monotonic()
        if here != total and now_s - self._shown_s < _EVERY_S:
            return
        self._shown_s, self._used = now_s, True
        of = f" of {total / _MEGABYTE:.1f}" if total else ""
        share = f" ({here / total:4.0%})" if total else ""
        click.echo(f"\r{self._name}: {here / _MEGABYTE:.1f}{of} MB{share} ", nl=False, err=True)

    def end(self) -> None:
        """Leave the cursor on a line of its own."""
        if self._used:
            click.echo(err=True)
