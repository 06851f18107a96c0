"""Dossiers as values: what a system states about one, and the events it went through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.procedures.procedures import Channel


class EventKind(StrEnum):
    """What can happen to a dossier."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    SUPPLEMENT_ASKED = "supplement_asked"
    SUPPLEMENT_ANSWERED = "supplement_answered"
    EXTENDED = "extended"
    APOLOGISED = "apologised"
    PROCESSED = "processed"
    RETURNED = "returned"
    REFUSED = "refused"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    HANDED_OUT = "handed_out"
    RATED = "rated"


_RECORDED = {kind: f"record:{kind}:" for kind in EventKind}
"""The beginnings of the ids of events that a record tells of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to the dossier `code`.

    `id` is the sender's; of two with the same id the greater `revision` counts, then the greater
    content. `promised_at` belongs to an extension and a supplement, `officer` to an assignment,
    `score` (1..5) to a rating. `void` takes an event back that never happened.
    """

    code: str
    id: str
    kind: EventKind
    at: datetime
    revision: datetime
    promised_at: datetime | None = None
    officer: str | None = None
    score: int | None = None
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """What the citizen was asked to add; `promised_at` is the promise renewed for it."""

    asked_at: datetime
    answered_at: datetime | None = None
    promised_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierRecord:
    """What a system states about one dossier at `revision`: the newest statement counts, whole.

    `receiving_unit` accepted it, `resolving_unit` decides on it. `area_unit` is the unit of the
    place that it concerns. Flags are None where the system does not tell.
    """

    code: str
    source: str
    revision: datetime
    procedure: str
    receiving_unit: str
    resolving_unit: str
    received_at: datetime
    channel: Channel = Channel.DIRECT
    officer: str | None = None
    area_unit: str | None = None
    promised_at: datetime | None = None
    accepted_at: datetime | None = None
    processed_at: datetime | None = None
    returned_at: datetime | None = None
    handed_out_at: datetime | None = None
    stopped_at: datetime | None = None
    refused_at: datetime | None = None
    withdrawn_at: datetime | None = None
    supplements: tuple[Supplement, ...] = ()
    fee_due: bool | None = None
    paid_online: bool | None = None
    digitised: bool | None = None
    result_digitised: bool | None = None
    data_reused: bool | None = None
    identity_verified: bool | None = None
    applicant: str | None = None
    """A keyed hash, never a name or number (server/dossiers/privacy.py)."""
    ticket: str | None = None
    """The number of the ticket by which it was received, of the receiving unit's day."""

    def events(self) -> Iterator[Event]:
        """Yield the events that the record tells of; their ids begin with `record:`."""
        for kind, at in (
            (EventKind.RECEIVED, self.received_at),
            (EventKind.ACCEPTED, self.accepted_at),
            (EventKind.PROCESSED, self.processed_at),
            (EventKind.RETURNED, self.returned_at),
            (EventKind.HANDED_OUT, self.handed_out_at),
            (EventKind.STOPPED, self.stopped_at),
            (EventKind.REFUSED, self.refused_at),
            (EventKind.WITHDRAWN, self.withdrawn_at),
        ):
            if at is not None:
                yield self._event(kind, at)
        for number, supplement in enumerate(self.supplements):
            yield self._event(
                EventKind.SUPPLEMENT_ASKED, supplement.asked_at, number, supplement.promised_at
            )
            if supplement.answered_at is not None:
                yield self._event(EventKind.SUPPLEMENT_ANSWERED, supplement.answered_at, number)

    def _event(
        self, kind: EventKind, at: datetime, number: int = 0, promised_at: datetime | None = None
    ) -> Event:
        return Event(
            code=self.code,
            id=f"{_RECORDED[kind]}{number}",
            kind=kind,
            at=at,
            revision=self.revision,
            promised_at=promised_at,
        )


ENDS = frozenset(
    {
        EventKind.PROCESSED,
        EventKind.RETURNED,
        EventKind.HANDED_OUT,
        EventKind.STOPPED,
        EventKind.REFUSED,
        EventKind.WITHDRAWN,
    }
)
"""What may end a dossier."""
