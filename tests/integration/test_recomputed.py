"""Every KPI of a period as the API tells it, against a recomputation from raw rows by others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from contract.readings import Guard, Reading, Timing
from motcua.history.loading import Plan, load
from motcua.history.places import draw_province
from motcua.history.truths import ALL_AT_ONCE, draw_truths
from server.access.principals import EVERYWHERE
from server.db.connection import session_conninfo
from server.facts.sources import Dimension
from server.kpi.catalogue import BY_ID, CATALOGUE
from server.periods import Period, Step
from server.readings.readings import Breakdown, Question
from server.readings.store import read_readings
from server.scopes import PROVINCE, Part, Scope
from tests.integration.recomputation import RECOMPUTED, Place, Raw, expected
from tests.server.asking import ask

pytestmark = pytest.mark.integration

END = date(2026, 11, 1)
NOW = datetime(2026, 11, 2, 3, tzinfo=UTC)
PERIODS = ("2026-10-14", "2026-W42", "2026-10", "2026-09-28..2026-10-17")
RECORDS = {
    "dossiers", "dossier_hours", "open_dossiers", "processing_times", "workload", "complaints",
}  # fmt: skip
"""Sources that rest on records of dossiers and complaints, not on what happens at counters."""

LEARNT = {
    "experience", "officer_attitude", "officer_prompts", "officer_satisfaction", "officer_service",
}  # fmt: skip
"""Sources that rest on what the worker learns at night: test_recomputed_staff.py."""

LINKED = {"link_shares", "visit_waits"}
"""Sources that rest on links, which have rules and tests of their own: tests/server/links."""


DISTURBANCES = (
    # Whoever is not satisfied says why: every third because of waiting, some for two reasons.
    "INSERT INTO rating_reason (rating, reason, observed_at, unit, counter) "
    "SELECT id, reason, observed_at, unit, counter FROM (SELECT *, row_number() OVER "
    "(ORDER BY observed_at, id) AS place FROM rating WHERE score <= 3) AS unsatisfied "
    "JOIN (VALUES ('waiting', 3), ('attitude', 4)) AS given (reason, every) ON place % every = 0",
    # One ticket in twelve is not said to have been served.
    "DELETE FROM ticket WHERE event = 'served' AND hashtext(id::text) % 12 = 0",
    # Some visits and ratings come late, some by exactly the ten minutes that are allowed.
    "UPDATE visit SET received_at = observed_at + INTERVAL '1 hour' "
    "WHERE hashtext(id::text) % 40 = 0",
    "UPDATE rating SET received_at = observed_at + INTERVAL '10 minutes' "
    "WHERE hashtext(id::text) % 7 = 0",
    # Every hundredth wait has a refused message of the same counter beside it.
    "INSERT INTO quarantine "
    "(digest, topic, payload, payload_bytes, refusal, reason, received_at) "
    "SELECT uuid_send(id), format('motcua/v1/%s/%s/d/visit', unit, counter), '', 0, 'json', '', "
    "observed_at FROM wait WHERE hashtext(id::text) % 100 = 0",
)
"""What a simulated history lacks."""


@pytest.fixture(scope="module")
def province(module_database_url: str) -> str:
    """The address of a database with a small province of 36 days, all of them with raw rows."""
    place = draw_province(1, 0.03)
    truths = draw_truths(place, ALL_AT_ONCE, 1)
    first = END - timedelta(days=36)
    with psycopg.connect(session_conninfo(module_database_url), autocommit=True) as connection:
        plan = Plan(first=first, end=END, raw_from=first, seed=1)
        assert list(load(connection, place, truths, plan))
        for statement in DISTURBANCES:
            connection.execute(statement)
    return module_database_url


@pytest.fixture(scope="module")
def raw(province: str) -> Raw:
    """Its raw rows."""
    with psycopg.connect(session_conninfo(province)) as connection:
        return Raw.read(connection)


def test_every_kpi_of_counters_is_recomputed():
    periodic = {kpi.id for kpi in CATALOGUE if kpi.source.timing is Timing.PERIOD}
    others = RECORDS | LEARNT | LINKED
    elsewhere = {kpi.id for kpi in CATALOGUE if kpi.source.name in others}
    assert periodic - elsewhere == {*RECOMPUTED}


def test_kpis_are_what_raw_rows_give(province, raw):
    wrong = [
        f"{reading.kpi} of {reading.scope} in {reading.period}: {difference}"
        for scope, by in questions(raw)
        for period in (PERIODS if by is None else ("2026-10",))
        for reading in readings(province, scope, by, period)
        if (difference := compared(reading, raw))
    ]
    assert wrong == []


def test_days_and_weeks_of_a_month_are_what_raw_rows_give(province, raw):
    wrong = [
        f"{reading.kpi} in {reading.period}: {difference}"
        for step in (Step.DAY, Step.WEEK)
        for reading in readings(province, PROVINCE, None, "2026-10", step)
        if (difference := compared(reading, raw, within="2026-10"))
    ]
    assert wrong == []


def questions(raw: Raw) -> Iterator[tuple[Scope, Breakdown | None]]:
    """Yield the province, each unit, counter, officer and family, and parts of some of them."""
    units = sorted(raw.visit["unit"].unique())
    yield PROVINCE, None
    for by in (Breakdown.UNIT, Breakdown.COUNTER, Breakdown.OFFICER, Breakdown.FAMILY):
        yield PROVINCE, by
    for unit in units[:2]:
        yield Scope.of_unit(unit), None
        yield Scope.of_unit(unit), Breakdown.FAMILY
        counter = raw.visit.loc[raw.visit["unit"] == unit, "counter"].min()
        yield Scope.of_counter(unit, counter), Breakdown.OFFICER


def readings(
    url: str, scope: Scope, by: Breakdown | None, period: str, step: Step | None = None
) -> list[Reading]:
    """Return the readings of every KPI that can be asked for so."""
    wanted = Period.parse(period, NOW)
    told_apart = {Dimension(part.value) for part in scope.parts}
    told_apart |= {Dimension.COUNTER} if scope.counter else set()
    told_apart |= {by.dimension} if by and by.dimension else set()
    kpis = tuple(
        BY_ID[name]
        for name in RECOMPUTED
        if told_apart <= BY_ID[name].source.dimensions
        # Opinions of less than a unit are told in groups: tests/server/readings/test_disclosure.py
        and not (told_apart and BY_ID[name].guard is Guard.OPINION)
        and (wanted.step is not None or BY_ID[name].guard is Guard.NONE)
    )
    question = Question(kpis=kpis, scope=scope, period=wanted, by=by, step=step)
    found = ask(url, lambda connection: read_readings(connection, question, NOW, EVERYWHERE))
    assert {reading.kpi for reading in found} == {kpi.id for kpi in kpis}
    return found


def compared(reading: Reading, raw: Raw, within: str | None = None) -> str:
    """Return what differs between a reading and what raw rows give.

    A week at the edge of the period `within` holds that period's days alone.
    """
    scope, period = Scope.parse(reading.scope), Period.parse(reading.period, NOW)
    whole = Period.parse(within or reading.period, NOW)
    first, end = max(period.first, whole.first), min(period.end, whole.end)
    place = Place(
        unit=scope.unit,
        counter=scope.counter,
        officer=scope.parts.get(Part.OFFICER),
        family=scope.parts.get(Part.FAMILY),
    )
    own = expected(reading.kpi, raw.within(place, first, end))
    if own.n == 0 and reading.n == 0:
        # Raw rows of nothing cannot tell whether somebody looked: nothing or a zero is right.
        return "" if reading.value in (None, 0) else f"{reading.value} of nothing"
    if own.parts is not None and own.value is not None:
        told = dict(reading.parts or {})
        if told != pytest.approx(own.parts, rel=own.error):
            return f"{told} instead of {own.parts}"
    return own.differs(reading.n, value=reading.value, low=reading.low, high=reading.high)


def test_the_comparison_notices_one_row_too_many(province, raw):
    place = Place()
    first, end = date(2026, 10, 14), date(2026, 10, 15)
    own = raw.within(place, first, end)
    kpis = (BY_ID["visits"],)
    question = Question(kpis=kpis, scope=PROVINCE, period=Period.parse("2026-10-14", NOW))
    (reading,) = ask(
        province, lambda connection: read_readings(connection, question, NOW, EVERYWHERE)
    )
    own = Raw({**own.tables, "visit": own.visit.iloc[1:]})
    assert expected("visits", own).differs(
        reading.n, value=reading.value, low=reading.low, high=reading.high
    )
