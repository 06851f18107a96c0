"""CSV files that people hand in: read whole, with the file and line in every complaint."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from models.evaluation.errors import DataInvalid, DataMissing


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a file; a column that the line is too short for is ""."""

    path: Path
    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the column's text, "" where the file has no such column."""
        return self.values.get(column, "")

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


def read_table(path: Path, *, columns: tuple[str, ...]) -> Table:
    """Return the file's rows; raise DataMissing or DataInvalid where it lacks one of `columns`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DataMissing(f"{path} is not there") from error
    except OSError as error:
        raise DataMissing(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataInvalid(f"{path} is not UTF-8 text: is it a CSV file?") from error
    reader = csv.DictReader(text.splitlines(keepends=True), restval="")
    try:
        found = tuple(name.strip() for name in reader.fieldnames or ())
        reader.fieldnames = found
        rows = tuple(
            Row(path=path, line=reader.line_num, values=_texts(values)) for values in reader
        )
    except csv.Error as error:
        raise DataInvalid(f"{path} line {reader.line_num}: {error}") from error
    missing = [name for name in columns if name not in found]
    if missing:
        raise DataInvalid(
            f"{path} has no column {', '.join(missing)}; it has {', '.join(found) or 'none'}"
        )
    if not rows:
        raise DataInvalid(f"{path} has no rows below its heading")
    return Table(path=path, columns=found, rows=rows)


def _texts(values: dict[str, str]) -> dict[str, str]:
    # What stands beyond the last column comes under the key None.
    return {key: value.strip() for key, value in values.items() if isinstance(value, str)}
