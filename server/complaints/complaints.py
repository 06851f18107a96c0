"""Complaints and petitions (PAKN) as values, with the dates by which each step is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.calendars.calendars import Calendar

REJECT_DAYS, ASK_DAYS, RESOLVE_DAYS, PUBLISH_DAYS = 2, 5, 15, 2
"""Working days: to reject, to ask for more, to resolve, and from there to publish."""


class Subject(StrEnum):
    """What a complaint is about: the reasons of ratings, and what has no counter."""

    ATTITUDE = "attitude"
    DELAY = "delay"
    GUIDANCE = "guidance"
    PAPERS = "papers"
    PAYMENT = "payment"
    FACILITIES = "facilities"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRecord:
    """What a system states about one complaint at `revision`; what it says is not kept.

    `satisfied` is what the complainant thought of how it was handled, None where nobody asked.
    """

    id: str
    source: str
    revision: datetime
    unit: str
    received_at: datetime
    procedure: str | None = None
    dossier: str | None = None
    officer: str | None = None
    rejected_at: datetime | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    resolved_at: datetime | None = None
    published_at: datetime | None = None
    satisfied: bool | None = None
    subject: Subject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintState:
    """By when each step was due, and whether they were all in time.

    `resolve_due` has the time in which the complainant was asked for more added. From `overdue_at`
    on an open complaint is late; None while it waits for the complainant. `in_time` is None while
    it is open.
    """

    reject_due: datetime
    ask_due: datetime
    resolve_due: datetime
    publish_due: datetime | None
    ended_at: datetime | None
    overdue_at: datetime | None
    in_time: bool | None


def state_of(complaint: ComplaintRecord, calendar: Calendar) -> ComplaintState:
    """Return the deadlines of a complaint and whether they were kept."""
    received_at = complaint.received_at
    reject_due = calendar.due(received_at, REJECT_DAYS)
    ask_due = calendar.due(received_at, ASK_DAYS)
    resolve_due = calendar.due(received_at, RESOLVE_DAYS)
    if complaint.asked_at is not None and complaint.answered_at is not None:
        waited = calendar.days_between(complaint.asked_at, complaint.answered_at)
        resolve_due = calendar.advance(resolve_due, waited) if waited > 0 else resolve_due
    resolved_at = complaint.resolved_at
    ended_at = resolved_at if resolved_at is not None else complaint.rejected_at
    waits = ended_at is None and complaint.asked_at is not None and complaint.answered_at is None
    return ComplaintState(
        reject_due=reject_due,
        ask_due=ask_due,
        resolve_due=resolve_due,
        publish_due=None if resolved_at is None else calendar.due(resolved_at, PUBLISH_DAYS),
        ended_at=ended_at,
        overdue_at=None if waits else resolve_due,
        in_time=_in_time(complaint, reject_due, ask_due, resolve_due),
    )


def _in_time(
    complaint: ComplaintRecord, reject_due: datetime, ask_due: datetime, resolve_due: datetime
) -> bool | None:
    """Return whether the answer, and the question before it, came in time; None without answer."""
    asked_late = complaint.asked_at is not None and complaint.asked_at > ask_due
    if complaint.resolved_at is not None:
        return complaint.resolved_at <= resolve_due and not asked_late
    if complaint.rejected_at is not None:
        return complaint.rejected_at <= reject_due
    return None


def first_fault(complaint: ComplaintRecord, latest: datetime) -> tuple[str, str] | None:
    """Return the field and the code of what cannot be right, None where nothing is seen."""
    for column in ("rejected_at", "asked_at", "answered_at", "resolved_at", "published_at"):
        at: datetime | None = getattr(complaint, column)
        if at is not None and at < complaint.received_at:
            return column, "before_receipt"
        if at is not None and at > latest:
            return column, "in_the_future"
    if complaint.received_at > latest:
        return "received_at", "in_the_future"
    if complaint.answered_at is not None and (
        complaint.asked_at is None or complaint.answered_at < complaint.asked_at
    ):
        return "answered_at", "answered_before_asked"
    return None
