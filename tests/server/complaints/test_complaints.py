"""Complaints are judged by their deadlines in working days."""

from __future__ import annotations

from datetime import datetime

import pytest

from contract.local_time import LOCAL_TIME
from server.calendars.calendars import Calendar, Rules
from server.calendars.holidays import VietnameseHolidays
from server.complaints.complaints import ComplaintRecord, ComplaintState, first_fault, state_of

CALENDAR = Calendar(Rules(), VietnameseHolidays())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_TIME)


def complaint(**fields: str) -> ComplaintRecord:
    """Return a complaint received on Monday, 1 June 2026, at 9:00."""
    return ComplaintRecord(
        id="PAKN-1",
        source="test",
        revision=at("2026-06-01T09:00"),
        unit="vo-cuong",
        received_at=at("2026-06-01T09:00"),
        **{name: at(text) for name, text in fields.items()},
    )


def state(**fields: str) -> ComplaintState:
    return state_of(complaint(**fields), CALENDAR)


def test_deadlines_are_two_five_fifteen_and_two_working_days():
    found = state(resolved_at="2026-06-10T10:00")
    assert found.reject_due == at("2026-06-03T17:00")
    assert found.ask_due == at("2026-06-08T17:00")
    assert found.resolve_due == at("2026-06-22T17:00")
    assert found.publish_due == at("2026-06-12T17:00")


@pytest.mark.parametrize(
    ("fields", "in_time"),
    [
        ({}, None),
        ({"rejected_at": "2026-06-03T17:00"}, True),
        ({"rejected_at": "2026-06-04T08:00"}, False),
        ({"resolved_at": "2026-06-22T17:00"}, True),
        ({"resolved_at": "2026-06-23T08:00"}, False),
        ({"asked_at": "2026-06-09T08:00", "resolved_at": "2026-06-12T08:00"}, False),
    ],
)
def test_answer_is_in_time_by_the_deadline_of_its_kind(fields, in_time):
    assert state(**fields).in_time is in_time


def test_waiting_for_the_complainant_moves_the_deadline():
    asked = {"asked_at": "2026-06-02T17:00"}
    assert state(**asked).overdue_at is None
    answered = asked | {"answered_at": "2026-06-04T17:00"}
    assert state(**answered).overdue_at == at("2026-06-24T17:00")
    assert state(**answered, resolved_at="2026-06-24T16:00").in_time


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"resolved_at": "2026-05-31T08:00"}, ("resolved_at", "before_receipt")),
        ({"resolved_at": "2027-01-01T08:00"}, ("resolved_at", "in_the_future")),
        ({"answered_at": "2026-06-02T08:00"}, ("answered_at", "answered_before_asked")),
        ({"resolved_at": "2026-06-02T08:00"}, None),
    ],
)
def test_impossible_times_are_seen(fields, fault):
    assert first_fault(complaint(**fields), at("2026-12-31T00:00")) == fault
