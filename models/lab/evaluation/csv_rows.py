"""Reads CSV files that people hand in; every complaint names the file and, where it can, a line."""

from __future__ import annotations

import csv
import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from models.lab.evaluation.errors import DataInvalid, DataMissing

_QUOTE = 'is a quote (") opened there and not closed?'
_OTHER_SIGNS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a file, which begins in `line`; a column that it is too short for is ""."""

    path: Path
    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the column's text, "" where the file has no such column."""
        return self.values.get(column, "")

    @property
    def file(self) -> str:
        """The picture that the line names, the same however it is written: "./a" is "a"."""
        return plain_name(self["file"])

    @property
    def place(self) -> str:
        """The file's name and, where it is known, the line's number, for messages to people."""
        return f"{self.path.name} line {self.line}" if self.line else self.path.name

    def number(self, column: str) -> float:
        """Return the column as a number; raise DataInvalid naming file, line and column."""
        try:
            number = float(self[column])
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise self.invalid(f"{column} is {self[column]!r} and no number")
        return number

    def invalid(self, problem: str) -> DataInvalid:
        """Return the complaint that the row has this problem."""
        return DataInvalid(f"{self.path} line {self.line}: {problem}")


def plain_name(file: str) -> str:
    """Return a file's name without ".", ".." and slashes that change nothing; "" for none."""
    return os.path.normpath(file) if file else ""


def read_rows(path: Path, *, columns: tuple[str, ...]) -> tuple[Row, ...]:
    """Return the file's rows; raise DataMissing or DataInvalid where it lacks one of `columns`.

    Lines without text before the heading are passed over. No line break belongs into `columns`:
    it comes of a quote that is opened and not closed, which would swallow rows.
    """
    records = _records(path)
    heading = next((texts for _, texts in records if any(texts)), [])
    _require_columns(path, heading, columns)
    rows = tuple(
        Row(path=path, line=line, values=dict(zip(heading, texts, strict=False)))
        for line, texts in records
    )
    if not rows:
        raise DataInvalid(f"{path} has no rows below its heading")
    for row in rows:
        if broken := [name for name in columns if {"\n", "\r"} & set(row[name])]:
            raise row.invalid(f"{broken[0]} goes over lines; {_QUOTE}")
    return rows


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each record's first line and its texts; raise DataInvalid naming that line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DataMissing(f"{path} is not there") from error
    except OSError as error:
        raise DataMissing(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataInvalid(f"{path} is not UTF-8 text: is it a CSV file?") from error
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for texts in reader:
            if texts:
                yield line, [each.strip() for each in texts]
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataInvalid(f"{path} line {line}: {error}; {_QUOTE}") from error


def _require_columns(path: Path, heading: Sequence[str], columns: Sequence[str]) -> None:
    """Raise DataInvalid where a column is missing, or stands there twice."""
    if missing := [name for name in columns if name not in heading]:
        others = [name for sign, name in _OTHER_SIGNS.items() if sign in "".join(heading[:1])]
        hint = f"; separate them by commas instead of {others[0]}" if others else ""
        found = ", ".join(heading) or "none"
        raise DataInvalid(f"{path} has no column {', '.join(missing)}; it has {found}{hint}")
    if twice := [name for name, count in Counter(heading).items() if name and count > 1]:
        raise DataInvalid(f"{path} has the column {twice[0]} more than once: leave one")
