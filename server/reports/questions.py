"""What a report is asked about, checked, and as it is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from contract.texts import Language
from server.errors import RequestInvalid
from server.periods import Period, today
from server.rankings.measures import Ranked
from server.reports.document import Format
from server.scopes import PROVINCE, Scope, ScopeKind


class ReportKind(StrEnum):
    """What a report tells of."""

    RANKINGS = "rankings"
    UNIT = "unit"
    OFFICER = "officer"
    APPRAISAL = "appraisal"
    MONTHLY = "monthly"
    STATUTORY = "statutory"
    """Tables whose form a rule lays down, by a template."""

    @property
    def of_officers(self) -> bool:
        """Whether it is of a named officer, always."""
        return self is ReportKind.OFFICER


class ReportState(StrEnum):
    """How far a report that was asked for has come."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


_NEEDS = {
    ReportKind.RANKINGS: (),
    ReportKind.UNIT: ("unit",),
    ReportKind.OFFICER: ("unit", "officer"),
    ReportKind.APPRAISAL: ("scheme",),
    ReportKind.MONTHLY: (),
    ReportKind.STATUTORY: ("template",),
}
_TAKES = {
    ReportKind.RANKINGS: {"kpi", "by", "scope", "scheme", "compare"},
    ReportKind.UNIT: {"unit", "scheme"},
    ReportKind.OFFICER: {"unit", "officer", "scheme"},
    ReportKind.APPRAISAL: {"unit", "officer", "scheme"},
    ReportKind.MONTHLY: {"scope", "scheme", "kpi"},
    ReportKind.STATUTORY: {"scope", "template"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuestion:
    """A report of a `kind` over a period of the calendar, in one language.

    `kpi` and `by` say what is ranked, and `compare` that changes since the period before are told;
    `scope` is the province or a subtree; `unit` and `officer` whose report it is; `scheme` and
    `template` are named by their ids.
    """

    kind: ReportKind
    period: Period
    language: Language = Language.VI
    scope: Scope = PROVINCE
    kpi: str = "share_satisfied"
    by: Ranked = Ranked.UNIT
    unit: str | None = None
    officer: str | None = None
    scheme: str | None = None
    template: str | None = None
    compare: bool = False

    @classmethod
    def read(cls, given: Mapping[str, Any], now: datetime) -> Self:
        """Return the question of these texts, as a request or a kept row has them.

        Raises RequestInvalid for what the kind of report needs or does not take, and where the
        period has not begun.
        """
        said = {name: value for name, value in given.items() if value is not None}
        kind, period = ReportKind(said.pop("kind")), Period.parse(said.pop("period"), now)
        language = Language(said.pop("language", Language.VI))
        for name in _NEEDS[kind]:
            if name not in said:
                raise RequestInvalid(f"a report of {kind} needs {name!r}")
        for name in said:
            if name not in _TAKES[kind]:
                raise RequestInvalid(f"a report of {kind} takes no {name!r}")
        _check_period(kind, period, now)
        scope = Scope.parse(said.pop("scope", str(PROVINCE)))
        if scope.kind not in (ScopeKind.PROVINCE, ScopeKind.SUBTREE) or scope.parts:
            raise RequestInvalid(f"a report is of the province or of subtree:UNIT, not {scope}")
        said["compare"] = str(said.get("compare", False)).lower() == "true"
        if "by" in said:
            said["by"] = Ranked(said["by"])
            if said["by"] is Ranked.OFFICER:
                raise RequestInvalid("reports rank units, counters and procedures")
        return cls(kind=kind, period=period, language=language, scope=scope, **said)

    @property
    def place(self) -> Scope:
        """Where the right to read figures is needed."""
        return self.scope if self.unit is None else Scope.subtree(self.unit)

    @property
    def names_officers(self) -> bool:
        """Whether it was asked for by an officer's name."""
        return self.officer is not None

    def kept(self) -> dict[str, str]:
        """Return the texts from which `read` gives this question again."""
        taken = sorted({"kind", "period", "language", *_TAKES[self.kind]})
        said = {name: getattr(self, name) for name in taken}
        return {name: str(value) for name, value in said.items() if value not in (None, False)}

    def file_name(self, written: Format, digest: str) -> str:
        """Return the name of the report's file, the same for the same content."""
        of = self.officer or self.unit or self.scope.unit or "province"
        what = self.template or self.kind
        period = str(self.period).replace("..", "_")
        return f"motcua-{what}-{of}-{period}-{self.language}-{digest[:8]}.{written}"


def _check_period(kind: ReportKind, period: Period, now: datetime) -> None:
    if period.first is None or period.step is None:
        raise RequestInvalid(
            "a report is of a period of the calendar: a day, week, month, quarter or year"
        )
    if period.first > today(now):
        raise RequestInvalid(f"period {period} has not begun")
    if kind is ReportKind.MONTHLY and period.step != "month":
        raise RequestInvalid(f"the monthly report is of a month, not {period}")
