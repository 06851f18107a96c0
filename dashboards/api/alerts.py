"""What the API says of alerts and their rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert; `unit` is None for the province, `value` where an opinion is behind it."""

    id: str
    rule: str
    name_vi: str
    name_en: str
    severity: str
    state: str
    raised_at: datetime
    n: int
    unit: str | None = None
    assignee: str | None = None
    value: float | None = None
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Alerts, the newest change first."""

    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a page shows of a rule."""

    id: str
    runbook: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInForce:
    """A rule that holds."""

    rule: Rule
    changed: bool
