"""The experience index and officers' KPIs against a recomputation by pandas and scipy."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import psycopg
import pytest
from scipy import optimize, stats

from contract.readings import Reading, Withheld
from motcua.history.loading import Plan, load
from motcua.history.places import draw_province
from motcua.history.truths import ALL_AT_ONCE, draw_truths
from server.db.connection import session_conninfo
from server.experience.jobs import Learnt, learn_all
from server.kpi.catalogue import BY_ID
from server.links.jobs import relink_all
from server.norms.jobs import renew_all
from server.periods import Period
from server.readings.readings import Breakdown, Question
from server.readings.store import read_readings
from server.scopes import PROVINCE, Part, Scope
from tests.integration.recomputation import LOCAL, Place, Raw
from tests.server.asking import ask

pytestmark = pytest.mark.integration

FIRST, END = date(2026, 10, 1), date(2026, 11, 1)
NOW = datetime(2026, 11, 2, 3, tzinfo=UTC)
REASONS = (
    "INSERT INTO rating_reason (rating, reason, observed_at, unit, counter) "
    "SELECT id, 'attitude', observed_at, unit, counter FROM rating "
    "WHERE score <= 3 AND hashtext(id::text) % 4 = 0"
)


REFUSAL = (
    "INSERT INTO quarantine (digest, topic, payload, payload_bytes, refusal, reason, received_at) "
    "SELECT uuid_send(id), format('motcua/v1/%s/%s/d/visit', unit, counter), '', 0, 'json', '', "
    "observed_at FROM wait LIMIT 1"
)
"""The recomputation reads topics of refused messages, of which a history has none."""


@pytest.fixture(scope="module")
def province(module_database_url: str) -> str:
    """The address of a database with a small province of a month, of which everything is learnt."""
    place = draw_province(1, 0.03)
    truths = draw_truths(place, ALL_AT_ONCE, 1)
    with psycopg.connect(session_conninfo(module_database_url), autocommit=True) as connection:
        plan = Plan(first=FIRST, end=END, raw_from=FIRST, seed=1)
        assert list(load(connection, place, truths, plan))
        connection.execute(REASONS)
        connection.execute(REFUSAL)
    assert relink_all(module_database_url) > 0
    assert learn_all(module_database_url).months > 0
    assert renew_all(module_database_url, END) > 0
    return module_database_url


@pytest.fixture(scope="module")
def raw(province: str) -> Raw:
    """Its raw rows."""
    with psycopg.connect(session_conninfo(province)) as connection:
        return Raw.read(connection).within(Place(), FIRST, END)


def readings(
    url: str, kpi: str, by: Breakdown | None, scope: Scope = PROVINCE, period: str = "2026-10"
) -> dict[str, Reading]:
    """Return the readings by what they are of."""
    question = Question(kpis=(BY_ID[kpi],), scope=scope, period=Period.parse(period, NOW), by=by)
    found = ask(url, lambda connection: read_readings(connection, question, NOW))
    return {reading.scope: reading for reading in found}


def by_officer(url: str, kpi: str) -> dict[str, Reading]:
    found = readings(url, kpi, Breakdown.OFFICER)
    return {Scope.parse(scope).parts[Part.OFFICER]: reading for scope, reading in found.items()}


def tied(raw: Raw) -> pd.Series:
    """Return the score of each visit that one rating alone, within two minutes, belongs to."""
    pairs = []
    for place, given in raw.rating.groupby(["unit", "counter"]):
        own = raw.visit[(raw.visit["unit"] == place[0]) & (raw.visit["counter"] == place[1])]
        ends = own["observed_at"].to_numpy()
        for at, score in zip(given["observed_at"].to_numpy(), given["score"], strict=True):
            near = own[(ends <= at) & (ends > at - np.timedelta64(120, "s"))]
            if len(near) == 1:
                pairs.append((near["id"].iloc[0], score))
    scores = pd.DataFrame(pairs, columns=["id", "score"]).groupby("id")["score"]
    return scores.first()[scores.size() == 1]


def test_index_counts_visits_in_whole_groups_and_ratings_tied_to_them(province, raw):
    placed = raw.visit.sort_values(["observed_at", "id"]).copy()
    groups = placed.groupby(["unit", "day"])["id"]
    placed["place"], placed["of"] = groups.cumcount(), groups.transform("size")
    told = placed[placed["place"] < placed["of"] // 10 * 10]
    scores = told["id"].map(tied(raw)).dropna()
    reading = readings(province, "experience_index", None)["province"]
    assert reading.n == len(told)
    assert reading.parts is not None
    assert reading.parts["rated"] * len(told) == pytest.approx(len(scores))
    assert reading.parts["least"] == pytest.approx(100 * (scores >= 4).sum() / len(told))


def test_index_is_the_sum_of_its_stored_parts(province):
    with psycopg.connect(session_conninfo(province)) as connection:
        cursor = connection.execute(
            "SELECT daily.*, effect, own_variance, leaning, mean_variance FROM experience_daily "
            "AS daily JOIN experience_unit USING (unit, kind) JOIN experience_model USING (kind)"
        )
        names = [column.name for column in cursor.description or ()]
        days = pd.DataFrame(cursor.fetchall(), columns=names)
    days = days.loc[:, ~days.columns.duplicated()]
    days["silent"] = days["visits"] - days["rated"]
    share = (days["satisfied"] + days["expected"] + days["silent"] * days["effect"]).sum()
    share /= days["visits"].sum()
    by_unit = days.groupby("unit").agg(
        silent=("silent", "sum"), own=("own_variance", "first"), kind=("kind", "first"),
        leaning=("leaning", "first"), mean=("mean_variance", "first"),
    )  # fmt: skip
    common = (by_unit["silent"] * by_unit["leaning"]).groupby(by_unit["kind"]).sum() ** 2
    variance = days["variance"].sum() + (by_unit["silent"] ** 2 * by_unit["own"]).sum()
    variance += (common * by_unit.groupby("kind")["mean"].first()).sum()
    error = math.sqrt(variance) / days["visits"].sum()
    interval = stats.norm(math.log(share / (1 - share)), error / (share * (1 - share)))
    low, high = (100 / (1 + np.exp(-interval.ppf(p))) for p in (0.05, 0.95))
    reading = readings(province, "experience_index", None)["province"]
    told = (reading.value, reading.low, reading.high)
    assert told == pytest.approx((100 * share, low, high))
    units = readings(province, "experience_index", Breakdown.UNIT).values()
    whole = sum(each.n * each.value for each in units if each.value is not None)
    assert whole / reading.n == pytest.approx(reading.value)


def test_service_time_against_others_at_the_same_work(province, raw):
    visits = raw.visit[raw.visit["complete"]].fillna({"officer": "", "family": ""})
    visits["hour"] = visits["observed_at"].dt.tz_convert(LOCAL).dt.hour
    cells = visits.groupby(["officer", "family", "hour"])["service_s"].agg(["sum", "size"])
    whole = cells.groupby(["family", "hour"]).sum()
    others = (
        cells.reset_index()
        .merge(whole.reset_index(), on=["family", "hour"], suffixes=("", "_all"))
        .assign(others=lambda c: c["size_all"] - c["size"])
    )
    others = others[(others["others"] >= 10) & (others["officer"] != "")]
    others["norm"] = (others["sum_all"] - others["sum"]) / others["others"]
    told = by_officer(province, "officer_service_ratio")
    for officer, own in others.groupby("officer"):
        reading = told[officer]
        assert reading.n == own["size"].sum()
        if reading.value is not None:
            ratio = 100 * own["sum"].sum() / (own["size"] * own["norm"]).sum()
            assert reading.value == pytest.approx(ratio, rel=0.02)
            assert reading.low < reading.value < reading.high
    assert sum(reading.value is not None for reading in told.values()) > 5


def test_satisfaction_is_drawn_towards_that_of_the_family(province, raw):
    known = raw.rating[raw.rating["officer"].notna()].fillna({"family": ""})
    cells = known.groupby(["family", "officer"])["score"].agg(
        k=lambda scores: (scores >= 4).sum(), n="size"
    )
    norms = {}
    for family, own in cells.groupby("family"):
        if len(own) >= 3:
            norms[family] = fit_beta(own["k"].to_numpy(), own["n"].to_numpy())
    told = by_officer(province, "officer_satisfaction")
    for officer, own in cells[cells.index.isin(norms, level="family")].groupby("officer"):
        family = own.index.get_level_values("family")
        alpha = np.array([norms[each][0] for each in family])
        beta = np.array([norms[each][1] for each in family])
        posterior = stats.beta(own["k"] + alpha, own["n"] - own["k"] + beta)
        value = (own["n"] * posterior.mean()).sum() / own["n"].sum()
        reading = told[officer]
        assert reading.n == own["n"].sum()
        if reading.value is not None:
            assert reading.value == pytest.approx(value, abs=0.004)
            assert reading.low < reading.value < reading.high


def fit_beta(k: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    """Return alpha and beta of greatest likelihood by scipy's own distribution."""

    def loss(point: np.ndarray) -> float:
        mean, size = 1 / (1 + math.exp(-point[0])), math.exp(min(point[1], 14))
        return -float(stats.betabinom(n, mean * size, (1 - mean) * size).logpmf(k).sum())

    start = [math.log((k.sum() + 1) / (n.sum() - k.sum() + 1)), 3.0]
    found = optimize.minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-6}).x
    mean, size = 1 / (1 + math.exp(-found[0])), math.exp(min(found[1], 14))
    return mean * size, (1 - mean) * size


def test_requests_after_long_visits_beside_all_others(province, raw):
    visits = raw.visit.copy()
    visits["hour"] = visits["observed_at"].dt.tz_convert(LOCAL).dt.hour
    waits = raw.wait[raw.wait["outcome"] == "served"].set_index(["unit", "counter", "observed_at"])
    wait_s = waits["wait_s"].to_dict()
    begun = zip(visits["unit"], visits["counter"], visits["started_at"], strict=True)
    visits["wait_s"] = [wait_s.get(key, 0.0) for key in begun]
    mean = visits[visits["complete"]].groupby("hour")["service_s"].mean()
    visits["hard"] = (visits["wait_s"] > 900) | (
        visits["complete"] & (visits["service_s"] > 2 * visits["hour"].map(mean))
    )
    asked = set()
    for place, prompts in raw.prompt[raw.prompt["event"] == "shown"].groupby(["unit", "counter"]):
        own = raw.visit[(raw.visit["unit"] == place[0]) & (raw.visit["counter"] == place[1])]
        own = own.sort_values("observed_at")
        ends = own["observed_at"].to_numpy()
        for at in prompts["observed_at"].to_numpy():
            last = int(np.searchsorted(ends, at, side="right")) - 1
            if last >= 0 and at - ends[last] < np.timedelta64(120, "s"):
                asked.add(own["id"].iloc[last])
    visits["asked"] = visits["id"].isin(asked)
    told = by_officer(province, "officer_prompt_discipline")
    differences = []
    for officer, own in visits[visits["officer"] != ""].groupby("officer"):
        hard, other = own[own["hard"]], own[~own["hard"]]
        reading = told[officer]
        # The norm of an hour rests on bins of two percent: a visit at its edge may fall elsewhere.
        assert abs(reading.n - min(len(hard), len(other))) <= 0.05 * len(own)
        if reading.value is not None:
            value = 100 * (hard["asked"].mean() - other["asked"].mean())
            differences.append(abs(reading.value - value))
            assert reading.low <= reading.value <= reading.high
    assert differences
    assert np.median(differences) < 1.5


def test_attitude_is_that_of_ratings_that_say_why(province, raw):
    low = raw.rating[raw.rating["score"] <= 3].copy()
    low["named"] = low["id"].isin(raw.reason.loc[raw.reason["reason"] == "attitude", "rating"])
    told = by_officer(province, "officer_attitude")
    for officer, own in low[low["officer"] != ""].groupby("officer"):
        reading = told[officer]
        assert reading.n == len(own)
        if len(own) >= 10:
            interval = stats.binomtest(int(own["named"].sum()), len(own)).proportion_ci(
                method="wilson"
            )
            expected = (own["named"].mean(), interval.low, interval.high)
            assert (reading.value, reading.low, reading.high) == pytest.approx(expected, abs=1e-9)
        else:
            assert reading.withheld is Withheld.SMALL_SAMPLE


def test_nothing_is_due_twice_until_more_has_come(province):
    assert learn_all(province) == Learnt()
    with psycopg.connect(session_conninfo(province), autocommit=True) as connection:
        first = "(SELECT min(unit) FROM visit)"
        connection.execute(f"UPDATE visit_monthly SET visits = visits + 1 WHERE unit = {first}")
    assert learn_all(province) == Learnt(months=1)


def test_officer_without_a_norm_is_not_compared(province):
    nobody = Scope.parse("officer:KHONG-CO")
    for kpi in ("officer_service_ratio", "officer_satisfaction", "officer_prompt_discipline"):
        (reading,) = readings(province, kpi, None, nobody).values()
        assert (reading.value, reading.withheld) == (None, Withheld.NO_DATA)
