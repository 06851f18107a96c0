"""What is wrong with a dossier's record or event that can be seen without any other."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from contract.local_time import LOCAL_TIME
from server.dossiers.dossiers import DossierRecord, Event, EventKind
from server.tabular.refusals import Refusal, refuse

ROOM = "server.dossiers"

AHEAD = timedelta(days=1)
"""What happens later than this from now has a wrong date."""

FIRST_YEAR = 2000

_HAPPENED = (
    "received_at", "accepted_at", "processed_at", "returned_at", "handed_out_at", "stopped_at",
    "refused_at", "withdrawn_at",
)  # fmt: skip


def check_record(record: DossierRecord, now: datetime) -> Refusal | None:
    """Return why the record cannot be taken as it stands."""
    if record.received_at.year < FIRST_YEAR:
        return _refuse("too_early", "received_at", year=FIRST_YEAR)
    latest = now + AHEAD
    if (refusal := _check_times(record, latest)) is not None:
        return refusal
    promised_at = record.promised_at
    # Earlier on the day of receipt is no slip: some systems promise a day and write its midnight.
    if (
        promised_at is not None
        and promised_at < record.received_at
        and _day(promised_at) < _day(record.received_at)
    ):
        return _refuse("before_receipt", "promised_at")
    return _check_supplements(record, latest)


def check_event(event: Event, now: datetime) -> Refusal | None:
    """Return why the event cannot be taken as it stands."""
    if event.at.year < FIRST_YEAR:
        return _refuse("too_early", "at", year=FIRST_YEAR)
    if event.at > now + AHEAD:
        return _refuse("in_the_future", "at")
    if event.kind is EventKind.EXTENDED and event.promised_at is None:
        return _refuse("without_promise", "promised_at")
    if event.kind is EventKind.ASSIGNED and not event.officer:
        return _refuse("without_officer", "officer")
    if event.kind is EventKind.RATED and event.score is None:
        return _refuse("without_score", "score")
    return None


def _check_times(record: DossierRecord, latest: datetime) -> Refusal | None:
    for column in _HAPPENED:
        at: datetime | None = getattr(record, column)
        if at is not None and at > latest:
            return _refuse("in_the_future", column)
        if at is not None and at < record.received_at:
            return _refuse("before_receipt", column)
    return None


def _check_supplements(record: DossierRecord, latest: datetime) -> Refusal | None:
    for supplement in record.supplements:
        if supplement.asked_at < record.received_at:
            return _refuse("before_receipt", "supplements")
        if supplement.answered_at is not None and supplement.answered_at < supplement.asked_at:
            return _refuse("answered_before_asked", "supplements")
        if (supplement.answered_at or supplement.asked_at) > latest:
            return _refuse("in_the_future", "supplements")
    return None


def _refuse(code: str, column: str, **parameters: object) -> Refusal:
    return refuse(code, room=ROOM, column=column, **parameters)


def _day(at: datetime) -> date:
    return at.astimezone(LOCAL_TIME).date()
