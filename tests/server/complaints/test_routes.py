"""Complaints over REST, and the figures that follow."""

from __future__ import annotations

import psycopg
import pytest

from tests.server.requesting import Client

pytestmark = pytest.mark.integration


def test_complaints_are_stored_and_told_by_their_deadlines(database_url):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO unit (id, name_vi, name_en) VALUES ('a', 'x', 'x')")
    common = {"unit": "a", "received_at": "2026-06-01T09:00:00"}
    records = [
        common
        | {
            "id": "1",
            "resolved_at": "2026-06-10T09:00:00",
            "satisfied": True,
            "subject": "Thái độ",
        },
        common | {"id": "2", "resolved_at": "2026-06-25T09:00:00", "satisfied": False},
        common | {"id": "3"},
        common | {"id": "4", "unit": "nowhere"},
    ]
    client = Client(database_url)
    answer = client.send(
        "PUT",
        "/api/v1/complaints?source=pakn&keep_going=true",
        json={"records": records},
        headers={"Idempotency-Key": "complaints-1"},
    ).json()
    assert (answer["stored"], answer["rejected"]) == (3, 1)
    readings = client.send(
        "GET",
        "/api/v1/readings?period=2026-06&scope=unit:a&kpi=complaints_received&kpi=complaints_open"
        "&kpi=complaints_overdue&kpi=complaints_on_time&kpi=complaints_satisfied&kpi=complaints_attitude",
    ).json()["readings"]
    assert [(each["kpi"], each.get("value")) for each in readings] == [
        ("complaints_received", 3.0),
        ("complaints_open", 1.0),
        ("complaints_overdue", 1.0),
        ("complaints_on_time", 0.5),
        ("complaints_satisfied", 0.5),
        ("complaints_attitude", 1.0),
    ]
