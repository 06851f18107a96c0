"""Reads tables of the tests, and keeps what an import tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.tabular.files import open_table
from server.tabular.imports import Progress, Watcher
from server.tabular.records import Entry, Record, RowReader
from server.tabular.refusals import Rejection


def read_rows(path: Path, record: Record[Any]) -> list[Entry[Any] | Rejection]:
    """Return every row of the file, read or rejected."""
    with open_table(path, record) as table:
        reader = RowReader(record=record, titles=table.titles, places=table.places)
        return [reader.read(row) for row in table.rows]


def read_records(path: Path, record: Record[Any]) -> list[Any]:
    """Return the records of a file in which no row is wrong."""
    rows = read_rows(path, record)
    assert all(isinstance(row, Entry) for row in rows), rows
    return [row.record for row in rows if isinstance(row, Entry)]


def codes(rejection: object) -> list[tuple[str, str]]:
    """Return the columns and the codes of everything that is wrong with a row."""
    assert isinstance(rejection, Rejection), rejection
    return [(fault.column, fault.refusal.code) for fault in rejection.faults]


@dataclass
class Told:
    """What an import has told."""

    notices: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)

    def watcher(self) -> Watcher:
        return Watcher(
            notice=self.notices.append,
            rejected=lambda titles, row, rejection: self.rejections.append(rejection),
            progress=self.progress.append,
        )
