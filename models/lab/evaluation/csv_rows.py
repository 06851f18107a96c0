"""CSV files that people hand in: read whole, with the file and line in every complaint."""

from __future__ import annotations

import csv
import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import MappingProxyType

from models.lab.evaluation.errors import DataInvalid, DataMissing

_QUOTE = 'is a quote (") opened there and not closed?'
_OTHER_SIGNS: Mapping[str, str] = MappingProxyType(
    {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
)


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
            raise DataInvalid(
                f"{self.path} line {self.line}: {column} is {self[column]!r} and no number"
            )
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file's columns and rows."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def plain_name(file: str) -> str:
    """Return a file's name without ".", ".." and slashes that change nothing; "" for none."""
    return os.path.normpath(file) if file else ""


def read_table(path: Path, *, columns: tuple[str, ...]) -> Table:
    """Return the file's rows; raise DataMissing or DataInvalid where it lacks one of `columns`.

    Lines without text before the heading are passed over. No line break belongs into `columns`:
    it comes of a quote that is opened and not closed, which would swallow rows.
    """
    records = _records(path, _read(path))
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
            raise DataInvalid(f"{path} line {row.line}: {broken[0]} goes over lines; {_QUOTE}")
    return Table(path=path, columns=tuple(heading), rows=rows)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DataMissing(f"{path} is not there") from error
    except OSError as error:
        raise DataMissing(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataInvalid(f"{path} is not UTF-8 text: is it a CSV file?") from error


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record's first line and its texts; raise DataInvalid naming that line."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            texts = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataInvalid(f"{path} line {line}: {error}; {_QUOTE}") from error
        if texts:
            yield line, [text.strip() for text in texts]


def _require_columns(path: Path, heading: Sequence[str], columns: Sequence[str]) -> None:
    """Raise DataInvalid where a column is missing, or stands there twice."""
    if missing := [name for name in columns if name not in heading]:
        only = heading[0] if len(heading) == 1 else ""
        others = [name for sign, name in _OTHER_SIGNS.items() if sign in only]
        hint = f"; separate them by commas instead of {others[0]}" if others else ""
        found = ", ".join(heading) or "none"
        raise DataInvalid(f"{path} has no column {', '.join(missing)}; it has {found}{hint}")
    if twice := [name for name, count in Counter(heading).items() if name and count > 1]:
        raise DataInvalid(f"{path} has the column {twice[0]} more than once: leave one")
