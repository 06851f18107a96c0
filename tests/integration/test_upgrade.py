"""A database that release 0.1 filled is brought to this release, and says the same as before.

`upgrade/release_0_1.sql` holds what 0.1 had stored after 599 messages of two local days, some of
them sent again, and seven that it refused; `upgrade/release_0_1.readings.json` what it then showed
at two moments. Both were written by that release and are never made anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from contract.readings import Reading, Timing
from server.db.bundled import bundled
from server.db.migrations import MigrationState, migrate, require_current
from server.kpi.catalogue import BY_ID, CATALOGUE
from server.readings.readings import Breakdown, Question
from server.readings.store import read_readings
from server.scopes import PROVINCE
from tests.server.asking import ask

pytestmark = pytest.mark.integration

FOLDER = Path(__file__).parent / "upgrade"
LAST_OF_0_1 = "005_people_detector.sql"
MOMENTS = ("2026-11-20T10:00:00Z", "2026-11-19T16:59:59Z")

COUNTS = {
    "unit": 8, "counter": 7, "device": 7, "observation": 67, "visit": 168, "wait": 42,
    "rating": 228, "rating_reason": 72, "ticket": 63, "health": 31, "quarantine": 7,
}  # fmt: skip
STREAMS = ("observation", "visit", "wait", "rating", "ticket", "health")

SHOWN_AS: Mapping[str, str] = {
    "ratings_today": "ratings",
    "share_satisfied_today": "share_satisfied",
    "people_waiting_now": "people_waiting",
    "visits_today": "visits",
    "median_service_today": "median_service",
    "expression_mix_today": "expression_mix",
    "devices_online": "devices_online",
    "data_age": "data_age",
}
"""0.1's name of each KPI, and its name since."""

TOLERANCES = {"median_service": 0.02}
"""Relative; the histogram of service times states this error."""

Figures = Mapping[tuple[str, str], Mapping[str, Any]]
"""The readings of one moment by unit ("province" for the whole) and KPI, as JSON shows them."""


def readings_after(database_url: str, now: datetime) -> Figures:
    """Return what this release shows at `now` of the upgraded database."""
    found: list[Reading] = []
    for places in (None, Breakdown.UNIT):
        asked = Question(kpis=CATALOGUE, scope=PROVINCE, period=None, by=places)
        found += ask(database_url, lambda c, asked=asked: read_readings(c, asked, now))
    shown = {(reading.scope, reading.kpi): asdict(reading) for reading in found}
    return {(scope.removeprefix("subtree:"), kpi): values for (scope, kpi), values in shown.items()}


@cache
def readings_before(moment: str) -> Figures:
    """Return what 0.1 showed at `moment`, under the names of today."""
    snapshot = json.loads((FOLDER / "release_0_1.readings.json").read_text("utf-8"))[moment]
    return {
        (shown["unit"], SHOWN_AS[reading["kpi"]]): reading
        for shown in [snapshot["province"], *snapshot["units"]]
        for reading in shown["readings"]
    }


@pytest.fixture
def old(empty_database_url):
    """A connection to the database as 0.1 left it."""
    first = [migration for migration in bundled() if migration.name <= LAST_OF_0_1]
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        migrate(connection, first)
        connection.execute((FOLDER / "release_0_1.sql").read_text("utf-8"))
        yield connection


def rows(connection: psycopg.Connection, table: str) -> list[tuple]:
    query = sql.SQL("SELECT id, observed_at, unit, counter, device, seq FROM {} ORDER BY 1, 2")
    return connection.execute(query.format(sql.Identifier(table))).fetchall()


def count(connection: psycopg.Connection, table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def totals_of_ratings(connection: psycopg.Connection) -> list[tuple]:
    """Scores by counter and hour, from the totals that KPIs are computed from."""
    return connection.execute(
        "SELECT unit, counter, hour, score_1, score_2, score_3, score_4, score_5, newest"
        " FROM rating_hourly ORDER BY unit, counter, hour"
    ).fetchall()


def readings_count(kpi: str) -> int:
    """The province's count over both days, as 0.1 showed it."""
    return sum(readings_before(moment)["province", kpi]["n"] for moment in MOMENTS)


def test_upgrade_loses_and_doubles_nothing(old):
    before = {table: rows(old, table) for table in STREAMS}
    totals = totals_of_ratings(old)
    migrate(old)
    require_current(old)
    assert {table: count(old, table) for table in COUNTS} == COUNTS
    assert {table: rows(old, table) for table in STREAMS} == before
    assert totals_of_ratings(old) == totals
    assert sum(sum(row[3:8]) for row in totals) == readings_count("ratings")


def test_totals_agree_with_the_rows_they_came_from(old):
    migrate(old)
    row = old.execute("SELECT count(*) FROM rating WHERE amends IS NULL").fetchone()
    assert row == (readings_count("ratings"),)
    assert count(old, "visit") == readings_count("visits")


def test_second_migration_finds_nothing_to_do(old):
    done = migrate(old)
    assert {entry.state for entry in done} <= {MigrationState.APPLIED, MigrationState.SKIPPED}
    assert migrate(old) == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_readings_are_the_same_before_and_after(old, empty_database_url, moment):
    migrate(old)
    after = readings_after(empty_database_url, datetime.fromisoformat(moment))
    before = readings_before(moment)
    assert after.keys() >= before.keys()
    for key, reading in before.items():
        if BY_ID[key[1]].source.timing is Timing.NOW and moment != MOMENTS[0]:
            continue  # the database's now is later, and times ahead of the clock are not believed
        shown = after[key]
        assert shown["n"] == reading["n"], key
        assert shown.get("withheld") == reading["withheld"], key
        expected = reading["value"]
        if expected is None:
            assert shown.get("value") is None, key
        else:
            tolerance = TOLERANCES.get(key[1], 1e-9)
            assert shown["value"] == pytest.approx(expected, rel=tolerance), key
