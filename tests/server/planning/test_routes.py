"""Counters needed over the API: from totals, the calendar and rosters as they are stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from server.db.connection import session_conninfo
from tests.server import build
from tests.server.asking import store
from tests.server.requesting import Client

pytestmark = pytest.mark.integration

NINE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # Monday, 09:00 in Viet Nam
OCTOBER = "/api/v1/planning?unit=tu-son&period=2026-10"


def visits(at: datetime, count: int, *, counter: str, service_s: float) -> list[object]:
    place = replace(build.HERE, counter=counter, device=f"edge-{counter}")
    step = timedelta(seconds=3500 / count)
    return [
        (build.visit(at + index * step, service_s, address=place), place) for index in range(count)
    ]


def hours(answer: dict) -> dict[tuple[int, int], dict]:
    return {(each["weekday"], each["hour"]): each for each in answer["week"]["hours"]}


def test_week_has_what_came_what_it_needs_what_was_planned_and_what_was_open(database_url):
    store(
        database_url,
        *visits(NINE, 40, counter="quay-1", service_s=200),
        *visits(NINE, 20, counter="quay-2", service_s=200),
        *visits(NINE + timedelta(days=7), 20, counter="quay-1", service_s=200),
        # The office is closed at eight in the evening, but somebody came.
        *visits(NINE + timedelta(hours=11), 1, counter="quay-1", service_s=200),
    )
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET accepted = true")
        connection.execute("INSERT INTO officer (code, name) VALUES ('A', 'a'), ('B', 'b')")
        connection.execute(
            "INSERT INTO assignment (id, officer, unit, counter, starts_at, ends_at, source) "
            "SELECT officer, officer, 'tu-son', counter, starts_at, ends_at, 'import' FROM (VALUES "
            "('A', 'quay-1', timestamptz '2026-10-01+07', timestamptz '2026-11-01+07'),"
            "('B', 'quay-2', '2026-10-05 09:00+07', '2026-10-05 09:30+07')"
            ") AS roster (officer, counter, starts_at, ends_at)"
        )
    answer = Client(database_url).send("GET", OCTOBER).json()
    assert (answer["unit"], answer["period"]) == ("tu-son", "2026-10")
    found = hours(answer)
    nine = found[1, 9]
    # Four Mondays; devices were heard on two. Counters: two and one that served, one and a half
    # rostered on one Monday of four and one on the others.
    assert (nine["days"], nine["seen_days"], nine["arrivals_per_hour"]) == (4, 2, 40)
    assert (nine["open"], nine["planned"], nine["services"]) == (1.5, 1.125, 80)
    # 40 an hour of 200 s are 2.2 erlang.
    assert (nine["needed"], nine["utilisation"]) == (
        3,
        pytest.approx(40 * 200 / 3600 / 3, rel=0.02),
    )
    assert nine["wait_s"] <= answer["week"]["target_s"] == 900
    # The morning begins at half past seven: an hour that nobody saw says so.
    assert (found[2, 7]["planned"], "needed" in found[2, 7]) == (1, False)
    assert (found[1, 20]["days"], found[1, 20]["arrivals_per_hour"]) == (1, 1)
    assert (6, 9) not in found


@pytest.mark.parametrize(
    ("query", "status"),
    [("unit=nowhere", 404), ("unit=tu-son&period=now", 422), ("period=2026-10", 422)],
)
def test_what_cannot_be_planned_is_said(database_url, query, status):
    store(database_url, build.rating(NINE))
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET accepted = true")
    answer = Client(database_url).send("GET", f"/api/v1/planning?{query}")
    assert answer.status_code == status
