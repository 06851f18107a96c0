"""The frozen inputs of KPIs: what is known about one unit (or the province) at one moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from heapq import merge

LOCAL_TIME = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""UTC+7 the whole year: Viet Nam has no daylight saving time."""

ONLINE_FOR_S = 30.0
"""A unit is offline when nothing was observed for this long: three heartbeats of 10 s."""


ANONYMITY_FLOOR = 10
"""k: expressions are told only for whole groups of this many visits to one unit.

So no figure, and no difference between two figures or between a total and its parts, rests on
fewer people: not that of two moments, nor that of a province and its units.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A local day as the half-open interval [start, end) of instants."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, now: datetime) -> Day:
        """Return the day in Viet Nam that holds `now`."""
        local = now.astimezone(LOCAL_TIME)
        start = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(start=start, end=start + timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingTotals:
    """Ratings of the day by score, from 1 (very dissatisfied) to 5."""

    by_score: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    newest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTotals:
    """Visits that ended in the day."""

    visits: int = 0
    newest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionTotals:
    """Sums of the mixes of the day's first visits, in whole groups of ANONYMITY_FLOOR a unit.

    `seen` counts all visits with a mix, also those that are not in a whole group yet.
    """

    seen: int = 0
    visits: int = 0
    negative: float = 0.0
    neutral: float = 0.0
    positive: float = 0.0
    positive_squared: float = 0.0
    newest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTimes:
    """Service times of the day's complete visits in seconds, ascending."""

    seconds: tuple[float, ...] = ()
    newest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterState:
    """A counter's newest observation; `queue_length` is None where no waiting zone is watched."""

    observed_at: datetime
    queue_length: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """What decides whether a device is online; `ended` says its newest session has been closed."""

    last_seen: datetime | None
    ended: bool = False

    def online(self, now: datetime) -> bool:
        """Return whether the device is up at `now`."""
        if self.last_seen is None or self.ended:
            return False
        return (now - self.last_seen).total_seconds() <= ONLINE_FOR_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that KPIs of one unit rest on.

    `watched_at` is when a camera last counted people today; None while none has.
    """

    ratings: RatingTotals = RatingTotals()
    visits: VisitTotals = VisitTotals()
    expressions: ExpressionTotals = ExpressionTotals()
    service: ServiceTimes = ServiceTimes()
    watched_at: datetime | None = None
    counters: tuple[CounterState, ...] = ()
    devices: tuple[DeviceState, ...] = ()


def combine(parts: Iterable[Inputs]) -> Inputs:
    """Return the inputs of several units taken together."""
    parts = tuple(parts)
    if len(parts) == 1:
        return parts[0]
    return Inputs(
        ratings=_combine_ratings([part.ratings for part in parts]),
        visits=_combine_visits([part.visits for part in parts]),
        expressions=_combine_expressions([part.expressions for part in parts]),
        service=ServiceTimes(
            seconds=tuple(merge(*(part.service.seconds for part in parts))),
            newest=newest(part.service.newest for part in parts),
        ),
        watched_at=newest(part.watched_at for part in parts),
        counters=tuple(state for part in parts for state in part.counters),
        devices=tuple(state for part in parts for state in part.devices),
    )


def newest(times: Iterable[datetime | None]) -> datetime | None:
    """Return the latest of `times`, or None when there is none."""
    return max((time for time in times if time is not None), default=None)


def _combine_ratings(totals: list[RatingTotals]) -> RatingTotals:
    one, two, three, four, five = (
        sum(total.by_score[index] for total in totals) for index in range(5)
    )
    return RatingTotals(
        by_score=(one, two, three, four, five), newest=newest(total.newest for total in totals)
    )


def _combine_visits(totals: list[VisitTotals]) -> VisitTotals:
    return VisitTotals(
        visits=sum(total.visits for total in totals),
        newest=newest(total.newest for total in totals),
    )


def _combine_expressions(totals: list[ExpressionTotals]) -> ExpressionTotals:
    return ExpressionTotals(
        seen=sum(total.seen for total in totals),
        visits=sum(total.visits for total in totals),
        negative=sum(total.negative for total in totals),
        neutral=sum(total.neutral for total in totals),
        positive=sum(total.positive for total in totals),
        positive_squared=sum(total.positive_squared for total in totals),
        newest=newest(total.newest for total in totals),
    )
