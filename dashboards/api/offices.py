"""What the API tells of reports, files, offices and rosters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAsked:
    """A report that was asked for; `progress` is 0 to 1, `problem` says why it failed."""

    id: str
    kind: str
    period: str
    language: str
    format: str
    asked_at: datetime
    asked_by: str
    state: str
    progress: float
    scope: str | None = None
    unit: str | None = None
    officer: str | None = None
    scheme: str | None = None
    template: str | None = None
    problem: str | None = None
    name: str | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAsked:
    """A file for analysts that was asked for."""

    id: str
    dataset: str
    format: str
    scope: str
    period: str
    step: str
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None = None
    finished_at: datetime | None = None
    entries: int | None = None
    bytes: int | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMail:
    """A report that is, or was, sent to an address."""

    period: str
    address: str
    created_at: datetime
    state: str
    attempts: int
    next_at: datetime | None = None
    problem: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter of a unit; without days it has always been there, and stays."""

    unit: str
    id: str
    name_vi: str
    name_en: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """What a calendar says of one day or weekday; no hours are a day off."""

    calendar: str
    hours: str
    note: str
    source: str
    day: date | None = None
    weekday: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostHeld:
    """An officer's post in a unit."""

    code: str
    name: str
    unit: str
    position: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """An officer at a counter, or in a unit without one, for a time."""

    id: str
    officer: str
    name: str
    unit: str
    counter: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Who serves at a counter now; `signed_on` tells a sign-on from what the roster says."""

    counter: str
    officer: str
    name: str
    since: datetime
    until: datetime
    signed_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A subscription of the daily brief: to which address, of which place."""

    address: str
    scope: str
    language: str
