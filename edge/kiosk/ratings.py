"""Stores ratings and their reasons, and composes the state of the rating page."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import structlog

from contract.identifiers import derived_id
from contract.messages import Rating, RatingReason, ReportedProblem
from contract.problems import ProblemCode, report
from contract.topics import STREAMS, Stream
from edge.errors import StoreError
from edge.health import STALE_AFTER_S
from edge.kiosk.origins import Refusal
from edge.kiosk.schemas import PageState, PendingPrompt, ShownWait
from edge.settings import KioskSettings
from edge.store.outbox import Outbox, ProcessName, ProcessStatus

Language: TypeAlias = Literal["vi", "en"]

REASONS_UP_TO = 3
"""Scores that ask for reasons: the custom at Vietnamese kiosks."""

_MOST_LOGGED = 20
"""Pages whose refusal is logged, each once."""

log = structlog.get_logger()


class RatingService:
    """Ratings of one device; every call may raise a StoreError."""

    def __init__(
        self, outbox: Outbox, *, device: str, counter: str, settings: KioskSettings, build: str
    ) -> None:
        self._outbox = outbox
        self._device = device
        self._counter = counter
        self._settings = settings
        self._build = build
        self._problem: ReportedProblem | None = None
        self._refused: ReportedProblem | None = None
        self._logged: set[Refusal] = set()

    def is_served(self, counter: str | None) -> bool:
        """Return whether pages of that counter may rate here, None being the device's own."""
        return counter is None or counter in self._settings.counters

    def rate(
        self,
        identity: UUID,
        score: int,
        language: Language,
        *,
        now: datetime,
        counter: str | None = None,
    ) -> Rating:
        """Return the rating as it is on disk: that of the first time when `identity` is known.

        `counter` is one of those in [kiosk] counters, None for the device's own.
        """
        rating = self._store(
            Rating(
                id=identity,
                device=self._device,
                seq=0,
                observed_at=now,
                schema=STREAMS[Stream.RATING].version,
                score=score,
                language=language,
                counter=counter,
            )
        )
        # The rating is safe: a prompt that stays up a little longer is no reason to fail.
        with suppress(StoreError):
            if self._outbox.pending_prompt(now=now) is not None:
                self._outbox.finish_prompts()
        return rating

    def give_reasons(
        self, rating: Rating, reasons: Iterable[RatingReason], language: Language, *, now: datetime
    ) -> Rating:
        """Return the amendment as it is on disk; a rating has one, the first that came."""
        return self._store(
            Rating(
                id=derived_id(rating.observed_at, str(rating.id), "reasons"),
                device=self._device,
                seq=0,
                observed_at=now,
                schema=STREAMS[Stream.RATING].version,
                score=rating.score,
                reasons=tuple(sorted(reasons)),
                language=language,
                amends=rating.id,
                counter=rating.counter,
            )
        )

    def rating(self, identity: UUID) -> Rating | None:
        """Return a recent rating that can be amended."""
        rating = self._outbox.rating(identity)
        return None if rating is None or rating.amends is not None else rating

    def state(self, *, now: datetime, counter: str | None = None) -> PageState:
        """Return what the page has to know; the server's settings override the device's own.

        `counter` is the one at which the page stands, None for the device's own.
        """
        config = self._outbox.config()
        prompt = self._outbox.pending_prompt(now=now)
        settings = self._settings
        language = None if config is None else config.kiosk_language
        reset_s = None if config is None else config.kiosk_reset_s
        return PageState(
            language=language or settings.language,
            reset_s=reset_s or settings.reset_s,
            notice=None if config is None else config.kiosk_notice,
            prompt=None
            if prompt is None
            else PendingPrompt(id=prompt.id, expires_at=prompt.expires_at),
            connected=self._is_connected(),
            expected_wait=self._expected_wait(counter or self._counter),
            build=self._build,
        )

    def put_status(self) -> None:
        """Store that the kiosk runs, and whether ratings can be stored."""
        problems = tuple(one for one in (self._problem, self._refused) if one is not None)
        self._outbox.put_status(ProcessName.KIOSK, ProcessStatus(problem_reports=problems))

    def refuse_page(self, refused: Refusal) -> None:
        """Report that ratings of a page are refused, until one of another page is stored."""
        self._refused = report(ProblemCode.PAGE_REFUSED, origin=refused.origin, host=refused.host)
        if refused not in self._logged and len(self._logged) < _MOST_LOGGED:
            self._logged.add(refused)
            log.warning("page_refused", problem=refused.reason)

    def _store(self, rating: Rating) -> Rating:
        try:
            stored = self._outbox.append(rating)
        except StoreError as error:
            if self._problem is None:
                log.error("rating_not_stored", error=str(error))  # noqa: TRY400
            self._problem = report(ProblemCode.RATINGS_NOT_STORED, cause=error.problem)
            raise
        if self._problem is not None:
            log.info("ratings_are_stored_again")
        self._problem = self._refused = None
        return stored

    def _expected_wait(self, counter: str) -> ShownWait | None:
        """Return the wait that watch expects there, in whole minutes; None when it tells none."""
        watch = self._outbox.statuses().get(ProcessName.WATCH)
        if watch is None or watch.age_s is None or watch.age_s > STALE_AFTER_S:
            return None
        expected = watch.status.expected_waits.get(counter)
        if expected is None:
            return None
        return ShownWait(
            low_min=math.floor(expected.low_s / 60), high_min=math.ceil(expected.high_s / 60)
        )

    def _is_connected(self) -> bool | None:
        relay = self._outbox.statuses().get(ProcessName.RELAY)
        if relay is None or relay.age_s is None or relay.age_s > STALE_AFTER_S:
            return None
        return relay.status.connected
