"""What the API says of appraisals and contests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


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
    effect: str | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
