"""What a period still lacks before it is closed, and what has happened since it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import AsyncConnection

from runtime.sql import statements
from server.audit.entries import Action
from server.closing.closings import Closing
from server.errors import Conflict
from server.facts.store import read_dirty
from server.periods import Period, Step

_SQL = statements("server.closing", "checks.sql")

_ACTS = (
    Action.DATABASE_MIGRATED,
    Action.OFFICER_ERASED,
    Action.RECORDS_IMPORTED,
    Action.RECORDS_WRITTEN,
    Action.TOTALS_REPAIRED,
    Action.UNIT_ACCEPTED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What a period lacks: by unit open contests and unfinished appraisals, and what is counted
    anew at this moment (`recounting`, by cause).
    """

    contests: Mapping[str, int]
    appraisals: Mapping[str, int]
    recounting: Mapping[str, int]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is missing, a line each; none where nothing is."""
        return (
            *(f"{unit}: {n} contests are not answered" for unit, n in self.contests.items()),
            *(f"{unit}: {n} appraisals are not final" for unit, n in self.appraisals.items()),
            *(f"{n} hours or days wait to be counted anew ({mark})" for mark, n in self._marks()),
        )

    @property
    def still_open(self) -> dict[str, int]:
        """How many contests and appraisals are open, as the document of a closing says it."""
        found = {
            "contests": sum(self.contests.values()),
            "appraisals": sum(self.appraisals.values()),
        }
        return {name: n for name, n in found.items() if n}

    def require_none(self, period: Period, *, despite: bool) -> None:
        """Raise Conflict where something is missing; `despite` lets contests and appraisals be."""
        if self.recounting:
            marks = ", ".join(f"{n} of {mark}" for mark, n in self._marks())
            raise Conflict(
                f"{period} is being counted anew ({marks}): the worker does it each minute; try "
                "again then"
            )
        if self.still_open and not despite:
            told = ", ".join(f"{n} {what}" for what, n in self.still_open.items())
            raise Conflict(
                f"{period} has open {told}: `motcua closing check {period}` names the units; "
                "close it despite them by --despite"
            )

    def _marks(self) -> list[tuple[str, int]]:
        return sorted(self.recounting.items())


async def read_missing(connection: AsyncConnection, period: Period) -> Missing:
    """Return what a period lacks before it can be closed."""
    asked = {"periods": names_within(period)}
    dirty = await read_dirty(connection)
    return Missing(
        contests=dict(await (await connection.execute(_SQL["contests"], asked)).fetchall()),
        appraisals=dict(await (await connection.execute(_SQL["appraisals"], asked)).fetchall()),
        recounting={
            str(mark): n
            for mark, units in dirty.items()
            if (n := sum(_held(period, days) for days in units.values()))
        },
    )


def _held(period: Period, days: frozenset[date] | None) -> int:
    """Return how many of a unit's days lie in the period; all days at once are one."""
    return 1 if days is None else sum(map(period.holds, days))


async def read_acts(
    connection: AsyncConnection, closing: Closing, period: Period, since: datetime
) -> dict[str, Any]:
    """Return what has happened to a closed period since, besides late rows, by what it was."""
    asked = {
        "known_at": since,
        "period": closing.period,
        "periods": names_within(period),
        "first_day": closing.first_day,
        "end_day": closing.end_day,
        "actions": list(_ACTS),
    }
    found: dict[str, Any] = {}
    for name in ("restated_contests", "points", "learnt"):
        row = await (await connection.execute(_SQL[name], asked)).fetchone()
        if row is not None and row[0]:
            found[name] = row[0]
    acts: dict[str, int] = dict(await (await connection.execute(_SQL["acts"], asked)).fetchall())
    return found | ({"acts": acts} if acts else {})


async def officers_erased(connection: AsyncConnection, since: datetime) -> bool:
    """Return whether an officer's code was replaced since."""
    asked = {"known_at": since, "actions": [Action.OFFICER_ERASED]}
    return bool(await (await connection.execute(_SQL["acts"], asked)).fetchall())


def late_rows(late: Mapping[tuple[str, date], int]) -> dict[str, dict[str, int]]:
    """Return how many rows came late, by table and day, as a cause tells it."""
    found: dict[str, dict[str, int]] = {}
    for (table, day), n in sorted(late.items()):
        found.setdefault(table, {})[day.isoformat()] = n
    return found


def names_within(period: Period) -> list[str]:
    """Return how the period and every calendar period in it are written."""
    inner = [part for step in Step for part in period.split(step) if part.lies_within(period)]
    return sorted({str(period), *map(str, inner)})
