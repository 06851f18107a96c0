"""Units as a CSV file gives them: each row is read, or rejected with its line and reason."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from server.errors import UnitsFileUnreadable

REQUIRED_COLUMNS = ("id", "parent", "name_vi", "name_en", "kind")
OPTIONAL_COLUMNS = ("valid_from", "valid_to")
PROVINCE = "province"
"""The scope of everything: no unit may have its name."""

KINDS = ("province", "department", "district", "commune", "ward", "office", "unknown")
MAX_NAME_CHARACTERS = 200
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit of the file, with the line that it stands on.

    It is valid from the day `valid_from` until the day before `valid_to`; None leaves either as it
    is, which for a new unit means always.
    """

    line: int
    id: str
    parent: str | None
    name_vi: str
    name_en: str
    kind: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row that was not taken, and why."""

    line: int
    reason: str


Row: TypeAlias = UnitRow | RejectedRow


def read_units(file: Path) -> list[Row]:
    """Return every row of the CSV `file`; raise UnitsFileUnreadable when it is no such file."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, restkey="", restval="")
            _require_columns(file, reader.fieldnames)
            return list(_rows(reader))
    except OSError as error:
        raise UnitsFileUnreadable(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnitsFileUnreadable(
            f"{file} is not UTF-8 text: save it as 'CSV UTF-8' and try again"
        ) from error
    except csv.Error as error:
        raise UnitsFileUnreadable(f"{file} is not CSV: {error}") from error


def ordered(
    rows: Iterable[UnitRow], parents: Mapping[str, str | None]
) -> Iterator[UnitRow | RejectedRow]:
    """Yield parents before children; reject unknown parents and circles.

    `parents` are the units that the database already has, with their parents.
    """
    waiting = {row.id: row for row in rows}
    placed = {unit: parent for unit, parent in parents.items() if unit not in waiting}
    while waiting:
        ready = [row for row in waiting.values() if row.parent is None or row.parent in placed]
        if not ready:
            break
        for row in ready:
            del waiting[row.id]
            if _leads_to(row.parent, row.id, placed):
                yield RejectedRow(line=row.line, reason=f"unit {row.id!r} would be above itself")
            else:
                placed[row.id] = row.parent
                yield row
    for row in waiting.values():
        yield RejectedRow(
            line=row.line,
            reason=f"parent {row.parent!r} is not known, was rejected, or stands below this unit",
        )


def _leads_to(start: str | None, unit: str, parents: Mapping[str, str | None]) -> bool:
    node = start
    while node is not None:
        if node == unit:
            return True
        node = parents.get(node)
    return False


def _require_columns(file: Path, names: Iterable[str] | None) -> None:
    missing = [name for name in REQUIRED_COLUMNS if name not in (names or ())]
    if missing:
        raise UnitsFileUnreadable(
            f"{file} lacks the columns {', '.join(missing)}; "
            f"its first line must name {','.join(REQUIRED_COLUMNS)}"
        )


def _rows(reader: csv.DictReader[str]) -> Iterator[Row]:
    seen: dict[str, int] = {}
    for values in reader:
        row = _row(reader.line_num, _cells(values))
        if isinstance(row, UnitRow):
            if row.id in seen:
                row = RejectedRow(
                    line=row.line, reason=f"unit {row.id!r} stands already on line {seen[row.id]}"
                )
            else:
                seen[row.id] = row.line
        yield row


def _cells(values: Mapping[str, str]) -> dict[str, str]:
    return {key: values.get(key, "").strip() for key in REQUIRED_COLUMNS + OPTIONAL_COLUMNS}


def _row(line: int, values: Mapping[str, str]) -> Row:
    reason = _fault(values)
    if reason is not None:
        return RejectedRow(line=line, reason=reason)
    return UnitRow(
        line=line,
        id=values["id"],
        parent=values["parent"] or None,
        name_vi=values["name_vi"],
        name_en=values["name_en"] or values["name_vi"],
        kind=values["kind"] or "unknown",
        valid_from=_day(values["valid_from"]),
        valid_to=_day(values["valid_to"]),
    )


def _fault(values: Mapping[str, str]) -> str | None:
    if not _ID.match(values["id"]):
        return (
            f"id {values['id']!r} is not a name: use lower-case letters, digits, '-' and '_', "
            "at most 63 characters"
        )
    if values["id"] == PROVINCE:
        return f"id {PROVINCE!r} is kept for the whole province; name the unit after the place"
    if not values["name_vi"]:
        return f"unit {values['id']!r} has no name_vi"
    for column in ("name_vi", "name_en"):
        if len(values[column]) > MAX_NAME_CHARACTERS or "\0" in values[column]:
            return f"{column} is longer than {MAX_NAME_CHARACTERS} characters or holds a NUL"
    if values["kind"] and values["kind"] not in KINDS:
        return f"kind {values['kind']!r} is none of {', '.join(KINDS)}"
    if values["parent"] == values["id"]:
        return f"unit {values['id']!r} names itself as its parent"
    return _fault_of_days(values)


def _fault_of_days(values: Mapping[str, str]) -> str | None:
    days = {}
    for column in OPTIONAL_COLUMNS:
        try:
            days[column] = _day(values[column])
        except ValueError:
            return f"{column} {values[column]!r} is no day: write it as 2026-07-01"
    start, end = days["valid_from"], days["valid_to"]
    if start is not None and end is not None and start >= end:
        return f"valid_to {end} is not after valid_from {start}"
    return None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
