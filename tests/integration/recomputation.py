"""Every KPI of counters from raw rows, by pandas and scipy alone: no code of the server's.

It reads what devices sent (visits, waits, ratings, requests, tickets), rosters and the services of
ticket machines, and says again in its own words what docs/kpis.md says of each KPI.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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
    "negative, neutral, positive, expression_change FROM visit",
    "wait": "SELECT id, observed_at, unit, counter, started_at, wait_s, outcome FROM wait",
    "rating": "SELECT id, observed_at, unit, counter, score FROM rating "
    "WHERE amends IS NULL AND standing = 'official'",
    "doubtful": "SELECT id, observed_at, unit, counter, score FROM rating "
    "WHERE amends IS NULL AND standing = 'suspect'",
    "prompt": "SELECT id, observed_at, unit, counter, event, visit FROM prompt",
    "reason": "SELECT rating, reason, observed_at, unit, counter FROM rating_reason",
    "ticket": "SELECT id, observed_at, unit, counter, number, event, service FROM ticket",
    "service": "SELECT service, family FROM ticket_service",
    "presence": "SELECT unit, counter, hour AS observed_at, last_counted FROM presence_hourly",
    "delivery": "SELECT unit, counter, observed_at, received_at FROM visit UNION ALL "
    "SELECT unit, counter, observed_at, received_at FROM wait UNION ALL "
    "SELECT unit, counter, observed_at, received_at FROM rating UNION ALL "
    "SELECT unit, counter, observed_at, received_at FROM prompt",
    "refusal": "SELECT topic, received_at AS observed_at FROM quarantine WHERE replayed_at IS NULL",
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
        allowed = 1.0 if self.error == QUANTILE_ERROR else 1e-12
        return math.isclose(told, own, rel_tol=self.error * (1 + 1e-6), abs_tol=allowed)


class Raw:
    """Raw rows, each with its local day and where known officer and family.

    `before` are those of the same place in the ninety days before.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame], before: Raw | None = None) -> None:
        self.tables = tables
        self.before = before
        self._within: dict[tuple[Place, date, date], Raw] = {}

    @classmethod
    def read(cls, connection: psycopg.Connection) -> Raw:
        """Return the rows of a database."""
        read = {name: _frame(connection, query) for name, query in _TABLES.items()}
        levels = read["refusal"]["topic"].str.split("/", expand=True)
        calls, duty = _calls(read["ticket"], read["service"]), read["assignment"]
        visit = read["visit"]
        middle = visit["started_at"] + (visit["observed_at"] - visit["started_at"]) / 2
        tables = {
            "visit": _attributed(visit, middle, calls, duty),
            "opening": _opening(read["presence"]),
            "refusal": read["refusal"].assign(unit=levels[2], counter=levels[3]),
            "ticket_wait": _ticket_waits(read["ticket"], calls, duty),
            **{name: read[name] for name in ("reason", "ticket", "delivery", "presence")},
            **{
                name: _attributed(read[name], read[name]["observed_at"], calls, duty)
                if len(read[name])
                else read[name].assign(officer=None, family=None)
                for name in ("wait", "rating", "doubtful", "prompt")
            },
        }
        for table in tables.values():
            local = table["observed_at"].dt.tz_convert(LOCAL)
            table["day"] = local.dt.tz_localize(None).dt.normalize()
        return cls(tables)

    def __getattr__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def within(self, place: Place, first: date, end: date) -> Raw:
        """Return the rows of a place, from the first local day until the day before `end`."""
        key = (place, first, end)
        if key not in self._within:
            earlier = Raw(self._rows(place, first - timedelta(days=90), first))
            self._within[key] = Raw(self._rows(place, first, end), earlier)
        return self._within[key]

    def _rows(self, place: Place, first: date, end: date) -> dict[str, pd.DataFrame]:
        since, until = pd.Timestamp(first), pd.Timestamp(end)
        chosen = {}
        for name, table in self.tables.items():
            there = (table["day"] >= since) & (table["day"] < until)
            for column in ("unit", "counter", "officer", "family"):
                wanted = getattr(place, column)
                if wanted is not None and column in table:
                    there &= table[column] == wanted
            chosen[name] = table[there]
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


def _suspect_share(raw: Raw) -> Expected:
    return _share(len(raw.doubtful), len(raw.doubtful) + len(raw.rating))


def _prompt_rate(raw: Raw) -> Expected:
    shown, visits = int((raw.prompt["event"] == "shown").sum()), len(raw.visit)
    return _share(min(shown, visits), visits)


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
    rank = int((stats.binom.cdf(np.arange(n // 2), n, 0.5) <= 0.025).sum())
    return Expected(
        n=n, value=float(np.median(ordered)), low=float(ordered[rank - 1]),
        high=float(ordered[n - rank]), error=QUANTILE_ERROR,
    )  # fmt: skip


def _quantile(values: pd.Series, share: float) -> Expected:
    n = len(values)
    if n < 30:
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


def _told(raw: Raw) -> pd.DataFrame:
    """Return the visits of which expressions are told."""
    seen = raw.visit[raw.visit["readings"].notna()].sort_values(["observed_at", "id"])
    days = seen.groupby(["unit", "day"])
    place, size = days.cumcount(), days["id"].transform("size")
    return seen[place < size - size % GROUP]


def _expression_mix(raw: Raw) -> Expected:
    told = _told(raw)
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


def _changed(raw: Raw) -> pd.DataFrame:
    """Return the visits of which a change of expression is told, whole groups of half a day."""
    known = raw.visit["readings"].notna() & raw.visit["expression_change"].notna()
    seen = raw.visit[known].sort_values(["observed_at", "id"])
    morning = seen["observed_at"].dt.tz_convert(LOCAL).dt.hour < 12
    halves = seen.assign(morning=morning).groupby(["unit", "day", "morning"])
    place, size = halves.cumcount(), halves["id"].transform("size")
    return seen[place < size - size % GROUP]


def _expression_change(raw: Raw) -> Expected:
    changes = _changed(raw)["expression_change"]
    n = len(changes)
    if n < 30:
        return Expected(n=n)
    mean, reach = changes.mean(), stats.norm.ppf(0.975) * changes.sem()
    return Expected(
        n=n, value=100 * mean, low=100 * (mean - reach), high=100 * (mean + reach), error=1e-5
    )


def _asked_when_unhappy(raw: Raw) -> Expected:
    told = _changed(raw)
    shown = raw.prompt[raw.prompt["event"] == "shown"].sort_values("observed_at")
    before = pd.merge_asof(
        shown[shown["visit"].isna()][["observed_at", "unit", "counter"]],
        raw.visit[["observed_at", "unit", "counter", "id"]].sort_values("observed_at"),
        on="observed_at", by=["unit", "counter"],
        tolerance=pd.Timedelta(minutes=2) - pd.Timedelta(microseconds=1),
    )  # fmt: skip
    asked = told["id"].isin({*shown["visit"].dropna(), *before["id"].dropna()})
    unhappy = told["negative"] > told["positive"]
    n = min(int(unhappy.sum()), int((~unhappy).sum()))
    if n < 10:
        return Expected(n=0)
    one, other = (
        _share(int(asked[group].sum()), int(group.sum()), 1) for group in (unhappy, ~unhappy)
    )
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    assert other.value is not None
    assert other.low is not None
    assert other.high is not None
    value = one.value - other.value
    return Expected(
        n=n, value=100 * value,
        low=100 * (value - math.hypot(one.value - one.low, other.high - other.value)),
        high=100 * (value + math.hypot(one.high - one.value, other.value - other.low)),
        parts={"unhappy": one.value, "other": other.value}, error=1e-6,
    )  # fmt: skip


def _drift(raw: Raw) -> Expected:
    assert raw.before is not None
    now, before = _told(raw), _told(raw.before)
    n = min(len(now), len(before))
    if n < 30:
        return Expected(n=n)
    mixes = [table[["negative", "neutral", "positive"]].mean() for table in (now, before)]
    value = stats.entropy(*mixes) + stats.entropy(*reversed(mixes))
    return Expected(n=n, value=float(value), error=1e-6)


def _hours(part: str, whole: str) -> Callable[[Raw], Expected]:
    def compute(raw: Raw) -> Expected:
        open_s = raw.opening["open_s"]
        whole_s = int(open_s[raw.opening[whole]].sum())
        part_s = int(open_s[raw.opening[part]].sum())
        if whole_s == 0:
            return Expected(n=0)
        return Expected(n=round(whole_s / 3600), value=part_s / whole_s)

    return compute


def _utilisation(raw: Raw) -> Expected:
    watched = raw.opening[raw.opening["counted"]]
    hours = raw.visit.assign(hour=raw.visit["observed_at"].dt.floor("h"))
    hours = hours[hours["complete"]].merge(
        watched[["unit", "counter", "hour", "open_s"]], on=["unit", "counter", "hour"]
    )
    if len(hours) < 30:
        return Expected(n=len(hours))
    value = hours["service_s"].sum() / watched["open_s"].sum()
    return Expected(n=len(hours), value=float(value), error=QUANTILE_ERROR)


def _count_agreement(raw: Raw) -> Expected:
    place = ["unit", "counter", "day"]
    served = raw.ticket[raw.ticket["event"] == "served"].groupby(place)["number"].nunique()
    watched = raw.presence[raw.presence["last_counted"].notna()].groupby(place).size()
    pairs = pd.concat([served, watched], axis=1, join="inner").iloc[:, 0]
    visits = raw.visit.groupby(place).size().reindex(pairs.index, fill_value=0)
    difference = (visits - pairs).to_numpy(float)
    n = len(difference)
    if n < 10:
        return Expected(n=n)
    reach = stats.t.ppf(0.975, n - 1) * stats.sem(difference)
    spread = 2 * difference.std(ddof=1)
    return Expected(
        n=n,
        value=difference.mean(),
        low=difference.mean() - reach,
        high=difference.mean() + reach,
        parts={
            "lower_limit": difference.mean() - spread,
            "upper_limit": difference.mean() + spread,
            "tickets": pairs.mean(),
        },
    )


def _late(raw: Raw) -> Expected:
    delay = raw.delivery["received_at"] - raw.delivery["observed_at"]
    return _share(int((delay > timedelta(minutes=10)).sum()), len(delay), fewest=1)


def _quarantined(raw: Raw) -> Expected:
    refused = len(raw.refusal)
    return _share(refused, refused + len(raw.delivery), fewest=1)


def _unlinked(raw: Raw) -> Expected:
    n = len(raw.rating)
    officer, family = raw.rating["officer"].isna(), raw.rating["family"].isna()
    told = _share(int((officer | family).sum()), n, fewest=1)
    parts = {"without_officer": officer.mean(), "without_family": family.mean()}
    return replace(told, parts=parts)


def _unserved(raw: Raw) -> Expected:
    """Sweep over the beginnings and ends of waits and of what attends to people, unit by unit."""
    total_s = waiting_s = 0.0
    minute = timedelta(minutes=1)
    calls = raw.ticket[raw.ticket["event"].isin(["called", "recalled"])]
    attended = pd.concat(
        [
            raw.visit[["unit", "day", "started_at", "observed_at"]],
            calls.assign(
                started_at=calls["observed_at"], observed_at=calls["observed_at"] + minute
            )[["unit", "day", "started_at", "observed_at"]],
        ]
    )
    busy = dict(list(attended.groupby(["unit", "day"])))
    for key, waits in raw.wait.groupby(["unit", "day"]):
        others = busy.get(key, attended.iloc[:0])
        waiting_s += _only(waits, attended.iloc[:0])
        total_s += _only(waits, others)
    return Expected(
        n=len(raw.wait),
        value=total_s if len(raw.wait) else None,
        parts={"waiting_s": waiting_s, "unserved_s": total_s},
        error=1e-6,
    )


def _only(waits: pd.DataFrame, others: pd.DataFrame) -> float:
    """Return for how many seconds somebody waits and nothing of `others` goes on."""
    moments = [
        rows[column].astype("int64").to_numpy()
        for rows in (waits, others)
        for column in ("started_at", "observed_at")
    ]
    at = np.concatenate(moments)
    sizes = [len(each) for each in moments]
    waiting = np.cumsum(np.repeat([1, -1, 0, 0], sizes)[order := np.argsort(at, kind="stable")])
    other = np.cumsum(np.repeat([0, 0, 1, -1], sizes)[order])
    lengths = np.diff(at[order], append=at.max())
    return float(lengths[(waiting > 0) & (other == 0)].sum() / 1e6)


RECOMPUTED: dict[str, Callable[[Raw], Expected]] = {
    "ratings": _ratings,
    "share_satisfied": _share_satisfied,
    "suspect_share": _suspect_share,
    "prompt_rate": _prompt_rate,
    "response_rate": _response_rate,
    "satisfaction_bounds": _bounds,
    "reasons": _reasons,
    "visits": _visits,
    "median_service": lambda raw: _median(_services(raw), 6),
    "service_p90": lambda raw: _quantile(_services(raw), 0.9),
    "median_wait": lambda raw: _median(_served(raw), 6),
    "wait_p90": lambda raw: _quantile(_served(raw), 0.9),
    "waited_within_15": _within(15),
    "waited_within_30": _within(30),
    "abandonment": _abandonment,
    "expression_mix": _expression_mix,
    "change_of_expression": _expression_change,
    "prompts_when_unhappy": _asked_when_unhappy,
    "expression_drift": _drift,
    "median_ticket_wait": lambda raw: _median(raw.ticket_wait["wait_s"], 6),
    "ticket_wait_p90": lambda raw: _quantile(raw.ticket_wait["wait_s"], 0.9),
    "unserved_time": _unserved,
    "utilisation": _utilisation,
    "device_hours": _hours("heard", "open"),
    "camera_hours": _hours("counted", "heard"),
    "count_agreement": _count_agreement,
    "late_messages": _late,
    "quarantined_messages": _quarantined,
    "unlinked_ratings": _unlinked,
}
"""Each KPI of a period that rests on what happened at counters."""


def _frame(connection: psycopg.Connection, query: str) -> pd.DataFrame:
    cursor = connection.execute(query)  # type: ignore[call-overload]
    assert cursor.description is not None
    table = pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
    for name in ("observed_at", "received_at", "started_at", "starts_at", "ends_at"):
        if name in table:
            table[name] = pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]")
    return table


def _ticket_waits(
    tickets: pd.DataFrame, calls: pd.DataFrame, assignments: pd.DataFrame
) -> pd.DataFrame:
    """Return the first call of each ticket that was issued, with its wait."""
    issued = tickets[tickets["event"] == "issued"]
    key = ["unit", "number", "local_day"]
    first = [
        table.assign(local_day=table["observed_at"].dt.tz_convert(LOCAL).dt.date)
        .sort_values(["observed_at", "id"])
        .drop_duplicates(key)
        for table in (calls[calls["event"] == "called"], issued)
    ]
    waits = first[0].merge(first[1][[*key, "observed_at"]], on=key, suffixes=("", "_issued"))
    waits["wait_s"] = (waits["observed_at"] - waits["observed_at_issued"]).dt.total_seconds()
    own = waits[waits["wait_s"] >= 0].drop(columns="observed_at_issued")
    renamed = own.rename(columns={"family": "own_family"})
    found = _attributed(renamed, renamed["observed_at"], calls, assignments)
    return found.drop(columns="family").rename(columns={"own_family": "family"})


def _opening(presence: pd.DataFrame) -> pd.DataFrame:
    """Return every open hour of each counter from the day on which it was first heard."""
    local = presence["observed_at"].dt.tz_convert(LOCAL)
    days = pd.bdate_range(local.min().date(), local.max().date())
    open_s = {7: 1800, 8: 3600, 9: 3600, 10: 3600, 11: 1800, 13: 1800, 14: 3600, 15: 3600, 16: 3600}
    hours = pd.DataFrame(
        [
            ((day + pd.Timedelta(hours=hour)).tz_localize(LOCAL).tz_convert("UTC"), seconds)
            for day in days
            for hour, seconds in open_s.items()
        ],
        columns=["observed_at", "open_s"],
    ).astype({"observed_at": "datetime64[us, UTC]"})
    since = presence.assign(since=local.dt.date).groupby(["unit", "counter"])["since"].min()
    every = since.reset_index().merge(hours, how="cross")
    every = every[every["observed_at"].dt.tz_convert(LOCAL).dt.date >= every["since"]]
    every = every.merge(presence.assign(heard=True), how="left")
    heard = every["heard"].eq(True)
    counted = every["last_counted"].notna()
    return every.assign(open=True, heard=heard, counted=counted, hour=every["observed_at"])


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
