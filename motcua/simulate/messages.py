"""Events at simulated counters as the contract's messages, at the times they are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from contract.identifiers import derived_id
from contract.messages import Observation, Rating, Upstream, Visit, Wait
from contract.topics import STREAM_OF, STREAMS
from motcua.simulate.counter import WINDOW_S
from motcua.simulate.events import (
    RatingGiven,
    ReasonsGiven,
    SimulatedEvent,
    VisitEnded,
    WaitEnded,
    WindowEnded,
)

_FRAMES_PER_S = 10.0
_KINDS: Mapping[type[SimulatedEvent], str] = MappingProxyType(
    {
        WindowEnded: "Watched",
        WaitEnded: "WaitEnded",
        VisitEnded: "VisitEnded",
        RatingGiven: "Rated",
        ReasonsGiven: "Explained",
    }
)
"""A part of the identifiers: they stay as the first release made them."""


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
class MessageWriter:
    """Writes the messages of one device. Identifiers derive from the seed: a second run of the
    same day repeats them, so that nothing counts twice.
    """

    device: str
    seed: int
    clock: Clock

    def message(self, event: SimulatedEvent) -> Upstream:
        """Return the message that tells of `event`; its seq is stamped when it is sent.

        Only the time of the end follows the clock's rate: durations stay plausible.
        """
        match event:
            case WindowEnded():
                return self._observation(event)
            case WaitEnded():
                return self._wait(event)
            case VisitEnded():
                return self._visit(event)
            case RatingGiven():
                return self._rating(event)
            case ReasonsGiven():
                return self._amendment(event)
            case _:
                assert_never(event)

    def _id(self, event: SimulatedEvent) -> UUID:
        kind = _KINDS[type(event)]
        at = self.clock.real(event.at)
        day = event.at.date().isoformat()
        return derived_id(at, self.seed, self.device, day, kind, event.number)

    def _observation(self, event: WindowEnded) -> Observation:
        window_s = WINDOW_S / self.clock.rate
        return Observation(
            id=self._id(event),
            device=self.device,
            seq=0,
            observed_at=self.clock.real(event.at),
            schema=_version(Observation),
            window_s=window_s,
            frames=max(1, round(window_s * _FRAMES_PER_S)),
            fps=_FRAMES_PER_S,
            queue_length=event.waiting,
            people_present=event.present,
            expression=event.expression,
        )

    def _wait(self, event: WaitEnded) -> Wait:
        at = self.clock.real(event.at)
        return Wait(
            id=self._id(event),
            device=self.device,
            seq=0,
            observed_at=at,
            schema=_version(Wait),
            started_at=at - timedelta(seconds=event.wait_s),
            wait_s=round(event.wait_s, 3),
            outcome=event.outcome,
        )

    def _visit(self, event: VisitEnded) -> Visit:
        at = self.clock.real(event.at)
        return Visit(
            id=self._id(event),
            device=self.device,
            seq=0,
            observed_at=at,
            schema=_version(Visit),
            started_at=at - timedelta(seconds=event.service_s),
            service_s=round(event.service_s, 3),
            wait_s=round(event.wait_s, 3),
            expression=event.expression,
            expression_change=event.expression_change,
        )

    def _rating(self, event: RatingGiven) -> Rating:
        return Rating(
            id=self._id(event),
            device=self.device,
            seq=0,
            observed_at=self.clock.real(event.at),
            schema=_version(Rating),
            score=event.score,
        )

    def _amendment(self, event: ReasonsGiven) -> Rating:
        return Rating(
            id=self._id(event),
            device=self.device,
            seq=0,
            observed_at=self.clock.real(event.at),
            schema=_version(Rating),
            score=event.rated.score,
            reasons=event.reasons,
            amends=self._id(event.rated),
        )


def _version(message: type[Upstream]) -> int:
    return STREAMS[STREAM_OF[message]].version
