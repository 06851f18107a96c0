"""Officers in odd places: alone with a procedure, at two counters at once, moved in mid-month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from contract.readings import Reading, Withheld
from server.db.connection import session_conninfo
from server.db.pool import Database
from server.db.viewers import ITSELF, NOBODY, Viewer
from server.kpi.catalogue import BY_ID
from server.norms.jobs import renew_all
from server.periods import Period, Step
from server.readings.readings import Question
from server.readings.store import read_readings
from server.scopes import Scope
from tests.coroutines import run
from tests.server.asking import ask
from tests.server.pools import PATIENT

pytestmark = pytest.mark.integration

MONTH = Period.of(Step.MONTH, date(2026, 10, 1))
NINE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # in Viet Nam
NOW = datetime(2026, 11, 3, tzinfo=UTC)
FIVE_MINUTES, TEN_MINUTES = 143, 160
"""Bins of about 300 and 600 seconds."""

Cell = tuple[str, str, str, str, int, int, int]
"""Unit, counter, officer, family, day after the fifth, bin, visits."""


def serve(database_url: str, cells: Iterable[Cell]) -> None:
    """Store hours of complete visits, a rating of 5 for each, and compute the norms."""
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        for unit, counter, officer, family, day, bin_number, visits in cells:
            hour = NINE + timedelta(days=day)
            connection.execute(
                "INSERT INTO service_time_hourly (unit, counter, hour, officer, family, bin, "
                "visits, newest) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (unit, counter, hour, officer, family, bin_number, visits, hour),
            )
            connection.execute(
                "INSERT INTO rating_hourly (unit, counter, hour, officer, family, score_5, newest,"
                " score_1, score_2, score_3, score_4) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, 0, 0, 0, 0)",
                (unit, counter, hour, officer, family, visits, hour),
            )
            connection.execute(
                "INSERT INTO unit (id, name_vi, name_en, accepted) VALUES (%s, '', '', true) "
                "ON CONFLICT DO NOTHING", (unit,),
            )  # fmt: skip
    renew_all(database_url, date(2026, 10, 20))


def read(database_url: str, kpi: str, scope: str) -> Reading:
    question = Question(kpis=(BY_ID[kpi],), scope=Scope.parse(scope), period=MONTH)
    (found,) = ask(database_url, lambda connection: read_readings(connection, question, NOW))
    return found


def others(*units: str, family: str = "dat-dai") -> list[Cell]:
    """Three officers of a unit, with 40 visits of five minutes each."""
    return [
        (unit, f"quay-{number}", f"{unit}-{number}".upper(), family, 0, FIVE_MINUTES, 40)
        for unit in units
        for number in range(3)
    ]


def test_procedure_that_one_officer_alone_handles_has_no_comparison(database_url):
    serve(database_url, [*others("a"), ("a", "quay-9", "X", "ho-tich", 0, TEN_MINUTES, 50)])
    for kpi in ("officer_service_ratio", "officer_satisfaction"):
        alone = read(database_url, kpi, "officer:X")
        assert (alone.value, alone.withheld) == (None, Withheld.NO_DATA)
    usual = read(database_url, "officer_service_ratio", "officer:A-0")
    assert usual.value == pytest.approx(100)


def test_unit_with_one_officer_is_compared_with_other_units(database_url):
    serve(database_url, [*others("a"), ("b", "quay-1", "X", "dat-dai", 0, TEN_MINUTES, 50)])
    slow = read(database_url, "officer_service_ratio", "unit:b;officer:X")
    assert slow.value == pytest.approx(200, rel=0.04)
    assert slow.n == 50


def test_officer_who_moves_is_one_and_no_part_of_the_own_norm(database_url):
    moved = [
        ("a", "quay-9", "X", "dat-dai", 1, TEN_MINUTES, 40),
        ("b", "quay-1", "X", "dat-dai", 9, TEN_MINUTES, 60),
    ]
    serve(database_url, [*others("a"), *moved])
    whole, there = (
        read(database_url, "officer_service_ratio", f"{place};officer:X")
        for place in ("province", "unit:b")
    )
    assert (whole.n, there.n) == (100, 60)
    assert whole.value == there.value == pytest.approx(200, rel=0.04)
    assert read(database_url, "officer_satisfaction", "province;officer:X").n == 100


def test_officer_at_two_counters_at_once_counts_at_both(database_url):
    both = [("a", counter, "X", "dat-dai", 0, TEN_MINUTES, 20) for counter in ("quay-8", "quay-9")]
    serve(database_url, [*others("a"), *both])
    assert read(database_url, "officer_service_ratio", "officer:X").n == 40


def test_officers_who_are_all_rated_alike_keep_an_interval(database_url):
    serve(database_url, others("a"))
    told = read(database_url, "officer_satisfaction", "officer:A-1")
    assert 0.9 < told.low < told.value < told.high < 1


@pytest.mark.parametrize(
    "kpi",
    [
        "officer_service_ratio",
        "officer_satisfaction",
        "officer_prompt_discipline",
        "officer_attitude",
    ],
)
def test_officer_who_sees_nobody_else_is_told_the_same(database_url, kpi):
    serve(database_url, others("a"))
    question = Question(kpis=(BY_ID[kpi],), scope=Scope.parse("officer:A-0"), period=MONTH)
    seen = [
        seen_by(database_url, viewer, question)
        for viewer in (ITSELF, replace(NOBODY, officer="A-0"), replace(NOBODY, officer="A-1"))
    ]
    assert seen[0] == seen[1]
    assert seen[2].value is None


def seen_by(database_url: str, viewer: Viewer, question: Question) -> Reading:
    async def ask_as_viewer() -> Reading:
        database = Database(database_url, PATIENT)
        await database.open()
        try:
            (found,) = await database.ask(
                lambda connection: read_readings(connection, question, NOW),
                viewer=viewer,
                within_s=30,
            )
            return found
        finally:
            await database.close()

    return run(ask_as_viewer())
