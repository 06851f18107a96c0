"""Looks at closed days and weeks at fixed times: who departs from what is usual there. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

import numpy as np

from server.alerts.alerts import LATE_DATA, Alert, Contradiction, Figure, Move, Step
from server.alerts.charts import (
    Flags,
    Floats,
    dispersion,
    ewma,
    signals,
    tail,
    xmr,
)
from server.alerts.discovery import benjamini_hochberg
from server.alerts.rules import Chart, Rule
from server.periods import Step as Calendar

CLEARED = 0.2
"""The probability above which a share is no departure any more: far from what raises."""

CONTRADICTED = 0.05
"""The same days, counted anew with what came late: above it they would not have been looked at."""

FORGOTTEN = timedelta(days=14)
"""A unit of which so long nothing is known has no cause that lasts."""

LEAST_BASELINE_N = 300
LEAST_BASELINE_DAYS = 15
"""Less than this tells too little of what is usual to call anything unusual."""

_FITTED = 5
"""Shares of weekdays that are fitted to a baseline."""

_SPREAD_DAYS = 60.0
"""Days of the province's middle unit with which a unit's own spread is mixed."""

_SHRINK = 400.0
"""Cases of the unit's own share with which a weekday's share is mixed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Figures of units by day or week, oldest first; of shares `value` times `n` are hits.

    Arrays are units by days; n is 0 where nothing is known.
    """

    units: tuple[str, ...]
    days: tuple[date, ...]
    value: Floats
    n: Floats

    def until(self, day: date) -> Series:
        """Return what was until `day`, itself included."""
        kept = sum(each <= day for each in self.days)
        return replace(self, days=self.days[:kept], value=self.value[:, :kept], n=self.n[:, :kept])


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look finds of a unit: `raised` where the departure is worth telling, or `cleared`.

    `p` is the probability of a figure as far out, for charts of weeks 0 or 1.
    """

    figure: Figure
    p: float
    raised: bool
    cleared: bool


def look(
    rule: Rule, series: Series, at: datetime, holiday: Callable[[date], bool]
) -> tuple[Found, ...]:
    """Return what a look at `at` finds; the last day of `series` is that of the look.

    Units whose baseline or newest days hold too little are left out: nothing is known of them.
    """
    match rule.chart:
        case Chart.SHARE:
            return _look_at_shares(rule, series, at, holiday)
        case Chart.XMR | Chart.EWMA:
            return _look_at_weeks(rule, series, at)
        case Chart.THRESHOLD:
            raise ValueError("a threshold is judged by figures of now")
        case _:
            assert_never(rule.chart)


def _look_at_shares(
    rule: Rule, series: Series, at: datetime, holiday: Callable[[date], bool]
) -> tuple[Found, ...]:
    if not series.days:
        return ()
    last = series.days[-1]
    worked = np.array([not holiday(day) for day in series.days])
    # Holidays stand apart: they are neither usual nor judged.
    newest = worked & (np.cumsum(worked[::-1])[::-1] <= rule.window)
    first = last - timedelta(weeks=rule.baseline, days=2 * rule.window)
    usual = worked & ~newest & np.array([day > first for day in series.days])
    base = baseline_of(series, usual)
    known = (base.n >= LEAST_BASELINE_N) & (base.days >= LEAST_BASELINE_DAYS)
    share = share_of(series, newest, base)
    known &= share.n >= rule.least_n
    p = tail(share.hits, share.n, share.expected, share.spread, rule.side)
    value = share.hits / np.maximum(share.n, 1)
    large = (value - share.expected) * rule.side.sign >= rule.least_change
    reach = (
        3 * share.spread * np.sqrt(share.expected * (1 - share.expected) / np.maximum(share.n, 1))
    )
    return tuple(
        Found(
            figure=Figure(
                unit=series.units[index],
                value=float(value[index]),
                n=int(share.n[index]),
                at=at,
                usual_low=float(max(share.expected[index] - reach[index], 0.0)),
                usual_high=float(min(share.expected[index] + reach[index], 1.0)),
            ),
            p=float(p[index]),
            raised=bool(large[index]),
            cleared=bool(p[index] > CLEARED),
        )
        for index in np.flatnonzero(known)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What is usual: cases and days it rests on, each day's expected share, the cases that it is
    known by, and how much more days differ than by chance. One row, or number, a unit.
    """

    n: Floats
    days: Floats
    expected: Floats
    known_by: Floats
    spread: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The newest days' share and what was expected of them, one number a unit."""

    hits: Floats
    n: Floats
    expected: Floats
    spread: Floats


def baseline_of(series: Series, usual: Flags) -> Baseline:
    """Return what is usual: the weekdays' own shares in the days that `usual` names.

    The spread is Laney's. What makes it, how alike the cases of a day are (sigma_z^2 = 1 + (n - 1)
    rho), is the unit's own mixed with the province's middle unit: forty days of its own tell
    sigma_z to a tenth, and one that is too small by a tenth doubles false alarms.
    """
    hits = np.where(series.n > 0, series.value * series.n, 0.0) * usual
    n = series.n * usual
    total = np.maximum(n.sum(axis=1), 1e-9)
    overall = hits.sum(axis=1) / total
    expected, known_by = np.empty_like(hits), np.empty_like(hits)
    weekdays = np.array([day.weekday() for day in series.days])
    for weekday in range(7):
        chosen = weekdays == weekday
        own_hits, own_n = hits[:, chosen].sum(axis=1), n[:, chosen].sum(axis=1)
        mixed = (own_hits + _SHRINK * overall) / (own_n + _SHRINK)
        expected[:, chosen] = mixed[:, None]
        known_by[:, chosen] = (own_n + _SHRINK)[:, None]
    days = (n > 0).sum(axis=1).astype(np.float64)
    own = dispersion(hits[:, usual], n[:, usual], expected[:, usual])
    # What was fitted to these days lies closer to them than to those that come.
    own = own * np.sqrt(days / np.maximum(days - _FITTED, 1))
    a_day = np.maximum(n.sum(axis=1) / np.maximum(days, 1), 2.0)
    alike = (own**2 - 1) / (a_day - 1)
    enough = days >= LEAST_BASELINE_DAYS
    middle = float(np.median(alike[enough])) if enough.any() else 0.0
    alike = (days * alike + _SPREAD_DAYS * middle) / (days + _SPREAD_DAYS)
    spread = np.sqrt(np.maximum(1 + (a_day - 1) * alike, 1.0))
    return Baseline(n=n.sum(axis=1), days=days, expected=expected, known_by=known_by, spread=spread)


def share_of(series: Series, newest: Flags, base: Baseline) -> Share:
    """Return the share of the days that `newest` names against what is usual for their weekdays.

    The spread grows with the uncertainty of a baseline that is itself a sample.
    """
    n = (series.n * newest).sum(axis=1)
    hits = (np.where(series.n > 0, series.value * series.n, 0.0) * newest).sum(axis=1)
    expected = (series.n * newest * base.expected).sum(axis=1) / np.maximum(n, 1e-9)
    unsure = ((series.n * newest) ** 2 / base.known_by).sum(axis=1) / np.maximum(n, 1e-9)
    return Share(
        hits=hits,
        n=n,
        expected=np.clip(expected, 1e-6, 1 - 1e-6),
        spread=base.spread * np.sqrt(1 + unsure),
    )


def _look_at_weeks(rule: Rule, series: Series, at: datetime) -> tuple[Found, ...]:
    """Judge the last closed week against those before it, each unit with as many as it has."""
    found: list[Found] = []
    for index, unit in enumerate(series.units):
        known = series.n[index] > 0
        values = series.value[index][known][-(rule.baseline + 1) :]
        if len(values) <= rule.baseline or not known[-1] or series.n[index][-1] < rule.least_n:
            continue
        before = values[:-1]
        limits = xmr(before)
        if rule.chart is Chart.EWMA:
            smooth = ewma(values, limits.centre, limits.sigma)
            away = (smooth.values[-1] - limits.centre) * rule.side.sign
            speaks = bool(away > 3 * smooth.sigma[-1])
        else:
            speaks = bool(signals(values, limits, rule.rules, rule.side)[-1])
        last = float(values[-1])
        large = (last - float(limits.centre)) * rule.side.sign >= rule.least_change
        inside = (last - float(limits.centre)) * rule.side.sign <= float(limits.sigma)
        figure = Figure(
            unit=unit,
            value=last,
            n=int(series.n[index][-1]),
            at=at,
            usual_low=float(limits.lower),
            usual_high=float(limits.upper),
        )
        raised = speaks and large and last != float(limits.centre)
        found.append(Found(figure=figure, p=0.0 if raised else 1.0, raised=raised, cleared=inside))
    return tuple(found)


def judge_look(
    rule: Rule,
    found: Iterable[Found],
    anew: Mapping[UUID, Found],
    alerts: Sequence[Alert],
    at: datetime,
) -> tuple[Move, ...]:
    """Return the steps that follow from a look.

    `anew` are alerts with the days of their own look counted once more: one that late data
    contradict is withdrawn, also where it has ended meanwhile.
    """
    opened = {alert.unit: alert for alert in alerts if alert.state.is_open}
    contradicted = {id_ for id_, again in anew.items() if again.p > CONTRADICTED}
    moves = [_withdrawn(alert, anew[alert.id]) for alert in alerts if alert.id in contradicted]
    found = tuple(found)
    begun = _begun(rule, [each for each in found if each.figure.unit not in opened])
    told = {each.figure.unit for each in found}
    moves += [
        Move(step=Step.ENDED, rule=rule.id, unit=alert.unit, alert=alert.id, note="no_data")
        for alert in opened.values()
        if alert.unit not in told
        and at - alert.changed_at > FORGOTTEN
        and alert.id not in contradicted
    ]
    for each in found:
        unit = each.figure.unit
        alert = opened.get(unit)
        if alert is None:
            if unit in begun:
                moves.append(Move(step=Step.RAISED, rule=rule.id, unit=unit, figure=each.figure))
            continue
        if each.cleared and alert.id not in contradicted:
            moves.append(_closing(alert, Step.ENDED, each))
    return tuple(moves)


def _begun(rule: Rule, found: Sequence[Found]) -> frozenset[str | None]:
    """Return the units in which a departure begins, of those that have no alert yet.

    Known departures are no hypotheses any more: among the p of a look they would double the
    false ones.
    """
    rejected = benjamini_hochberg(np.array([each.p for each in found]), rule.rate)
    return frozenset(
        each.figure.unit for each, yes in zip(found, rejected, strict=True) if yes and each.raised
    )


def _withdrawn(alert: Alert, again: Found) -> Move:
    """Return the step; what is kept without its figure, an opinion, is told without one."""
    said = Contradiction(then=alert.value, since=again.figure.value)
    note = LATE_DATA if alert.value is None else said.note
    return _closing(alert, Step.WITHDRAWN, again, note)


def _closing(alert: Alert, step: Step, found: Found, note: str = "") -> Move:
    return Move(
        step=step,
        rule=alert.rule,
        unit=alert.unit,
        alert=alert.id,
        figure=found.figure,
        note=note,
    )


def span(rule: Rule, day: date) -> tuple[date, date]:
    """Return the first day that a look on `day` needs, and the day after the last one."""
    if rule.step is Calendar.DAY:
        return day - timedelta(weeks=rule.baseline, days=2 * rule.window), day + timedelta(days=1)
    monday = day - timedelta(days=day.weekday())
    return monday - timedelta(weeks=rule.baseline + 1), monday
