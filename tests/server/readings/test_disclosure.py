"""Nothing that is released, nor a difference of it, stands for fewer than ten people."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.readings import Guard
from server.access.principals import EVERYWHERE
from server.db.connection import session_conninfo
from server.errors import BreakdownInvalid, PeriodInvalid
from server.facts.expressions import ANONYMITY_FLOOR
from server.kpi.catalogue import BY_ID, CATALOGUE
from server.periods import Period, Step
from server.readings.readings import Breakdown, Question, kpis_named, sources_of
from server.readings.store import read_readings
from server.scopes import PROVINCE, Scope
from tests.server.asking import ask

NOON = datetime(2026, 10, 5, 5, 0, tzinfo=UTC)
NOW = NOON + timedelta(days=60)
DAYS = 4
Cell = tuple[str, str]
Scores = tuple[int, ...]

Rated = tuple[int, int, int, int, int]
"""A rating: on which day, at which counter, by which officer, for which family, with what score."""

ratings = st.tuples(
    st.integers(0, DAYS - 1), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2),
    st.integers(1, 5),
)  # fmt: skip
"""The officers and families of 0 are not known."""
transactions = st.lists(st.lists(ratings, min_size=1, max_size=25), min_size=1, max_size=8)


def known(connection: psycopg.Connection) -> None:
    connection.execute(
        "INSERT INTO unit (id, name_vi, name_en, accepted) VALUES ('u', 'u', 'u', true)"
        " ON CONFLICT DO NOTHING"
    )


def insert(connection: psycopg.Connection, unit: str, rated: Sequence[Rated]) -> None:
    """Add the ratings to the hourly totals in one transaction, as ingest does."""
    with connection.transaction():
        for day, counter, officer, family, score in rated:
            counts = [int(score == each) for each in range(1, 6)]
            who, what = (name * bool(key) for name, key in ((f"CB{officer}", officer),
                                                            (f"f{family}", family)))  # fmt: skip
            connection.execute(
                "INSERT INTO rating_hourly AS total (unit, counter, hour, officer, family, score_1,"
                " score_2, score_3, score_4, score_5, newest)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (unit, counter, hour, officer, family) DO UPDATE SET"
                " score_1 = total.score_1 + EXCLUDED.score_1,"
                " score_2 = total.score_2 + EXCLUDED.score_2,"
                " score_3 = total.score_3 + EXCLUDED.score_3,"
                " score_4 = total.score_4 + EXCLUDED.score_4,"
                " score_5 = total.score_5 + EXCLUDED.score_5,"
                " newest = greatest(total.newest, EXCLUDED.newest)",
                (unit, f"quay-{counter}", NOON + timedelta(days=day), who, what, *counts,
                 NOON + timedelta(days=day, minutes=score)),
            )  # fmt: skip


def count_anew(connection: psycopg.Connection, unit: str) -> None:
    """Forget and count in one transaction, as whoever counts hours anew does."""
    with connection.transaction():
        kept = connection.execute("SELECT * FROM rating_hourly WHERE unit = %s", (unit,)).fetchall()
        connection.execute("DELETE FROM rating_hourly WHERE unit = %s", (unit,))
        places = ", ".join(["%s"] * len(kept[0]))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO rating_hourly VALUES ({places})", kept)


def released(database_url: str, unit: str) -> dict[Cell, Scores]:
    """Return what the lattice below the unit tells: scores by cell and period."""
    found: dict[Cell, Scores] = {}
    places = (Scope.of_unit(unit), PROVINCE)
    parts = (Breakdown.COUNTER, Breakdown.FAMILY, Breakdown.OFFICER)
    first = NOON.date()
    periods = [
        *(Period.of(Step.DAY, first + timedelta(days=day)) for day in range(DAYS)),
        Period.of(Step.WEEK, first),
        Period.of(Step.MONTH, first),
    ]
    kpis = (BY_ID["ratings"],)

    async def read(connection: psycopg.AsyncConnection) -> None:
        for place, part, period in itertools.product(places, parts, periods):
            question = Question(kpis=kpis, scope=place, period=period, by=part)
            for reading in await read_readings(connection, question, NOW, EVERYWHERE):
                scores = tuple(int((reading.parts or {}).get(str(n), 0)) for n in range(1, 6))
                found[reading.scope, reading.period] = scores

    ask(database_url, read)
    return found


def differences(releases: Sequence[dict[Cell, Scores]]) -> Iterator[tuple[object, Scores]]:
    """Yield each cell, what changed in it from one release to the next, and longer periods less
    the days that they hold.
    """
    for before, after in itertools.pairwise([{}, *releases]):
        for cell, scores in after.items():
            old = before.get(cell, (0,) * 5)
            yield (cell, "later"), tuple(new - was for new, was in zip(scores, old, strict=True))
    for release in releases:
        for (scope, period), scores in release.items():
            yield (scope, period), scores
            if period.count("-") == 2:
                continue
            days = [told for (place, day), told in release.items()
                    if place == scope and day.count("-") == 2]  # fmt: skip
            for count in range(1, len(days) + 1):
                for some in itertools.combinations(days, count):
                    rest = [whole - sum(of) for whole, *of in zip(scores, *some, strict=True)]
                    yield (scope, period, "less days"), tuple(rest)


@pytest.mark.integration
@settings(
    max_examples=15, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(transactions=transactions, anew=st.booleans())
def test_no_difference_below_a_unit_stands_for_fewer_than_ten(
    module_database_url, transactions, anew
):
    unit = "u"
    with psycopg.connect(session_conninfo(module_database_url), autocommit=True) as connection:
        known(connection)
        connection.execute("DELETE FROM rating_hourly")
        connection.execute("DELETE FROM opinion_told")
        connection.execute("DELETE FROM opinion_waiting")
        releases = []
        for rated in transactions:
            insert(connection, unit, rated)
            releases.append(released(module_database_url, unit))
        if anew:
            count_anew(connection, unit)
            assert released(module_database_url, unit) == releases[-1]
        for cell, scores in differences(releases):
            assert not any(scores) or abs(sum(scores)) >= ANONYMITY_FLOOR, cell
        everybody = [score for rated in transactions for *_, score in rated]
        told, waiting = (
            connection.execute(
                "SELECT coalesce(sum(score_1 + score_2 + score_3 + score_4 + score_5), 0)::int"
                f" FROM {table} WHERE dimension = 'counter'"
            ).fetchone()[0]
            for table in ("opinion_told", "opinion_waiting")
        )
        assert told + waiting == len(everybody)


@pytest.mark.integration
def test_groups_formed_anew_have_ten_people_too(database_url):
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        known(connection)
        for day, count in enumerate((4, 5, 3, 30)):
            insert(connection, "u", [(day, 1, 1, 1, 1 + each % 5) for each in range(count)])
        before = released(database_url, "u")
        connection.execute("SELECT group_opinions_anew()")
        after = released(database_url, "u")
    assert sum(sum(scores) for scores in after.values()) > 0
    sizes = {sum(scores) for scores in after.values()} - {0}
    assert min(sizes) >= ANONYMITY_FLOOR
    month = ("counter:u/quay-1", "2026-10")
    assert sum(before[month]) == sum(after[month]) == 42


RANGE = Period.range(date(2026, 10, 1), date(2026, 10, 15))


@pytest.mark.parametrize("kpi", [kpi for kpi in CATALOGUE if kpi.guard is not Guard.NONE])
def test_a_range_of_days_is_refused_and_periods_of_the_calendar_are_named(kpi):
    asked = Question(kpis=(kpi,), scope=PROVINCE, period=RANGE)
    with pytest.raises(PeriodInvalid, match=r"2026-W44.*2026-Q4"):
        sources_of(asked)
    assert kpi not in kpis_named([], PROVINCE, RANGE)
    by_day = Question(kpis=(kpi,), scope=PROVINCE, period=RANGE, step=Step.DAY)
    assert sources_of(by_day)


def test_a_range_of_days_of_an_officer_is_refused():
    scope = Scope.parse("unit:u;officer:CB01")
    with pytest.raises(PeriodInvalid):
        sources_of(Question(kpis=(BY_ID["visits"],), scope=scope, period=RANGE))


def test_counts_of_dossiers_and_queues_are_told_of_any_days():
    kpis = tuple(BY_ID[name] for name in ("dossiers_received", "visits", "median_wait"))
    assert sources_of(Question(kpis=kpis, scope=PROVINCE, period=RANGE))


@pytest.mark.parametrize(
    ("kpi", "scope", "by"),
    [
        ("share_satisfied", "counter:u/c", Breakdown.FAMILY),
        ("reasons", "unit:u", Breakdown.COUNTER),
        ("dossier_ratings", "province", Breakdown.PROCEDURE),
        ("complaints_satisfied", "province", Breakdown.FAMILY),
    ],
)
def test_opinions_of_less_than_a_unit_come_in_groups_or_not_at_all(kpi, scope, by):
    asked = Question(
        kpis=(BY_ID[kpi],), scope=Scope.parse(scope), period=Period.of(Step.DAY, RANGE.first), by=by
    )
    with pytest.raises(BreakdownInvalid):
        sources_of(asked)
