"""Happenings at simulated counters as the contract's messages, at the times they are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never
from uuid import UUID

from contract.identifiers import derived_id
from contract.messages import Observation, Rating, Upstream, Visit, Wait
from contract.topics import STREAM_OF, STREAMS
from motcua.simulate.counter import WINDOW_S
from motcua.simulate.happenings import (
    Explained,
    Happening,
    Rated,
    VisitEnded,
    WaitEnded,
    Watched,
)

_FRAMES_PER_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Simulated time that runs `rate` times as fast as real time, equal at `start`."""

    start: datetime
    rate: float

    def real(self, simulated: datetime) -> datetime:
        """Return when `simulated` is due, in UTC."""
        return (self.start + (simulated - self.start) / self.rate).astimezone(UTC)

    def simulated(self, real: datetime) -> datetime:
        """Return the simulated time at `real`, in the time zone of `start`."""
        elapsed = (real - self.start) * self.rate
        return self.start + elapsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Writes the messages of one device. Identifiers derive from the seed: a second run of the
    same day repeats them, so that nothing counts twice.
    """

    device: str
    seed: int
    clock: Clock

    def message(self, happening: Happening) -> Upstream:
        """Return the message that tells of `happening`; its seq is stamped when it is sent.

        Only the time of the end follows the clock's rate: durations stay plausible.
        """
        match happening:
            case Watched():
                return self._observation(happening)
            case WaitEnded():
                return self._wait(happening)
            case VisitEnded():
                return self._visit(happening)
            case Rated():
                return self._rating(happening)
            case Explained():
                return self._amendment(happening)
            case _:
                assert_never(happening)

    def _id(self, happening: Happening) -> UUID:
        kind = type(happening).__name__
        at = self.clock.real(happening.at)
        day = happening.at.date().isoformat()
        return derived_id(at, self.seed, self.device, day, kind, happening.number)

    def _observation(self, happening: Watched) -> Observation:
        window_s = WINDOW_S / self.clock.rate
        return Observation(
            id=self._id(happening),
            device=self.device,
            seq=0,
            observed_at=self.clock.real(happening.at),
            schema=_version(Observation),
            window_s=window_s,
            frames=max(1, round(window_s * _FRAMES_PER_S)),
            fps=_FRAMES_PER_S,
            queue_length=happening.waiting,
            people_present=happening.present,
            expression=happening.expression,
        )

    def _wait(self, happening: WaitEnded) -> Wait:
        at = self.clock.real(happening.at)
        return Wait(
            id=self._id(happening),
            device=self.device,
            seq=0,
            observed_at=at,
            schema=_version(Wait),
            started_at=at - timedelta(seconds=happening.wait_s),
            wait_s=round(happening.wait_s, 3),
            outcome=happening.outcome,
        )

    def _visit(self, happening: VisitEnded) -> Visit:
        at = self.clock.real(happening.at)
        return Visit(
            id=self._id(happening),
            device=self.device,
            seq=0,
            observed_at=at,
            schema=_version(Visit),
            started_at=at - timedelta(seconds=happening.service_s),
            service_s=round(happening.service_s, 3),
            wait_s=round(happening.wait_s, 3),
            expression=happening.expression,
            expression_change=happening.expression_change,
        )

    def _rating(self, happening: Rated) -> Rating:
        return Rating(
            id=self._id(happening),
            device=self.device,
            seq=0,
            observed_at=self.clock.real(happening.at),
            schema=_version(Rating),
            score=happening.score,
        )

    def _amendment(self, happening: Explained) -> Rating:
        return Rating(
            id=self._id(happening),
            device=self.device,
            seq=0,
            observed_at=self.clock.real(happening.at),
            schema=_version(Rating),
            score=happening.rated.score,
            reasons=happening.reasons,
            amends=self._id(happening.rated),
        )


def _version(message: type[Upstream]) -> int:
    return STREAMS[STREAM_OF[message]].version
