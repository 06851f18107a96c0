"""Writes rejected rows as a CSV that can be corrected and imported again."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TextIO

from contract.texts import Language
from server.errors import FileNotWritten
from server.tabular.cells import Value, fold, written
from server.tabular.headers import OWN
from server.tabular.records import Row
from server.tabular.refusals import Rejection

ADDED = ("motcua_line", "motcua_reason", "motcua_remedy")
"""Columns after those of the file: its line, what is wrong, and how to mend it."""


class RejectedRows:
    """The file beside the imported one, made when the first row is rejected."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None
        self._rows: Any = None

    def add(self, titles: Sequence[str], row: Row, rejection: Rejection) -> None:
        """Write a row with its reasons in Vietnamese; raise FileNotWritten."""
        try:
            if self._file is None:
                self._file = self.path.open("w", encoding="utf-8-sig", newline="")
                self._rows = csv.writer(self._file)
                self._rows.writerow([*_kept(titles, titles), *ADDED])
            cells = [_safe(cell) for cell in _kept(titles, row.cells)]
            cells += [""] * (len(_kept(titles, titles)) - len(cells))
            self._rows.writerow([*cells, rejection.line, *_sentences(rejection)])
        except OSError as error:
            raise FileNotWritten(
                f"rejected rows cannot be written to {self.path}: {error.strerror}; "
                "name another file with --rejected"
            ) from error

    def close(self) -> None:
        """Finish the file, where there is one."""
        if self._file is not None:
            self._file.close()


def _kept(titles: Sequence[str], cells: Sequence[Value]) -> list[Value]:
    """Return the cells without what an earlier round of rejections added."""
    named = list(cells[: len(titles)])
    return [cell for cell, title in zip(named, titles, strict=False) if fold(title) not in OWN]


def _sentences(rejection: Rejection) -> tuple[str, str]:
    reasons, remedies = [], []
    for fault in rejection.faults:
        reason = fault.refusal.reason(Language.VI)
        reasons.append(f"{fault.column}: {reason}" if fault.column else reason)
        remedies.append(fault.refusal.remedy(Language.VI))
    return "; ".join(reasons), "; ".join(dict.fromkeys(remedies))


def _safe(cell: Value) -> str:
    """Return a cell as text that no spreadsheet calculates, and that is read back as it was."""
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    text = written(cell)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
