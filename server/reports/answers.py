"""What the API answers about reports, and what it is asked."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from contract.texts import Language
from server.rankings.measures import Ranked
from server.reports.document import Format
from server.reports.questions import ReportKind, ReportState
from server.reports.store import Asked

_PLAIN = r"^[^\x00-\x1f\x7f]+$"
"""Letters alone: neither PostgreSQL nor the audit log takes control characters."""


class ReportRequest(BaseModel):
    """A report: of which kind and period, of what, and how it is written.

    Rankings take `kpi`, `by`, `scope`, `scheme` and `compare`; a unit's report `unit` and
    `scheme`; an officer's `unit`, `officer` and `scheme`; appraisals `scheme`, `unit` and
    `officer`; a month's `scope` and `scheme`; statutory tables `template` and `scope`.
    """

    kind: ReportKind
    period: str = Field(max_length=40)
    format: Format = Format.PDF
    language: Language = Language.VI
    scope: str | None = Field(default=None, max_length=200, pattern=_PLAIN)
    kpi: str | None = Field(default=None, max_length=63, pattern=_PLAIN)
    by: Ranked | None = None
    compare: bool | None = None
    unit: str | None = Field(default=None, max_length=63, pattern=_PLAIN)
    officer: str | None = Field(default=None, max_length=63, pattern=_PLAIN)
    scheme: str | None = Field(default=None, max_length=40, pattern=_PLAIN)
    template: str | None = Field(default=None, max_length=40, pattern=_PLAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSeen:
    """A report that was asked for; `progress` is 0 to 1, `problem` says why it failed."""

    id: uuid.UUID
    kind: str
    period: str
    language: str
    format: Format
    asked_at: datetime
    asked_by: str
    state: ReportState
    progress: float
    scope: str | None = None
    kpi: str | None = None
    by: str | None = None
    compare: str | None = None
    unit: str | None = None
    officer: str | None = None
    scheme: str | None = None
    template: str | None = None
    problem: str | None = None
    name: str | None = None
    digest: str | None = None
    bytes: int | None = None
    ready_at: datetime | None = None

    @classmethod
    def of(cls, asked: Asked) -> Self:
        """Return a report as it is listed."""
        said: dict[str, Any] = dict(asked.question)
        return cls(
            id=asked.id,
            kind=said.pop("kind"),
            period=said.pop("period"),
            language=said.pop("language"),
            format=asked.format,
            asked_at=asked.asked_at,
            asked_by=asked.asker.name,
            state=asked.state,
            progress=round(asked.progress, 2),
            problem=asked.problem,
            name=asked.name,
            digest=asked.digest,
            bytes=asked.bytes,
            ready_at=asked.ready_at,
            **said,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSeen:
    """A monthly report that is, or was, sent to an address.

    While it is `waiting` it is tried again at `next_at`; `problem` says why it failed last.
    """

    period: str
    address: str
    message_id: str
    created_at: datetime
    state: str
    attempts: int
    next_at: datetime | None = None
    problem: str | None = None
    sent_at: datetime | None = None
    report: uuid.UUID | None = None
