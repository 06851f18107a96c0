"""Tells the person at the terminal how an import goes, and keeps its rejected rows."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import click

from server.tabular.imports import Progress, Report, Watcher
from server.tabular.progress import Pace
from server.tabular.records import Row
from server.tabular.refusals import Rejection
from server.tabular.rejections import RejectedRows

LISTED_ROWS = 100
"""Of each file; the file of rejected rows has them all."""

_EVERY_S = 1.0
_EVERY_S_IN_A_LOG = 10.0


class Terminal:
    """Lists rejected rows and shows progress; `rejected` None keeps no file of rejected rows."""

    def __init__(self, file: Path, rejected: Path | None) -> None:
        self._name = file.name
        self._rejected = None if rejected is None else RejectedRows(rejected)
        self._listed = 0
        self._redraws = sys.stderr.isatty()
        self._pace = Pace(time.monotonic, every_s=_EVERY_S if self._redraws else _EVERY_S_IN_A_LOG)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._rejected is not None:
            self._rejected.close()

    def watcher(self) -> Watcher:
        """Return what `import_file` tells."""
        return Watcher(notice=self._notice, rejected=self._reject, progress=self._progress)

    def say_end(self, kind: str, report: Report, *, dry_run: bool) -> None:
        """Say what became of the file, and what to do with the rows that were not taken."""
        counts = f"{report.stored:,} {kind} {{}}, {report.rejected:,} rows rejected."
        if report.committed:
            click.echo(f"{self._name}: " + counts.format("imported"))
        else:
            click.echo(f"{self._name}: " + counts.format("would be imported"))
        if dry_run or not report.rejected:
            return
        path = "" if self._rejected is None else f" {self._rejected.path}"
        if report.committed:
            self._say(f"Correct the rejected rows in{path} and import that file.")
        else:
            self._say(
                f"Nothing was imported. Correct {self._name} and import it again; or import it "
                f"with --keep-going, then correct{path} and import that."
            )

    def _notice(self, text: str) -> None:
        self._say(f"{self._name}: {text}")

    def _reject(self, titles: Sequence[str], row: Row, rejection: Rejection) -> None:
        if self._rejected is not None:
            self._rejected.add(titles, row, rejection)
        self._listed += 1
        if self._listed == LISTED_ROWS + 1:
            self._say(f"{self._name}: further rejected rows are not listed here.")
        if self._listed > LISTED_ROWS:
            return
        for fault in rejection.faults:
            place = f"{fault.column} {fault.value!r}: " if fault.column else ""
            self._say(
                f"{self._name}:{rejection.line}: {place}{fault.refusal.reason()}. "
                f"{fault.refusal.remedy()}"
            )

    def _progress(self, progress: Progress) -> None:
        line = self._pace.line(progress)
        if line is not None:
            text = f"\r{self._name}: {line}   " if self._redraws else f"{self._name}: {line}"
            click.echo(text, err=True, nl=not self._redraws)

    def _say(self, text: str) -> None:
        click.echo(text, err=True)
