"""Control limits over the API: they rest on the readings that come with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.server import build
from tests.server.asking import store
from tests.server.requesting import Client

pytestmark = pytest.mark.integration

MONDAY = datetime(2026, 6, 1, 2, tzinfo=UTC)
WEEKS = 12


def test_limits_come_with_the_readings_that_they_rest_on(database_url):
    satisfied = [36, 36, 38, 36, 34, 36, 38, 36, 36, 36, 8, 36]
    store(
        database_url,
        *(
            build.rating(MONDAY + timedelta(weeks=week, minutes=case), 5 if case < many else 1)
            for week, many in enumerate(satisfied)
            for case in range(40)
        ),
    )
    last = MONDAY + timedelta(weeks=WEEKS, days=-1)
    period = f"{MONDAY:%Y-%m-%d}..{last:%Y-%m-%d}"
    asked = f"kpi=share_satisfied&scope=unit:{build.HERE.unit}&period={period}&by=week"
    client = Client(database_url)
    answer = client.send("GET", f"/api/v1/control-limits?{asked}").json()
    assert answer["readings"] == client.send("GET", f"/api/v1/readings?{asked}").json()["readings"]
    shares = next(each for each in answer["limits"] if each["kpi"] == "share_satisfied")
    assert len(shares["points"]) == WEEKS
    assert [at for at, each in enumerate(shares["points"]) if each["outside"]] == [10]
