"""Reads a month's visits of one kind of unit, and keeps what was learnt from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import psycopg

from runtime.sql import statements
from server.experience.fitting import DaySums, MonthFit, fit_month
from server.experience.visits import Visits
from server.periods import Period, Step

_SQL = statements("server.experience", "experience.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A kind of unit and the first day of a month to be learnt, with what is counted of it now.

    `since` is the first day that still has messages, where the month's first days have none.
    `waits` while its ratings are not yet linked with visits.
    """

    kind: str
    month: date
    visits: int
    ratings: int
    since: date | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Visits with the names that their numbers stand for: units, days, and each day's newest."""

    visits: Visits
    units: tuple[str, ...]
    first: date
    newest: dict[tuple[int, int], datetime]


def months_due(connection: psycopg.Connection) -> tuple[Due, ...]:
    """Return what has to be learnt, or learnt anew because more has come."""
    rows = connection.execute(_SQL["months_due"]).fetchall()
    return tuple(
        Due(kind=kind, month=month, since=since, visits=visits, ratings=ratings, waits=waits)
        for kind, month, since, visits, ratings, waits in rows
    )


def learn_month(connection: psycopg.Connection, due: Due) -> MonthFit | None:
    """Learn the month and keep it in one transaction; None where too few visits were rated."""
    with connection.transaction():
        month = read_month(connection, due)
        fit = fit_month(month.visits)
        key = {"kind": due.kind, "month": due.month}
        connection.execute(_SQL["forget"], key)
        connection.execute(_SQL["add_model"], key | _model(due, month, fit))
        if fit is not None:
            connection.execute(_SQL["add_units"], key | _units(month, fit))
        days = _days(month, fit)
        connection.execute(_SQL["add_days"], {"kind": due.kind} | days)
    return fit


def read_month(connection: psycopg.Connection, due: Due) -> Month:
    """Return the month's visits in whole groups of ten a unit and day, inside a transaction."""
    start, end = Period.of(Step.MONTH, due.month).bounds
    if due.since is not None:
        start, _ = Period.of(Step.DAY, due.since).bounds
    connection.execute(_SQL["plan_for_many"])
    cursor = connection.cursor(binary=True)
    cursor.execute(_SQL["visits"], {"kind": due.kind, "start": start, "end": end})
    rows = cursor.fetchall()
    unit, day, expression, change, wait_s, service_s, hour, score, fold, at = (
        zip(*rows, strict=True) if rows else ((),) * 10
    )
    units = tuple(dict.fromkeys(unit))
    numbers = {name: number for number, name in enumerate(units)}
    unit_numbers = [numbers[name] for name in unit]
    days = [(each - due.month).days for each in day]
    newest = dict(zip(zip(unit_numbers, days, strict=True), at, strict=True))
    visits = Visits(
        unit=np.array(unit_numbers, dtype=np.int64),
        units=len(units),
        day=np.array(days, dtype=np.int64),
        expression=np.array(expression, dtype=float),
        change=np.array(change, dtype=float),
        wait_s=np.array(wait_s, dtype=float),
        service_s=np.array(service_s, dtype=float),
        hour=np.array(hour, dtype=float),
        score=np.array(score, dtype=np.int64),
        fold=np.array(fold, dtype=np.int64),
    )
    return Month(visits=visits, units=units, first=due.month, newest=newest)


def _model(due: Due, month: Month, fit: MonthFit | None) -> dict[str, object]:
    counted: dict[str, object] = {
        "since": due.since,
        "visits": due.visits,
        "ratings": due.ratings,
        "rated": int(month.visits.rated.sum()),
    }
    if fit is None:
        return counted | dict.fromkeys(
            ("mean", "mean_variance", "spread", "faces", "faces_share", "gain", "gain_error", "z")
        )
    return counted | {
        "mean": fit.effects.mean,
        "mean_variance": fit.effects.mean_variance,
        "spread": fit.effects.spread,
        "faces": str(fit.link.faces),
        "faces_share": fit.link.faces_share,
        "gain": fit.link.gain,
        "gain_error": fit.link.gain_error,
        "z": fit.link.z,
    }


def _units(month: Month, fit: MonthFit) -> dict[str, object]:
    return {
        "unit": list(month.units),
        "effect": fit.effects.unit.tolist(),
        "own_variance": fit.effects.own_variance.tolist(),
        "leaning": fit.effects.leaning.tolist(),
    }


def _days(month: Month, fit: MonthFit | None) -> dict[str, object]:
    days = _unlearnt(month) if fit is None else fit.days
    learnt = fit is not None
    return {
        "unit": [month.units[each.unit] for each in days],
        "day": [date.fromordinal(month.first.toordinal() + each.day) for each in days],
        "visits": [each.visits if learnt else 0 for each in days],
        "rated": [each.rated for each in days],
        "satisfied": [each.satisfied for each in days],
        "expected": [each.expected for each in days],
        "variance": [each.variance for each in days],
        "worse": [each.worse for each in days],
        "better": [each.better for each in days],
        "unlearnt": [0 if learnt else each.visits for each in days],
        "newest": [month.newest[each.unit, each.day] for each in days],
    }


def _unlearnt(month: Month) -> list[DaySums]:
    """Return how many visits each unit and day had, of which nothing else is told."""
    counts: dict[tuple[int, int], int] = {}
    for key in zip(month.visits.unit.tolist(), month.visits.day.tolist(), strict=True):
        counts[key] = counts.get(key, 0) + 1
    return [
        DaySums(
            unit=unit, day=day, visits=visits, rated=0, satisfied=0, expected=0.0, variance=0.0,
            worse=0.0, better=0.0,
        )
        for (unit, day), visits in counts.items()
    ]  # fmt: skip
