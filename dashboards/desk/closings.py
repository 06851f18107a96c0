"""Closing of periods, on the page of appraisals: what each still lacks, and the act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dash import html
from dash.development.base_component import Component

from contract.local_time import LOCAL_TIME
from dashboards.api.acts import Outcome
from dashboards.api.rest import RestClient
from dashboards.api.visiting import may
from dashboards.desk.acts import Field, Given, folded, table
from dashboards.desk.period_choices import end_of, kind_of, named_period, period_choices
from dashboards.look.formats import date_time, number
from dashboards.look.texts import tell

RIGHT = "close_periods"
ACT = "close_period"
_MOST = {"month": 2, "quarter": 1, "year": 1}
"""How many of each kind of period are offered, those that ended last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What a period lacks before it is closed: by unit, and by cause what is counted anew."""

    period: str
    closed: bool
    contests: Mapping[str, int]
    appraisals: Mapping[str, int]
    recounting: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for a period, and how it went."""

    asked_by: str
    asked_at: datetime
    done_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """What was asked for one period, the first one first."""

    requests: tuple[Request, ...] = ()


async def close(api: RestClient, _: str, given: Given) -> Outcome:
    """Ask for a period to be closed, where that is chosen despite what is open."""
    body = {"period": given["period"], "despite": given["despite"] == "yes"}
    return await api.act("POST", "/closings", body=body)


async def closing(api: RestClient, names: Mapping[str, str]) -> Sequence[Component]:
    """Return the check list of the periods that ended last; nothing to whoever closes none."""
    if not may(RIGHT):
        return ()
    now = datetime.now(UTC)
    rows, still_open = [], []
    for period in ended(now):
        found = (await api.read(f"/closings/{period}/missing", Missing)).value
        if found is None:
            continue
        asked = None if found.closed else (await api.read(f"/closings/{period}", Requests)).value
        rows.append(_row(found, () if asked is None else asked.requests, names))
        if not found.closed:
            still_open.append(period)
    if not rows:
        return ()
    columns = ("period", "state", "contests", "appraisals", "recounting")
    title = tell("closing.title")
    return [
        html.H2(title),
        html.P(tell("closing.note"), className="note"),
        table("closing", columns, rows, label=title),
        *([folded(ACT, "", _fields(still_open))] if still_open else ()),
    ]


def ended(now: datetime) -> tuple[str, ...]:
    """Return the months and the quarter, or year, that ended last: those that are closed next."""
    today = now.astimezone(LOCAL_TIME).date()
    offered = [each for each, _ in period_choices(now)]
    over = [each for each in offered if kind_of(each) in _MOST and end_of(each) <= today]
    return tuple(
        each
        for kind, most in _MOST.items()
        for each in [found for found in over if kind_of(found) == kind][:most]
    )


def _row(
    found: Missing, requests: Sequence[Request], names: Mapping[str, str]
) -> tuple[object, ...]:
    recounting = sum(found.recounting.values())
    return (
        named_period(found.period),
        _state(found, requests),
        _by_unit(found.contests, names),
        _by_unit(found.appraisals, names),
        number(recounting) if recounting else tell("closing.nothing"),
    )


def _state(found: Missing, requests: Sequence[Request]) -> str:
    if found.closed:
        return tell("closing.closed")
    if not requests:
        return tell("closing.not_closed")
    newest = requests[-1]
    key = "closing.asked" if newest.done_at is None else "closing.failed"
    said = tell(key, who=newest.asked_by, at=date_time(newest.asked_at))
    return f"{said} {newest.problem}" if newest.problem else said


def _by_unit(missing: Mapping[str, int], names: Mapping[str, str]) -> str:
    if not missing:
        return tell("closing.nothing")
    told = (f"{names.get(unit, unit)}: {number(n)}" for unit, n in sorted(missing.items()))
    return f"{number(sum(missing.values()))} ({'; '.join(told)})"


def _fields(periods: Sequence[str]) -> tuple[Field, ...]:
    return (
        Field(
            name="period",
            label=tell("closing.period"),
            value=periods[0],
            choices=[(each, named_period(each)) for each in periods],
        ),
        Field(
            name="despite",
            label=tell("closing.despite"),
            value="no",
            choices=[("no", tell("closing.despite_no")), ("yes", tell("closing.despite_yes"))],
        ),
    )
