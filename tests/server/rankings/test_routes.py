"""Rankings over the API: units of one kind, from what is stored."""

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

MORNING = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


def rate(url: str, unit: str, satisfied: int, others: int) -> None:
    place = replace(build.HERE, unit=unit)
    scores = [5] * satisfied + [1] * others
    messages = [
        (build.rating(MORNING + timedelta(minutes=index), score, address=place), place)
        for index, score in enumerate(scores)
    ]
    store(url, *messages)


def test_units_are_ranked_within_their_kind_and_small_ones_are_not(database_url):
    for unit, satisfied, others in (("a", 119, 1), ("b", 60, 60), ("c", 20, 20), ("d", 5, 5)):
        rate(database_url, unit, satisfied, others)
    rate(database_url, "office", 100, 20)
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET accepted = true, kind = 'ward'")
        connection.execute("UPDATE unit SET kind = 'department' WHERE id = 'office'")
    client = Client(database_url)
    answer = client.send("GET", "/api/v1/rankings?kpi=share_satisfied&period=2026-10")
    assert answer.status_code == 200
    kinds = {kind["kind"]: kind["rows"] for kind in answer.json()["kinds"]}
    wards = {row["unit"]: row for row in kinds["ward"]}
    assert (wards["a"]["rank"]["median"], wards["b"]["rank"]["median"]) == (1.0, 2.0)
    assert "rank" not in wards["c"]
    assert "estimate" in wards["c"]
    assert "estimate" not in wards["d"]
    assert "rank" not in kinds["department"][0]
    again = client.send("GET", "/api/v1/rankings?kpi=share_satisfied&period=2026-10")
    assert again.json()["kinds"] == answer.json()["kinds"]


@pytest.mark.parametrize(
    ("query", "status"), [("kpi=visits&period=2026-10", 404), ("period=now", 422)]
)
def test_what_cannot_be_ranked_is_said(database_url, query, status):
    answer = Client(database_url).send("GET", f"/api/v1/rankings?{query}")
    assert answer.status_code == status
