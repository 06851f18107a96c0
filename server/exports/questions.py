"""What a file for analysts asks of the figures, and of which months. Pure."""

from __future__ import annotations

from datetime import datetime

from server.exports.exports import Export
from server.periods import Period, Step
from server.readings.readings import Breakdown, Question, kpis_named
from server.scopes import Scope


def question_of(export: Export, now: datetime) -> list[Question]:
    """Return the questions whose readings a file of figures holds: the scope, then its units."""
    scope, period = Scope.parse(export.scope), Period.parse(export.period, now)
    return [
        Question(
            kpis=kpis_named([], scope, period, places),
            scope=scope,
            period=period,
            by=places,
            step=Step(export.step),
        )
        for places in (None, Breakdown.UNIT)
    ]


def months_of(period: Period) -> list[tuple[datetime, datetime]]:
    """Return the beginnings and ends of the months of a period; without whole months, its own."""
    if not period.is_whole_months:
        return [period.bounds]
    return [month.bounds for month in period.split(Step.MONTH)]
