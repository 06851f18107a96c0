"""Flat figures say what the readings say, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
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


@pytest.fixture
def client(database_url) -> Client:
    """The API over two units with ratings, one with a name that a spreadsheet would compute."""
    for unit, score in (("a", 5), ("b", 1)):
        place = replace(build.HERE, unit=unit)
        at = [MORNING + timedelta(seconds=100 * n) for n in range(40)]
        store(database_url, *((build.rating(each, score, address=place), place) for each in at))
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET accepted = true, name_vi = '=HYPERLINK(1)'")
    return Client(database_url)


def test_figures_are_those_of_the_readings(client):
    query = "period=2026-10&by=unit&kpi=ratings&kpi=share_satisfied"
    told = client.send("GET", f"/api/v1/readings?{query}").json()["readings"]
    flat = client.send("GET", f"/api/v1/ioc/figures?{query}&lang=en").json()["figures"]
    names = ("scope", "kpi", "period", "value", "low", "high", "n", "version")
    rows = [[row.get(name) for name in names] for row in flat]
    assert rows == [[reading.get(name) for name in names] for reading in told]
    first = flat[0]
    assert (first["place"], first["measure"], first["family"]) == ("a", "count", "official")


def test_csv_holds_the_same_rows_and_no_formula(client):
    query = "/api/v1/ioc/figures?period=2026-10&by=unit"
    flat = client.send("GET", query).json()["figures"]
    answer = client.send("GET", f"{query}&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == len(flat)
    for row, figure in zip(rows, flat, strict=True):
        assert row["place_name"] == "'=HYPERLINK(1)"
        value = figure.get("value")
        assert (row["kpi"], row["scope"]) == (figure["kpi"], figure["scope"])
        assert row["value"] == ("" if value is None else str(value))


def test_figures_of_the_province_and_steps_of_time(client):
    query = "/api/v1/ioc/figures?period=2026-10&step=week&kpi=ratings"
    flat = client.send("GET", query).json()["figures"]
    assert [row["period"] for row in flat] == ["2026-W41", "2026-W42", "2026-W43"]
    assert [row.get("value", 0) for row in flat] == [80, 0, 0]
    assert client.send("GET", "/api/v1/ioc/figures?period=yesterday").status_code == 422


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("units", {("a", "=HYPERLINK(1)"), ("b", "=HYPERLINK(1)")}),
        ("classes?scheme=qd766-2022&period=2026-10", {("a", "weak"), ("b", "weak")}),
        ("alerts", {("a", "outbox_growing")}),
    ],
)
def test_units_classes_and_alerts_are_the_same_rows_as_json_and_csv(
    client, database_url, path, rows
):
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO alert (rule, rule_version, unit, severity, state, raised_at, changed_at)"
            " VALUES ('outbox_growing', 1, 'a', 'notice', 'raised', now(), now())"
        )
    name, told = path.partition("?")[0], f"/api/v1/ioc/{path}"
    second = {"units": "unit_name", "classes": "band", "alerts": "rule"}[name]
    flat = client.send("GET", told).json()[name]
    assert {(row["unit"], row.get(second)) for row in flat} == rows
    answer = client.send("GET", f"{told}{'&' if '?' in told else '?'}format=csv")
    read = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["unit"] for row in read] == [row["unit"] for row in flat]
    assert {row["unit_name"] for row in read} == {"'=HYPERLINK(1)"}
