"""Stores ratings, their reasons and withdrawals, each with what is known of its visit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import msgspec
import structlog

from contract.identifiers import derived_id
from contract.messages import Rating, RatingReason, RatingSource, ReportedProblem
from contract.problems import ProblemCode, report
from contract.topics import STREAMS, Stream
from edge.errors import StoreError
from edge.kiosk.content import Language, read_content
from edge.kiosk.judgement import LOOKED_AT, doubts
from edge.settings import KioskSettings
from edge.store.attendance import presence_at
from edge.store.outbox import Outbox
from edge.store.prompts import UNDO, UNDO_GRACE, PromptBook

REASONS_UP_TO = 3
"""Scores that ask for reasons: the custom at Vietnamese kiosks."""

_T = TypeVar("_T")

log = structlog.get_logger()


class TooLate(ValueError):
    """The rating can no more be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """One tap on a face or press of a button, as it came.

    `counter` is one of those in [kiosk] counters, None for the device's own. `held_s` tells how
    long something had lain on the screen.
    """

    id: UUID
    score: int
    language: Language = "vi"
    counter: str | None = None
    held_s: float | None = None
    source: RatingSource = RatingSource.KIOSK


class RatingService:
    """Ratings of one device; every call may raise a StoreError."""

    def __init__(self, outbox: Outbox, *, book: PromptBook, settings: KioskSettings) -> None:
        self._outbox = outbox
        self._book = book
        self._settings = settings
        self.problem: ReportedProblem | None = None

    def is_served(self, counter: str | None) -> bool:
        """Return whether pages of that counter may rate here, None being the device's own."""
        return counter in {None, self._book.counter, *self._settings.counters}

    def rate(self, tap: Tap, *, now: datetime) -> Rating:
        """Return the rating as it is on disk: that of the first time when its id is known.

        It answers the request that is pending at its counter, and is stored together with that.
        """
        counter = tap.counter or self._book.counter
        plain = self._plain(tap, now)
        with suppress(StoreError):
            # What is known beside the tap adds to it; where that cannot be read or stored, as on a
            # full disk, the tap alone is stored.
            recent = self._outbox.recent_ratings(LOOKED_AT)
            hours = read_content(self._outbox, self._settings).hours
            presence, under_way = presence_at(self._outbox, counter)
            seen = msgspec.structs.replace(plain, presence=presence)

            def rate() -> Rating:
                rating = self._for_visit(seen, counter, under_way)
                return self._outbox.put(
                    msgspec.structs.replace(rating, suspect=doubts(rating, recent, hours))
                )

            return self._guarded(lambda: self._outbox.write(rate), quietly=True)
        return self._guarded(lambda: self._outbox.append(plain))

    def give_reasons(
        self, rating: Rating, reasons: Iterable[RatingReason], language: Language, *, now: datetime
    ) -> Rating:
        """Return the amendment as it is on disk; a rating has one, the first that came."""
        amendment = self._amendment(rating, "reasons", now)
        return self._guarded(
            lambda: self._outbox.append(
                msgspec.structs.replace(
                    amendment, reasons=tuple(sorted(reasons)), language=language
                )
            )
        )

    def withdraw(self, rating: Rating, *, now: datetime) -> Rating:
        """Take a rating back and return the amendment that says so; the citizen is asked again.

        Raises TooLate when the time for that is over.
        """
        amendment = msgspec.structs.replace(
            self._amendment(rating, "withdrawn", now), withdrawn=True, language=rating.language
        )
        known = self._outbox.rating(amendment.id)
        if known is not None:
            return known
        if not timedelta(0) <= now - rating.observed_at <= UNDO + UNDO_GRACE:
            raise TooLate("a rating can be taken back for ten seconds")
        again_until = now + timedelta(seconds=self._settings.reset_s)
        counter = rating.counter or self._book.counter

        def withdraw() -> Rating:
            self._book.reopen_within(rating.id, counter, expires_at=again_until)
            return self._outbox.put(amendment)

        return self._guarded(lambda: self._outbox.write(withdraw))

    def rating(self, identity: UUID) -> Rating | None:
        """Return a recent rating that can be amended."""
        rating = self._outbox.rating(identity)
        return None if rating is None or rating.amends is not None else rating

    def _for_visit(self, rating: Rating, counter: str, under_way: UUID | None) -> Rating:
        """Return the rating with its visit, whose request it answers unless it is stored."""
        if self._outbox.execute("find_rating", rating.id.bytes).fetchall():
            return rating
        visit = self._book.answer_within(
            counter, rating.id, under_way=under_way, now=rating.observed_at
        )
        return msgspec.structs.replace(rating, visit=visit)

    def _plain(self, tap: Tap, now: datetime) -> Rating:
        return Rating(
            id=tap.id,
            device=self._book.device,
            seq=0,
            observed_at=now,
            schema=STREAMS[Stream.RATING].version,
            score=tap.score,
            source=tap.source,
            language=tap.language,
            counter=None if tap.counter == self._book.counter else tap.counter,
            held_s=None if tap.held_s is None else round(tap.held_s, 1),
        )

    def _amendment(self, rating: Rating, kind: str, now: datetime) -> Rating:
        return Rating(
            id=derived_id(rating.observed_at, str(rating.id), kind),
            device=self._book.device,
            seq=0,
            observed_at=now,
            schema=STREAMS[Stream.RATING].version,
            score=rating.score,
            amends=rating.id,
            counter=rating.counter,
        )

    def _guarded(self, store: Callable[[], _T], *, quietly: bool = False) -> _T:
        """Return what `store` returns; remember that ratings cannot be stored, unless `quietly`."""
        try:
            stored = store()
        except StoreError as error:
            if quietly:
                raise
            if self.problem is None:
                log.error("rating_not_stored", error=str(error))  # noqa: TRY400
            self.problem = report(ProblemCode.RATINGS_NOT_STORED, cause=error.problem)
            raise
        if self.problem is not None:
            log.info("ratings_are_stored_again")
        self.problem = None
        return stored
