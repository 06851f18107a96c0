"""Expressions by half day: whole groups of ten, never of today, and nothing that names officers."""

from __future__ import annotations

import itertools
import statistics
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.readings import Reading, Withheld
from server.db.connection import session_conninfo
from server.errors import BreakdownInvalid
from server.facts.expression_shifts import Shift
from server.facts.expressions import ANONYMITY_FLOOR
from server.kpi.catalogue import BY_ID
from server.periods import Period, Step
from server.readings.readings import Breakdown, Question, sources_of
from server.readings.store import read_readings
from server.scopes import PROVINCE, Scope
from tests.server.asking import ask

CHANGE, PROMPTS = BY_ID["change_of_expression"], BY_ID["prompts_when_unhappy"]
FIRST = date(2026, 10, 5)
NINE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # in Viet Nam
NOW = datetime(2026, 11, 20, tzinfo=UTC)
UNIT = Scope.of_unit("u")

Seen = tuple[int, int, Shift, float | None, bool, bool]
"""A visit: at which unit and day, in which shift, its change, whether unhappy, whether asked."""

visits = st.tuples(
    st.integers(0, 1), st.integers(0, 1), st.sampled_from(Shift),
    st.one_of(st.none(), st.floats(-1, 1).map(lambda value: round(value, 3))),
    st.booleans(), st.booleans(),
)  # fmt: skip


@pytest.fixture
def province(module_database_url):
    with psycopg.connect(session_conninfo(module_database_url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO unit (id, name_vi, name_en, accepted) VALUES "
            "('u', 'u', 'u', true), ('v', 'v', 'v', true) ON CONFLICT DO NOTHING"
        )
        for table in ("visit", "prompt", "duty"):
            connection.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]
        yield connection


def insert(connection: psycopg.Connection, seen: Iterable[Seen], first: datetime = NINE) -> None:
    """Store visits, one a minute of its unit's shift, and the requests for a rating."""
    with connection.transaction():
        for unit, day, shift, change, unhappy, asked in seen:
            begin = begins(day, shift, first)
            at = begin + timedelta(seconds=uuid.uuid4().int % 9000)
            id_, place = uuid.uuid4(), ("uv"[unit], "quay-1", "camera", 1)
            connection.execute(
                "INSERT INTO visit (id, observed_at, unit, counter, device, seq, started_at,"
                " service_s, faces, readings, negative, neutral, positive, expression_change,"
                " complete) VALUES (%s, %s, %s, %s, %s, %s, %s, 60, 9, 9, %s, 0, %s, %s, true)",
                (
                    id_,
                    at,
                    *place,
                    at - timedelta(minutes=1),
                    float(unhappy),
                    float(not unhappy),
                    change,
                ),
            )
            if asked:
                connection.execute(
                    "INSERT INTO prompt (id, observed_at, unit, counter, device, seq, prompt,"
                    " event, opened_by, visit)"
                    " VALUES (%s, %s, %s, %s, %s, %s, %s, 'shown', 'visit_end', %s)",
                    (uuid.uuid4(), at, *place, uuid.uuid4(), id_),
                )


def read(
    database_url: str,
    scope: Scope = UNIT,
    *,
    period: Period | None = None,
    by: Breakdown | None = Breakdown.SHIFT,
    now: datetime = NOW,
) -> dict[tuple[str, str], Reading]:
    """Return readings of both KPIs by KPI and shift, the shift empty where it is the whole."""
    asked = Question(
        kpis=(CHANGE, PROMPTS), scope=scope, by=by, period=period or Period.of(Step.MONTH, FIRST)
    )
    found = ask(database_url, lambda connection: read_readings(connection, asked, now))
    return {(each.kpi, each.scope.partition("shift:")[2]): each for each in found}


def sizes(database_url: str) -> dict[tuple[str, str, str], int]:
    """Return how many visits each cell of the lattice tells of, by place, period and shift."""
    periods = [
        *(Period.of(Step.DAY, FIRST + timedelta(days=day)) for day in range(2)),
        Period.of(Step.WEEK, FIRST),
        Period.of(Step.MONTH, FIRST),
    ]
    return {
        (str(scope), str(period), shift): reading.n
        for scope in (UNIT, Scope.of_unit("v"), PROVINCE)
        for period in periods
        for by in (None, Breakdown.SHIFT)
        for (kpi, shift), reading in read(database_url, scope, period=period, by=by).items()
        if kpi == CHANGE.id
    }


@pytest.mark.integration
@settings(
    max_examples=8, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    batches=st.lists(st.lists(visits, min_size=1, max_size=45), min_size=1, max_size=3),
    duty=st.lists(st.integers(0, 4), min_size=8, max_size=8),
)
def test_every_cell_and_every_later_one_tells_of_whole_groups_and_of_no_few_officers(
    province, module_database_url, batches, duty
):
    for table in ("visit", "prompt", "duty"):
        province.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]
    halves = list(itertools.product(range(2), range(2), Shift))
    for (unit, day, shift), officers in zip(halves, duty, strict=True):
        serve(province, officers, begins(day, shift), "uv"[unit])
    told = {half for half, officers in zip(halves, duty, strict=True) if officers not in (1, 2)}
    seen: Counter[tuple[int, int, Shift]] = Counter()
    before: dict[tuple[str, str, str], int] = {}
    for batch in batches:
        insert(province, batch)
        after = sizes(module_database_url)
        seen.update(each[:3] for each in batch if each[3] is not None)
        groups = sum(n - n % ANONYMITY_FLOOR for half, n in seen.items() if half in told)
        assert after[str(PROVINCE), "2026-10", ""] == groups
        # Cells are sums of the same groups, so that each difference of two is whole groups too.
        assert {n % ANONYMITY_FLOOR for n in after.values()} <= {0}
        assert all(n >= before.get(cell, 0) for cell, n in after.items())
        whole = {cell: n for cell, n in after.items() if not cell[2]}
        for (place, period, _), n in whole.items():
            shifts = [after.get((place, period, shift), 0) for shift in Shift]
            assert n == sum(shifts)
        before = after


@pytest.mark.integration
def test_change_and_requests_are_told_of_each_shift(province, module_database_url):
    changes = [0.4 - 0.01 * n for n in range(40)]
    insert(province, [(0, 0, Shift.MORNING, change, n < 20, n % 2 == 0 or n >= 20)
                      for n, change in enumerate(changes)])  # fmt: skip
    insert(province, [(0, 0, Shift.AFTERNOON, -0.5, True, False)] * 29)
    found = read(module_database_url)
    morning = found[CHANGE.id, "morning"]
    mean, error = statistics.mean(changes), statistics.stdev(changes) / len(changes) ** 0.5
    assert morning.n == len(changes)
    assert morning.value == pytest.approx(100 * mean)
    assert morning.low == pytest.approx(100 * (mean - 1.959964 * error), rel=1e-4)
    assert found[PROMPTS.id, "morning"].value == pytest.approx(-50)
    assert dict(found[PROMPTS.id, "morning"].parts or {}) == {"unhappy": 0.5, "other": 1.0}
    # Twenty of twenty-nine are in whole groups: too few.
    assert found[CHANGE.id, "afternoon"].withheld is Withheld.SMALL_SAMPLE
    assert found[CHANGE.id, "afternoon"].n == 20
    # All of them unhappy: nobody to compare with, and how many were is not told.
    assert (found[PROMPTS.id, "afternoon"].withheld, found[PROMPTS.id, "afternoon"].n) == (
        Withheld.SMALL_SAMPLE, 0,
    )  # fmt: skip


@pytest.mark.integration
def test_nothing_is_told_of_today_nor_where_every_change_is_unknown(province, module_database_url):
    today = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0)
    insert(province, [(0, 0, Shift.MORNING, None, False, True)] * 40)
    insert(province, [(0, 0, Shift.MORNING, 0.1, False, True)] * 40, today)
    now = datetime.now(UTC)
    running = Period.of(Step.DAY, (today + timedelta(hours=7)).date())
    for period in (None, running):
        found = read(module_database_url, period=period, by=None, now=now)
        assert {each.withheld for each in found.values()} == {Withheld.NO_DATA}


@pytest.mark.integration
@pytest.mark.parametrize(
    ("mornings", "afternoons", "told"),
    [(3, 3, {*Shift}), (1, 4, {Shift.AFTERNOON}), (0, 2, {Shift.MORNING}), (0, 0, {*Shift})],
)
def test_a_shift_with_one_officer_is_in_no_sum(
    province, module_database_url, mornings, afternoons, told
):
    # Of the next day nobody is known: the month less that day tells nothing of the first's few.
    for day in range(2):
        insert(province, [(0, day, shift, 0.1, False, True) for shift in Shift for _ in range(30)])
    serve(province, mornings, NINE)
    serve(province, afternoons, begins(0, Shift.AFTERNOON))
    month, first = (
        read(module_database_url, period=period) for period in (None, Period.of(Step.DAY, FIRST))
    )
    for shift in Shift:
        reading = first[CHANGE.id, shift]
        assert reading.withheld is (None if shift in told else Withheld.FEW_OFFICERS)
        assert reading.n == 30 * (shift in told)
        assert month[CHANGE.id, shift].n == 30 + reading.n
    assert read(module_database_url, by=None)[CHANGE.id, ""].n == 60 + 30 * len(told)


def begins(day: int, shift: Shift, first: datetime = NINE) -> datetime:
    return first + timedelta(days=day, hours=5 * (shift is Shift.AFTERNOON))


def serve(connection: psycopg.Connection, officers: int, at: datetime, unit: str = "u") -> None:
    """Put officers on duty for three hours of a shift, each at a counter."""
    for number in range(officers):
        connection.execute(
            "INSERT INTO duty (unit, counter, starts_at, ends_at, officer, signed_on)"
            " VALUES (%s, %s, %s, %s, %s, false)",
            (unit, f"quay-{number}", at, at + timedelta(hours=3), f"CB{at.hour}{number}"),
        )


@pytest.mark.parametrize("part", ["officer:CB01", "family:dat-dai"])
def test_expressions_of_an_officer_cannot_be_asked_for(part):
    scopes: Sequence[Scope] = [
        Scope.parse(f"unit:u;{part}"),
        Scope.parse(f"unit:u;{part};shift:morning"),
    ]
    for kpi in (CHANGE, PROMPTS, BY_ID["expression_mix"]):
        for scope in scopes:
            with pytest.raises(BreakdownInvalid):
                sources_of(Question(kpis=(kpi,), scope=scope, period=Period.of(Step.MONTH, FIRST)))
