"""What can happen at a simulated counter, at a simulated time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from contract.messages import ExpressionMix, RatingReason, WaitOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """`number` counts the events of one counter and day, in the order of their times."""

    at: datetime
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEnded(_Event):
    """One window of the camera has ended."""

    waiting: int
    present: int
    expression: ExpressionMix | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitEnded(_Event):
    """A person was called, or left."""

    wait_s: float
    outcome: WaitOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEnded(_Event):
    """A person has been served."""

    service_s: float
    wait_s: float
    expression: ExpressionMix
    expression_change: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingGiven(_Event):
    """A person tapped a face."""

    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonsGiven(_Event):
    """A person added reasons to the rating `rated`."""

    rated: RatingGiven
    reasons: tuple[RatingReason, ...]


SimulatedEvent: TypeAlias = WindowEnded | WaitEnded | VisitEnded | RatingGiven | ReasonsGiven
