"""What an API answers to the questions of walls: any number of units, any day, always the same."""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contract.local_time import LOCAL_TIME
from contract.readings import Direction, KpiDefinition, Measure, Reading, Timing
from dashboards.api.alerts import Alert, Alerts
from server.alerts.control import ControlLimits, control
from server.kpi.catalogue import definitions
from server.periods import Period
from tests.dashboards.examples import Situation, wilson

CATALOGUE = definitions()
"""The server's own: names as long as they are, and every KPI that walls ask for."""
BY_ID = {definition.id: definition for definition in CATALOGUE}
_HOURS = {7: 6, 8: 19, 9: 24, 10: 21, 11: 9, 13: 14, 14: 18, 15: 12, 16: 5}
"""Dossiers of a usual day by hour."""
_COUNTERS = 5
MANY = 20
"""People who wait, from which a unit has an alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question, as the API's parameters name it."""

    kpis: tuple[str, ...]
    scope: str
    period: str
    by: tuple[str, ...]


def readings(situation: Situation, asked: Asked, now: datetime) -> tuple[Reading, ...]:
    """The answer to a question that the live figures of a situation do not hold."""
    units = [unit.scope for unit in situation.within(asked.scope.partition(";")[0])]
    if asked.scope == "province":
        units = units[1:]
    scopes: Sequence[str] = (asked.scope,)
    periods = (asked.period or "now",)
    if "unit" in asked.by:
        scopes = units
    if "counter" in asked.by:
        unit = asked.scope.rpartition(":")[2]
        scopes = [f"counter:{unit}/quay-{number}" for number in range(1, _COUNTERS + 1)]
    if "procedure" in asked.by:
        scopes = [f"{asked.scope};procedure:1.00{number}" for number in range(1, 8)]
    if {"day", "week", "month"} & set(asked.by):
        days = 30 if "month" in asked.by else 7 if "week" in asked.by else 1
        periods = tuple(_steps(asked.period, days))
    made = (
        _reading(BY_ID[kpi], scope, period, now, whole=len(units))
        for kpi in asked.kpis
        for scope in scopes
        for period in periods
    )
    return tuple(made)


def _steps(period: str, days: int) -> list[str]:
    first, _, last = period.partition("..")
    if not last:
        named = Period.parse(period, datetime.now(UTC))
        assert named.first is not None
        assert named.end is not None
        first, last = named.first.isoformat(), (named.end - timedelta(days=1)).isoformat()
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    count = (end - start).days // days + 1
    return [(start + timedelta(days=days * step)).isoformat() for step in range(count)]


def _reading(kpi: KpiDefinition, scope: str, period: str, now: datetime, *, whole: int) -> Reading:
    chance = random.Random(zlib.crc32(f"{kpi.id} {scope} {period}".encode()))
    size = whole if scope == "province" else 1
    n = max(1, round(size * chance.uniform(60, 240)))
    low = high = None
    parts: Mapping[str, float] | None = None
    match kpi.measure:
        case Measure.SHARE:
            province = scope == "province"
            share = (
                chance.uniform(0.945, 0.97) if province else chance.triangular(0.82, 0.995, 0.95)
            )
            hits = round(n * (1 - share if kpi.direction is Direction.LOWER else share))
            value = hits / n
            low, high = wilson(hits, n)
        case Measure.SECONDS:
            value = chance.triangular(60, 960, 300)
        case Measure.INDEX:
            value = chance.uniform(-2, 2)
        case _:
            value = float(round(n * 0.02))
    if kpi.id.endswith("_by_hour"):
        parts = _by_hour(period, size, now, chance)
        value = sum(parts.values())
        n = int(value)
    if kpi.id == "visits":
        value = float(n)
    if kpi.id == "open_counters":
        value = float(chance.randrange(1, 5))
    told = "now" if kpi.timing is Timing.NOW else period
    return Reading(
        kpi=kpi.id, version=1, scope=scope, period=told, n=n, value=value, low=low, high=high,
        parts=parts, observed_at=now,
    )  # fmt: skip


def _by_hour(period: str, size: int, now: datetime, chance: random.Random) -> dict[str, float]:
    day, local = date.fromisoformat(period), now.astimezone(LOCAL_TIME)
    if day.weekday() > 5:
        return {}
    last = local.hour if day == local.date() else 23
    pace = size * chance.uniform(0.4, 0.7)
    return {f"{hour:02}": float(round(n * pace)) for hour, n in _HOURS.items() if hour <= last}


def ranking(situation: Situation, period: str, now: datetime) -> dict[str, object]:
    """The units by kind with ranks of the share satisfied, as the API tells them."""
    kinds: dict[str, list[dict[str, object]]] = {}
    for unit in situation.units:
        chance = random.Random(zlib.crc32(f"{unit.scope} {period}".encode()))
        n = chance.randrange(20, 900)
        hits = round(n * chance.triangular(0.84, 0.99, 0.95))
        low, high = wilson(hits, n)
        member = unit.scope.removeprefix("subtree:")
        row: dict[str, object] = {"member": member, "unit": member, "n": n}
        if n >= 30:
            row["estimate"] = {"value": hits / n, "low": low, "high": high}
        kinds.setdefault(unit.place.kind, []).append(row)
    return {
        "computed_at": now.isoformat(),
        "by": "unit",
        "running": True,
        "kinds": [{"kind": kind, "rows": rows, **_ranked(rows)} for kind, rows in kinds.items()],
    }


def alerts(shown: Situation) -> Alerts:
    """An alert of each unit in which many wait."""
    return Alerts(
        alerts=tuple(
            Alert(
                id=unit.scope,
                rule="wait_forecast",
                name_vi="Dự báo thời gian chờ trên 15 phút",
                name_en="Wait forecast above 15 minutes",
                severity="serious",
                state="raised",
                raised_at=shown.at - timedelta(minutes=20),
                unit=unit.scope.removeprefix("subtree:"),
                measure="seconds",
                value=60.0 * unit.reading("people_waiting").value,
                n=9,
                to=("unit", "operator"),
            )
            for unit in shown.units
            if (unit.reading("people_waiting").value or 0) >= MANY
        )
    )


def _ranked(rows: list[dict[str, Any]]) -> dict[str, object]:
    """Rank the rows that have cases enough; return the level of the kind and its funnel."""
    told = [row for row in rows if "estimate" in row and row["n"] >= 100]
    if len(told) < 2:
        return {}
    told.sort(key=lambda row: -row["estimate"]["value"])
    level = sum(row["n"] * row["estimate"]["value"] for row in told) / sum(r["n"] for r in told)
    for at, row in enumerate(told, start=1):
        spread = max(1, len(told) // 8)
        row["rank"] = {
            "median": at, "low": max(1, at - spread), "high": min(len(told), at + spread),
            "in_top_decile": 0.1, "in_bottom_decile": 0.1,
        }  # fmt: skip
        share = row["estimate"]["value"]
        row |= {
            "adjusted": row["estimate"],
            "group": 1 + 4 * (at - 1) // len(told),
            "flagged": not row["estimate"]["low"] < level < row["estimate"]["high"],
            "over_expected": {
                "observed": round(row["n"] * (1 - share)),
                "expected": row["n"] * (1 - level),
            },
        }
    return {"level": level, "funnel": {"exact": _lines(1.0), "added": _lines(1.4)}}


def _lines(spread: float) -> dict[str, list[float]]:
    expected = [2.0, 5.0, 10.0, 20.0, 50.0, 100.0]
    lines = {"expected": expected}
    for name, z in (("95", 1.96), ("998", 3.09)):
        reach = [spread * z / at**0.5 for at in expected]
        lines[f"low_{name}"] = [max(0.0, 1 - each) for each in reach]
        lines[f"high_{name}"] = [1 + each for each in reach]
    return lines


def control_limits(
    told: Sequence[Reading], asked: Asked, now: datetime
) -> tuple[ControlLimits, ...]:
    """The control limits of what was asked for and told."""
    whole = Period.parse(asked.period, now)
    found = (
        control(BY_ID[kpi].measure, [each for each in told if each.kpi == kpi], whole, now)
        for kpi in asked.kpis
    )
    return tuple(each for each in found if each is not None)
