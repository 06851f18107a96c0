"""Requests for a rating: each belongs to one visit or none, and is answered at most once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from contract.identifiers import derived_id, new_id
from contract.messages import Prompt, PromptEvent, PromptOpener
from contract.topics import STREAMS, Stream
from edge.errors import OutboxFull
from edge.store.outbox import Outbox

UNDO = timedelta(seconds=10)
"""How long a rating can be taken back."""

UNDO_GRACE = timedelta(seconds=5)
"""What a tap on the last moment of the countdown may take until it is here."""

_KEPT = timedelta(hours=1)
_LATEST_VISIT = timedelta(minutes=2)
"""A tap without a request, so soon after a visit, speaks of that visit."""


class PromptStep(StrEnum):
    """How far a request is; `dropped` ones were never shown, and nothing is told of them."""

    OPEN = "open"
    SHOWN = "shown"
    ANSWERED = "answered"
    CLOSED = "closed"
    DROPPED = "dropped"


_PENDING = (PromptStep.OPEN, PromptStep.SHOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRow:
    """One request for a rating at a counter; an answer can be taken back while it is `answered`."""

    id: UUID
    counter: str
    visit: UUID | None
    opened_by: PromptOpener
    opened_at: datetime
    expires_at: datetime
    step: PromptStep
    rating: UUID | None
    answered_at: datetime | None

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return what stands in the columns of the table."""
        identity, counter, visit, opened_by, opened, expires, step, rating, answered = row
        return cls(
            id=UUID(bytes=identity),
            counter=counter,
            visit=None if visit is None else UUID(bytes=visit),
            opened_by=PromptOpener(opened_by),
            opened_at=_time(opened),
            expires_at=_time(expires),
            step=PromptStep(step),
            rating=None if rating is None else UUID(bytes=rating),
            answered_at=None if answered is None else _time(answered),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptBook:
    """The requests of one device, whose own counter is `counter`; calls may raise a StoreError."""

    outbox: Outbox
    device: str
    counter: str

    def open(
        self,
        counter: str,
        by: PromptOpener,
        *,
        now: datetime,
        expires_at: datetime,
        visit: UUID | None = None,
        identity: UUID | None = None,
    ) -> None:
        """Ask for a rating at `counter` until `expires_at`; an older request there is closed.

        A visit that has been rated is not asked about again; one whose request was not answered is
        asked again by the same request, which counts once.
        """
        self.outbox.write(
            lambda: self.open_within(
                counter, by, now=now, expires_at=expires_at, visit=visit, identity=identity
            )
        )

    def open_within(
        self,
        counter: str,
        by: PromptOpener,
        *,
        now: datetime,
        expires_at: datetime,
        visit: UUID | None = None,
        identity: UUID | None = None,
    ) -> None:
        """Do the same inside the caller's own `write`."""
        known = self._at(counter)
        same = [row for row in known if visit is not None and row.visit == visit]
        if any(row.rating is not None for row in same):
            return
        for row in known:
            if row.step in _PENDING and row not in same:
                self._close(row, PromptEvent.TIMED_OUT, now)
        if same:
            step = same[0].step if same[0].step in _PENDING else PromptStep.OPEN
            self._set(same[0], step, expires_at=expires_at)
            return
        key = (identity or new_id(now)).bytes
        visit_key = b"" if visit is None else visit.bytes
        self.outbox.execute(
            "insert_prompt", key, counter, visit_key, by, now.timestamp(), expires_at.timestamp()
        )
        self.outbox.execute("forget_old_prompts", (now - _KEPT).timestamp())

    def pending(self, counter: str, *, now: datetime) -> PromptRow | None:
        """Return the request that is open or shown at `counter`."""
        for row in map(PromptRow.from_row, self.outbox.read("prompts_at", counter)):
            if row.step in _PENDING and row.expires_at > now:
                return row
        return None

    def pending_named(self, identity: UUID, *, now: datetime) -> PromptRow | None:
        """Return the request `identity` while it is open or shown."""
        for row in map(PromptRow.from_row, self.outbox.read("prompt", identity.bytes)):
            if row.step in _PENDING and row.expires_at > now:
                return row
        return None

    def show(self, identity: UUID, *, now: datetime) -> None:
        """Tell that citizens see the request; what is not open any more stays as it is."""

        def show() -> None:
            for row in self._one(identity):
                if row.step is PromptStep.OPEN:
                    self._tell(row, PromptEvent.SHOWN, now)
                    self._set(row, PromptStep.SHOWN)

        self.outbox.write(show)

    def skip(self, identity: UUID, *, now: datetime) -> None:
        """Close the request because the citizen does not want to answer."""

        def skip() -> None:
            for row in self._one(identity):
                if row.step in _PENDING:
                    self._close(row, PromptEvent.SKIPPED, now)

        self.outbox.write(skip)

    def answer_within(
        self, counter: str, rating: UUID, *, under_way: UUID | None, now: datetime
    ) -> UUID | None:
        """Answer the pending request, inside the caller's own `write`; return whose visit it is.

        Without a request it is the visit that is `under_way`, or the one that ended not long ago.
        A request without a visit, as officers and machines make, is for the one under way.
        """
        known = self._at(counter)
        for row in known:
            if row.step in _PENDING and row.expires_at > now:
                if row.step is PromptStep.OPEN:
                    self._tell(row, PromptEvent.SHOWN, now)
                self._set(row, PromptStep.ANSWERED, rating=rating, answered_at=now)
                return row.visit or under_way
        if under_way is not None:
            return under_way
        recent = [row for row in known if row.opened_at > now - _LATEST_VISIT]
        return next((row.visit for row in recent if row.visit is not None), None)

    def reopen_within(self, rating: UUID, counter: str, *, expires_at: datetime) -> None:
        """Ask again, inside the caller's own `write`: the citizen has taken the answer back."""
        for row in self._at(counter):
            if row.rating == rating and row.step is PromptStep.ANSWERED:
                self._set(row, PromptStep.SHOWN, expires_at=expires_at)

    def settle(self, *, now: datetime) -> None:
        """Close the requests whose time is over, and tell of answers that stay."""
        due = (now.timestamp(), (now - UNDO - UNDO_GRACE).timestamp())
        if not self.outbox.read("prompts_due", *due):
            return

        def settle() -> None:
            for row in map(PromptRow.from_row, self.outbox.execute("prompts_due", *due).fetchall()):
                if row.step is PromptStep.ANSWERED:
                    self._tell(row, PromptEvent.ANSWERED, row.answered_at or now)
                    self._set(row, PromptStep.CLOSED, rating=row.rating)
                else:
                    self._close(row, PromptEvent.TIMED_OUT, row.expires_at)

        self.outbox.write(settle)

    def _at(self, counter: str) -> list[PromptRow]:
        rows = self.outbox.execute("prompts_at", counter).fetchall()
        return [PromptRow.from_row(row) for row in rows]

    def _one(self, identity: UUID) -> list[PromptRow]:
        rows = self.outbox.execute("prompt", identity.bytes).fetchall()
        return [PromptRow.from_row(row) for row in rows]

    def _close(self, row: PromptRow, event: PromptEvent, now: datetime) -> None:
        if row.step is PromptStep.SHOWN:
            self._tell(row, event, now)
        shown = row.step is PromptStep.SHOWN or event is PromptEvent.SKIPPED
        self._set(row, PromptStep.CLOSED if shown else PromptStep.DROPPED)

    def _set(
        self,
        row: PromptRow,
        step: PromptStep,
        *,
        expires_at: datetime | None = None,
        rating: UUID | None = None,
        answered_at: datetime | None = None,
    ) -> None:
        self.outbox.execute(
            "set_prompt",
            step,
            (expires_at or row.expires_at).timestamp(),
            b"" if rating is None else rating.bytes,
            0.0 if answered_at is None else answered_at.timestamp(),
            row.id.bytes,
        )

    def _tell(self, row: PromptRow, event: PromptEvent, at: datetime) -> None:
        """Store the message of one step; each step of a request has one, whatever happens twice."""
        message = Prompt(
            id=derived_id(row.opened_at, str(row.id), event),
            device=self.device,
            seq=0,
            observed_at=at,
            schema=STREAMS[Stream.PROMPT].version,
            prompt=row.id,
            event=event,
            opened_by=row.opened_by,
            visit=row.visit,
            rating=row.rating if event is PromptEvent.ANSWERED else None,
            counter=None if row.counter == self.counter else row.counter,
        )
        try:
            self.outbox.put(message)
        except OutboxFull:
            # Ratings alone may use the last of the disk, and must not fail with their request.
            return


def _time(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
