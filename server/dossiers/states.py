"""The state of a dossier: a function of the set of its events, never of the order they came in.

The rules are those by which the national portal's reports count; docs/decisions/0029 says which and
where they leave a choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from contract.local_time import LOCAL_TIME
from server.calendars.calendars import Calendar
from server.dossiers.dossiers import ENDS, DossierRecord, Event, EventKind, Supplement
from server.procedures.procedures import Procedure

_DAY = timedelta(days=1)
SOON_DAYS = 3
"""A dossier is due soon from this many working days before its date."""


class Timeliness(StrEnum):
    """When a dossier ended: before the promised day, on it and in time, or late."""

    BEFORE = "before"
    ON = "on"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierState:
    """What the events of a dossier amount to.

    `ended_by` None means that it is open. `counted` is False for what was withdrawn before it was
    accepted. `due_at` is the date that is kept, with the waiting for supplements added; None where
    there is neither a promised date nor a limit. From `overdue_at` on it is late while open.
    `days` are the working days from receipt to the end without those waits.
    """

    received_at: datetime
    ended_at: datetime | None
    ended_by: EventKind | None
    counted: bool
    promised_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    soon_from: date | None
    timeliness: Timeliness | None
    days: float | None
    requests: int
    waits_for_citizen: bool
    handed_out_at: datetime | None
    apologised_at: datetime | None
    officer: str | None
    score: int | None


def newest_of_each(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return one event an id, the newest revision, in the order of time, without what is void.

    Two systems that report the same thing at the same time report one.
    """
    by_id: dict[str, Event] = {}
    for event in events:
        known = by_id.get(event.id)
        if known is None or _rank(event) > _rank(known):
            by_id[event.id] = event
    distinct: dict[tuple[EventKind, datetime], Event] = {}
    for event in sorted(by_id.values(), key=lambda event: (event.at, event.kind, _rank(event))):
        if not event.void:
            distinct[event.kind, event.at] = event
    return tuple(distinct.values())


def _in_order(record: DossierRecord) -> tuple[Event, ...]:
    """Return what `newest_of_each` gives where there is nothing but the record."""
    distinct = {(event.kind, event.at): event for event in record.events()}
    return tuple(sorted(distinct.values(), key=lambda event: (event.at, event.kind)))


def _rank(event: Event) -> tuple[object, ...]:
    """Order two versions of an event by revision, then by content, so that none wins by chance."""
    promised = event.promised_at or _NEVER
    content = (event.kind, event.at, promised, event.officer or "", event.score or 0, event.void)
    return (event.revision, *content, event.id)


_NEVER = datetime.min.replace(tzinfo=UTC)


def state_of(
    record: DossierRecord, events: Sequence[Event], procedure: Procedure, calendar: Calendar
) -> DossierState:
    """Return the state that the record and the separate `events` of the dossier amount to."""
    every = newest_of_each((*record.events(), *events)) if events else _in_order(record)
    received_at = min(event.at for event in every if event.kind is EventKind.RECEIVED)
    # What is said to have happened before the dossier was there, is taken for a slip of the pen.
    history = tuple(event for event in every if event.at >= received_at)
    ended = _end(history)
    requests = _requests(history)
    due = _Due.of(record, history, requests, procedure, calendar, received_at, ended)
    accepted = any(event.kind is EventKind.ACCEPTED for event in history)
    counted = ended is None or ended.kind is not EventKind.WITHDRAWN or accepted
    late_by_requests = len(requests) > 1 and (ended is None or ended.kind not in _DONE)
    waits = ended is None and bool(requests) and requests[-1].answered_at is None
    overdue_at = _overdue_at(due.at, requests, late=late_by_requests, waits=waits)
    return DossierState(
        received_at=received_at,
        ended_at=None if ended is None else ended.at,
        ended_by=None if ended is None else ended.kind,
        counted=counted,
        promised_at=due.promised_at,
        due_at=due.at,
        overdue_at=overdue_at,
        soon_from=_soon_from(due.at, calendar, ends=ended is not None or waits),
        timeliness=_timeliness(ended, due.at, late=late_by_requests) if counted else None,
        days=_days(received_at, ended, due.waits, calendar),
        requests=len(requests),
        waits_for_citizen=waits,
        handed_out_at=_last_at(history, EventKind.HANDED_OUT),
        apologised_at=_first_at(history, EventKind.APOLOGISED),
        officer=_officer(record, history),
        score=_score(history),
    )


_DONE = frozenset({EventKind.PROCESSED, EventKind.RETURNED, EventKind.HANDED_OUT})

_PRIORITY = (
    frozenset({EventKind.PROCESSED}),
    frozenset({EventKind.RETURNED}),
    frozenset({EventKind.HANDED_OUT}),
    frozenset({EventKind.STOPPED, EventKind.REFUSED}),
    frozenset({EventKind.WITHDRAWN}),
)
"""Which event is the end: processed, else returned, else stopped or refused, else withdrawn."""

_Wait = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """Until when the dossier is in time, and from when to when it waited for the citizen."""

    promised_at: datetime | None
    at: datetime | None
    waits: tuple[_Wait, ...]

    @classmethod
    def of(
        cls,
        record: DossierRecord,
        history: Sequence[Event],
        requests: Sequence[Supplement],
        procedure: Procedure,
        calendar: Calendar,
        received_at: datetime,
        ended: Event | None,
    ) -> _Due:
        waits = tuple(_waits(requests, None if ended is None else ended.at))
        set_at, promised_at = _promise(record, history, received_at)
        due_at = promised_at
        if due_at is None and procedure.limit_days is not None:
            due_at = calendar.due(received_at, procedure.limit_days, procedure.late_after)
        # A date that was set anew after a wait has it already.
        waited = sum(calendar.days_between(*wait) for wait in waits if wait[1] > set_at)
        if due_at is not None and waited > 0:
            due_at = calendar.advance(due_at, waited)
        return cls(promised_at=promised_at, at=due_at, waits=waits)


def _promise(
    record: DossierRecord, history: Sequence[Event], received_at: datetime
) -> tuple[datetime, datetime | None]:
    """Return when the promise that holds was given, and the promised date."""
    given, promised = received_at, record.promised_at
    for index, event in enumerate(history):
        if event.promised_at is None:
            continue
        given, promised = event.at, event.promised_at
        if event.kind is EventKind.SUPPLEMENT_ASKED:
            answers = (
                later.at for later in history[index:] if later.kind is EventKind.SUPPLEMENT_ANSWERED
            )
            given = next(answers, event.at)
    return given, promised


def _end(history: Sequence[Event]) -> Event | None:
    for kinds in _PRIORITY:
        found = [event for event in history if event.kind in kinds]
        if found:
            return found[-1]
    return None


def _requests(history: Sequence[Event]) -> tuple[Supplement, ...]:
    """Return what the citizen was asked, each with the first answer after it."""
    found: list[Supplement] = []
    for event in history:
        if event.kind is EventKind.SUPPLEMENT_ASKED:
            found.append(Supplement(asked_at=event.at))
        elif event.kind is EventKind.SUPPLEMENT_ANSWERED:
            found[:] = [
                request
                if request.answered_at is not None
                else Supplement(asked_at=request.asked_at, answered_at=event.at)
                for request in found
            ]
    return tuple(found)


def _waits(requests: Sequence[Supplement], ended_at: datetime | None) -> Iterable[_Wait]:
    """Yield the spans in which the citizen was waited for, without overlaps."""
    reached: datetime | None = None
    for request in requests:
        until = request.answered_at or ended_at
        if until is None:
            continue
        if ended_at is not None:
            until = min(until, ended_at)
        start = request.asked_at if reached is None else max(request.asked_at, reached)
        if until > start:
            yield start, until
            reached = until


def _overdue_at(
    due_at: datetime | None, requests: Sequence[Supplement], *, late: bool, waits: bool
) -> datetime | None:
    """Return from when on an open dossier is late.

    While it waits for the first supplement, the day of the request is its end. The second request
    makes it late.
    """
    if late:
        second = requests[1].asked_at
        return second if due_at is None else min(second, due_at)
    if waits and due_at is not None and requests[-1].asked_at <= due_at:
        return None
    return due_at


def _timeliness(ended: Event | None, due_at: datetime | None, *, late: bool) -> Timeliness | None:
    if ended is None:
        return None
    if late:
        return Timeliness.AFTER
    if due_at is None:
        return None
    if ended.at > due_at:
        return Timeliness.AFTER
    if due_at - ended.at >= _DAY:
        return Timeliness.BEFORE
    return Timeliness.BEFORE if _day(ended.at) < _day(due_at) else Timeliness.ON


def _soon_from(due_at: datetime | None, calendar: Calendar, *, ends: bool) -> date | None:
    if due_at is None or ends:
        return None
    return calendar.shift(_day(due_at), -SOON_DAYS)


def _days(
    received_at: datetime, ended: Event | None, waits: Sequence[_Wait], calendar: Calendar
) -> float | None:
    if ended is None:
        return None
    waited = sum(calendar.days_between(*wait) for wait in waits)
    return max(0.0, calendar.days_between(received_at, ended.at) - waited)


def _officer(record: DossierRecord, history: Sequence[Event]) -> str | None:
    assigned = [event.officer for event in history if event.kind is EventKind.ASSIGNED]
    return next((officer for officer in reversed(assigned) if officer), record.officer)


def _score(history: Sequence[Event]) -> int | None:
    scores = [event.score for event in history if event.kind is EventKind.RATED]
    return scores[-1] if scores else None


def _first_at(history: Sequence[Event], kind: EventKind) -> datetime | None:
    return next((event.at for event in history if event.kind is kind), None)


def _last_at(history: Sequence[Event], kind: EventKind) -> datetime | None:
    return next((event.at for event in reversed(history) if event.kind is kind), None)


def _day(at: datetime) -> date:
    return at.astimezone(LOCAL_TIME).date()


def first_end(record: DossierRecord) -> datetime | None:
    """Return the earliest moment at which the record says that the dossier ended."""
    return min((event.at for event in record.events() if event.kind in ENDS), default=None)
