"""Stores imported units in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import psycopg

from server.db.queries import query
from server.units import Rejected, Row, UnitRow, ordered


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """How many units are stored, and the rows that are not, by line."""

    stored: int
    rejected: tuple[Rejected, ...]


def store_units(connection: psycopg.Connection, rows: Sequence[Row]) -> ImportReport:
    """Store what can be stored and report the rest; importing a file again changes nothing."""
    rejected = [row for row in rows if isinstance(row, Rejected)]
    stored = 0
    with connection.transaction():
        parents: dict[str, str | None] = dict(connection.execute(query("unit_parents")).fetchall())
        for row in ordered((row for row in rows if isinstance(row, UnitRow)), parents):
            if isinstance(row, Rejected):
                rejected.append(row)
                continue
            try:
                with connection.transaction():
                    connection.execute(query("import_unit"), asdict(row))
            except psycopg.IntegrityError:
                rejected.append(_rejected_days(row))
            else:
                stored += 1
        connection.execute(query("notify_change"))
    return ImportReport(
        stored=stored, rejected=tuple(sorted(rejected, key=lambda entry: entry.line))
    )


def _rejected_days(row: UnitRow) -> Rejected:
    reason = f"unit {row.id!r} would end before it begins: give both valid_from and valid_to"
    return Rejected(line=row.line, reason=reason)
