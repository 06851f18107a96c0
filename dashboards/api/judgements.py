"""What the API says of appraisals and contests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Points, or counts, of one criterion with what they rest on."""

    term: str
    evidence: str
    points: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """A step of an appraisal: who took it when, what was scored and said."""

    number: int
    step: str
    at: datetime
    actor: str
    late: bool
    comment: str
    entries: tuple[Scored, ...]
    due_at: datetime | None = None
    total: str | None = None
    band: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """An appraisal, its next step and until when that has to be taken."""

    id: str
    scheme: str
    unit: str
    period: str
    state: str
    draft: bool
    appraiser: str
    appraiser_there: bool
    overdue: bool
    officer: str | None = None
    next_step: str | None = None
    due_at: datetime | None = None
    steps: tuple[StepTaken, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """An objection with its answer and effect, where there is one."""

    id: str
    kind: str
    unit: str
    period: str
    reason: str
    filed_by: str
    filed_at: datetime
    officer: str | None = None
    kpi: str | None = None
    scheme: str | None = None
    rating: str | None = None
    value_before: Decimal | None = None
    value_after: Decimal | None = None
    assignee_name: str | None = None
    assigned_by: str | None = None
    assigned_at: datetime | None = None
    effect: str | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
