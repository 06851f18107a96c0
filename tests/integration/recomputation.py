"""Every KPI of counters from raw rows, by pandas and scipy alone: no code of the server's.

It reads what devices sent (visits, waits, ratings, requests, tickets), rosters and the services of
ticket machines, and says again in its own words what docs/kpis.md says of each KPI.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import psycopg
from scipy import stats

LOCAL = "Asia/Ho_Chi_Minh"
QUANTILE_ERROR = 0.02
"""What docs/kpis.md allows quantiles; times of at most a second are all alike."""

GROUP = 10
"""Expressions are told of whole groups of a unit's first visits of a day."""

_TABLES = {
    "visit": "SELECT id, observed_at, unit, counter, started_at, service_s, complete, readings, "
    "negative, neutral, positive FROM visit",
    "wait": "SELECT id, observed_at, unit, counter, started_at, wait_s, outcome FROM wait",
    "rating": "SELECT id, observed_at, unit, counter, score FROM rating WHERE amends IS NULL",
    "prompt": "SELECT id, observed_at, unit, counter, event FROM prompt",
    "reason": "SELECT rating, reason, observed_at, unit, counter FROM rating_reason",
    "ticket": "SELECT id, observed_at, unit, counter, number, event, service FROM ticket",
    "service": "SELECT service, family FROM ticket_service",
    "assignment": "SELECT officer, unit, counter, starts_at, ends_at FROM assignment",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """What rows to take: None takes all."""

    unit: str | None = None
    counter: str | None = None
    officer: str | None = None
    family: str | None = None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a reading must say; `error` is the relative error allowed to value and interval."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    parts: dict[str, float] | None = None
    error: float = 1e-9

    def differs(self, n: int, *, value: float | None, low: float | None, high: float | None) -> str:
        """Return what differs, or nothing."""
        found = {"n": n, "value": value, "low": low, "high": high}
        wrong = {
            name: (told, getattr(self, name))
            for name, told in found.items()
            if not self._is_near(told, getattr(self, name))
        }
        return str(wrong) if wrong else ""

    def _is_near(self, told: float | None, own: float | None) -> bool:
        if told is None or own is None:
            return told is own
        allowed = 1.0 if self.error == QUANTILE_ERROR and own <= 1 else 1e-12
        return math.isclose(told, own, rel_tol=self.error * (1 + 1e-6), abs_tol=allowed)


class Raw:
    """The raw rows of a database, each with its local day, officer and family."""

    def __init__(self, connection: psycopg.Connection) -> None:
        tables = {name: _frame(connection, query) for name, query in _TABLES.items()}
        calls = _calls(tables["ticket"], tables["service"])
        self.visit = tables["visit"]
        middle = (
            self.visit["started_at"] + (self.visit["observed_at"] - self.visit["started_at"]) / 2
        )
        self.visit = _attributed(self.visit, middle, calls, tables["assignment"])
        self.wait, self.rating, self.prompt = (
            _attributed(tables[name], tables[name]["observed_at"], calls, tables["assignment"])
            for name in ("wait", "rating", "prompt")
        )
        self.reason, self.ticket = tables["reason"], tables["ticket"]
        self.call = calls
        for table in (self.visit, self.wait, self.rating, self.prompt, self.reason, self.ticket):
            table["day"] = (
                table["observed_at"].dt.tz_convert(LOCAL).dt.tz_localize(None).dt.normalize()
            )
        self._chosen: dict[tuple[Place, date, date], Raw] = {}

    def within(self, place: Place, first: date, end: date) -> Raw:
        """Return the rows of a place, from the first local day until the day before `end`."""
        if (place, first, end) in self._chosen:
            return self._chosen[place, first, end]
        chosen = self._chosen[place, first, end] = Raw.__new__(Raw)
        since, until = pd.Timestamp(first), pd.Timestamp(end)
        for name, rows in vars(self).items():
            if not isinstance(rows, pd.DataFrame):
                continue
            for column in ("unit", "counter", "officer", "family"):
                wanted = getattr(place, column)
                if wanted is not None and column in rows:
                    rows = rows[rows[column] == wanted]  # noqa: PLW2901 - narrowed step by step
            if "day" in rows:
                rows = rows[(rows["day"] >= since) & (rows["day"] < until)]  # noqa: PLW2901
            setattr(chosen, name, rows)
        return chosen


def expected(kpi: str, raw: Raw) -> Expected:
    """Return what the KPI must be of these rows."""
    return RECOMPUTED[kpi](raw)


def _ratings(raw: Raw) -> Expected:
    levels = raw.rating["score"].value_counts()
    n = len(raw.rating)
    return Expected(
        n=n,
        value=float(n),
        parts={str(level): float(levels.get(level, 0)) for level in range(1, 6)},
    )


def _visits(raw: Raw) -> Expected:
    return Expected(n=len(raw.visit), value=float(len(raw.visit)))


def _share(hits: int, n: int, fewest: int = 30) -> Expected:
    if n < fewest:
        return Expected(n=n)
    share = hits / n
    interval = stats.binomtest(hits, n).proportion_ci(method="wilson")
    return Expected(n=n, value=share, low=float(interval.low), high=float(interval.high))


def _share_satisfied(raw: Raw) -> Expected:
    return _share(int((raw.rating["score"] >= 4).sum()), len(raw.rating))


def _prompt_rate(raw: Raw) -> Expected:
    shown, visits = int((raw.prompt["event"] == "shown").sum()), len(raw.visit)
    if visits >= 30 and shown >= visits:
        return Expected(n=visits, value=1.0)
    return _share(shown, visits)


def _response_rate(raw: Raw) -> Expected:
    steps = raw.prompt["event"]
    shown = int((steps == "shown").sum())
    return _share(min(int((steps == "answered").sum()), shown), shown)


def _bounds(raw: Raw) -> Expected:
    ratings, satisfied = len(raw.rating), int((raw.rating["score"] >= 4).sum())
    asked = max(ratings, len(raw.visit))
    if asked < 30 or not ratings:
        return Expected(n=ratings)
    low, high = satisfied / asked, (satisfied + asked - ratings) / asked
    return Expected(n=asked, value=(low + high) / 2, low=low, high=high)


def _reasons(raw: Raw) -> Expected:
    asked = int((raw.rating["score"] <= 3).sum())
    if asked < 30:
        return Expected(n=asked)
    shares = {
        str(name): min(1.0, n / asked) for name, n in raw.reason["reason"].value_counts().items()
    }
    return Expected(n=asked, value=max(shares.values(), default=0.0), parts=shares)


def _median(values: pd.Series, fewest: int) -> Expected:
    n = len(values)
    if n < fewest:
        return Expected(n=n)
    ordered = np.sort(values.to_numpy())
    rank = max(each for each in range(1, n // 2 + 1) if stats.binom.cdf(each - 1, n, 0.5) <= 0.025)
    return Expected(
        n=n, value=float(np.median(ordered)), low=float(ordered[rank - 1]),
        high=float(ordered[n - rank]), error=QUANTILE_ERROR,
    )  # fmt: skip


def _quantile(values: pd.Series, share: float, fewest: int = 30) -> Expected:
    n = len(values)
    if n < fewest:
        return Expected(n=n)
    ordered = np.sort(values.to_numpy())
    reach = stats.norm.ppf(0.975) * math.sqrt(n * share * (1 - share))
    at = [math.ceil(rank) for rank in (n * share, n * share - reach, n * share + reach)]
    value, low, high = (float(ordered[min(n, max(1, rank)) - 1]) for rank in at)
    return Expected(n=n, value=value, low=low, high=high, error=QUANTILE_ERROR)


def _services(raw: Raw) -> pd.Series:
    return raw.visit.loc[raw.visit["complete"], "service_s"]


def _served(raw: Raw) -> pd.Series:
    return raw.wait.loc[raw.wait["outcome"] == "served", "wait_s"]


def _within(minutes: int) -> Callable[[Raw], Expected]:
    return lambda raw: _share(int((_served(raw) <= 60 * minutes).sum()), len(_served(raw)))


def _abandonment(raw: Raw) -> Expected:
    return _share(int((raw.wait["outcome"] == "left").sum()), len(raw.wait))


def _expression_mix(raw: Raw) -> Expected:
    seen = raw.visit[raw.visit["readings"].notna()].sort_values(["observed_at", "id"])
    days = seen.groupby(["unit", "day"])
    place, size = days.cumcount(), days["id"].transform("size")
    told = seen[place < size - size % GROUP]
    n = len(told)
    if n < 30:
        return Expected(n=n)
    mean, error = told["positive"].mean(), told["positive"].sem()
    reach = stats.norm.ppf(0.975) * error
    return Expected(
        n=n, value=mean, low=max(0.0, mean - reach), high=min(1.0, mean + reach),
        parts={name: told[name].mean() for name in ("negative", "neutral", "positive")},
        error=1e-6,
    )  # fmt: skip


RECOMPUTED: dict[str, Callable[[Raw], Expected]] = {
    "ratings": _ratings,
    "share_satisfied": _share_satisfied,
    "prompt_rate": _prompt_rate,
    "response_rate": _response_rate,
    "satisfaction_bounds": _bounds,
    "reasons": _reasons,
    "visits": _visits,
    "median_service": lambda raw: _median(_services(raw), 6),
    "service_p90": lambda raw: _quantile(_services(raw), 0.9),
    "median_wait": lambda raw: _quantile(_served(raw), 0.5, 6),
    "wait_p90": lambda raw: _quantile(_served(raw), 0.9),
    "waited_within_15": _within(15),
    "waited_within_30": _within(30),
    "abandonment": _abandonment,
    "expression_mix": _expression_mix,
}
"""Each KPI of a period that rests on what happened at counters."""


def _frame(connection: psycopg.Connection, query: str) -> pd.DataFrame:
    cursor = connection.execute(query)  # type: ignore[call-overload]
    assert cursor.description is not None
    table = pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
    for name in ("observed_at", "started_at", "starts_at", "ends_at"):
        if name in table:
            table[name] = pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]")
    return table


def _calls(tickets: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """Return the calls of tickets with their families, in their order."""
    called = tickets[tickets["event"].isin(["called", "recalled"])]
    called = called.merge(services, on="service", how="left")
    return called.sort_values(["observed_at", "id"], kind="stable")


def _attributed(
    rows: pd.DataFrame, at: pd.Series, calls: pd.DataFrame, assignments: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows with who was on duty, and the family that was last called in two hours."""
    rows = rows.assign(at=at).sort_values("at", kind="stable")
    last = calls[["observed_at", "unit", "counter", "family"]]
    rows = pd.merge_asof(
        rows, last.rename(columns={"observed_at": "called_at"}), left_on="at",
        right_on="called_at", by=["unit", "counter"],
    )  # fmt: skip
    rows.loc[rows["at"] - rows["called_at"] >= timedelta(hours=2), "family"] = None
    duty = assignments.sort_values("starts_at")
    rows = pd.merge_asof(rows, duty, left_on="at", right_on="starts_at", by=["unit", "counter"])
    rows.loc[rows["at"] >= rows["ends_at"], "officer"] = None
    return rows
