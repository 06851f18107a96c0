"""What can happen at a simulated counter, at a simulated time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from contract.messages import ExpressionMix, RatingReason, WaitOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happening:
    """`number` counts the happenings of one counter and day, in the order of their times."""

    at: datetime
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(_Happening):
    """One window of the camera has ended."""

    waiting: int
    present: int
    expression: ExpressionMix | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitEnded(_Happening):
    """A person was called, or left."""

    wait_s: float
    outcome: WaitOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEnded(_Happening):
    """A person has been served."""

    service_s: float
    wait_s: float
    expression: ExpressionMix
    expression_change: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(_Happening):
    """A person tapped a face."""

    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained(_Happening):
    """A person added reasons to the rating that happened as `rated`."""

    rated: Rated
    reasons: tuple[RatingReason, ...]


Happening: TypeAlias = Watched | WaitEnded | VisitEnded | Rated | Explained
