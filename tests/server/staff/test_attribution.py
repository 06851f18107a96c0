"""Ratings belong to who was on duty, whenever the roster comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contract.topics import Address
from server.access.principals import EVERYWHERE
from server.facts.jobs import recount_all
from server.kpi.catalogue import BY_ID
from server.periods import Period, Step
from server.readings.readings import Breakdown, Question
from server.readings.store import read_readings
from server.scopes import PROVINCE
from tests.server import build
from tests.server.asking import ask, store

pytestmark = pytest.mark.integration

NINE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # in Vietnam
HERE = Address(unit="bac-ninh", counter="quay-1", device="kiosk")
SHIFTS = [
    "CB-1,bac-ninh,quay-1,2026-10-05 07:30,2026-10-05 09:30",
    "CB-2,bac-ninh,quay-1,2026-10-05 09:30,2026-10-05 11:30",
]
OTHER_WAY_ROUND = [line.replace("CB-1", "x").replace("CB-2", "CB-1") for line in SHIFTS]
OTHER_WAY_ROUND = [line.replace("x,", "CB-2,") for line in OTHER_WAY_ROUND]


def rate(database_url: str) -> None:
    """Ten ratings each between nine and ten: at :00, :10, :20 and, after the change, :30, :40."""
    times = [
        NINE + timedelta(minutes=minutes, milliseconds=each)
        for minutes in (0, 10, 20, 30, 40)
        for each in range(10)
    ]
    # Simulated, for of real devices ratings in such bursts are doubtful.
    store(database_url, (build.health(NINE, simulated=True, address=HERE), HERE))
    store(database_url, *((build.rating(at, address=HERE), HERE) for at in times))


def ratings_by_officer(database_url: str) -> dict[str, int]:
    question = Question(
        kpis=(BY_ID["ratings"],),
        scope=PROVINCE,
        period=Period.of(Step.DAY, NINE.date()),
        by=Breakdown.OFFICER,
    )
    now = NINE + timedelta(days=7)
    found = ask(
        database_url, lambda connection: read_readings(connection, question, now, EVERYWHERE)
    )
    return {reading.scope.partition("officer:")[2]: reading.n for reading in found}


@pytest.mark.parametrize("roster_first", [True, False])
def test_shift_change_inside_an_hour_splits_it_also_when_the_roster_comes_late(
    imports, roster, database_url, roster_first
):
    if roster_first:
        imports("assignments", roster(*SHIFTS))
    rate(database_url)
    if not roster_first:
        assert ratings_by_officer(database_url) == {}
        imports("assignments", roster(*SHIFTS))
    recount_all(database_url)
    assert ratings_by_officer(database_url) == {"CB-1": 30, "CB-2": 20}


def test_corrected_roster_attributes_anew(imports, roster, database_url):
    imports("assignments", roster(*SHIFTS))
    rate(database_url)
    imports("assignments", roster(*(f"{line},có" for line in SHIFTS), head=",cancelled"))
    imports("assignments", roster(*OTHER_WAY_ROUND))
    recount_all(database_url)
    assert ratings_by_officer(database_url) == {"CB-1": 20, "CB-2": 30}
