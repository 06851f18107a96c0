"""What the API tells of a rule: its file, its history, and what was measured of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from pydantic import TypeAdapter

from server.alerts.backtests import WouldRaise
from server.alerts.files import as_toml
from server.alerts.library import as_json, shipped
from server.alerts.rule_store import RuleChange
from server.alerts.rules import SOURCES, Rule
from server.alerts.trying import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What was planted: the level of a figure before and after."""

    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What simulation found of a rule as it is shipped (docs/alerts.md).

    False alerts a week are those of a province in which nothing is wrong, `run_length_weeks` the
    weeks of one unit between two of them. Of `drawn` planted faults `found` were raised within
    `looks` looks, the middle one at look `delay_looks`. `delay_min` is the middle delay of a
    planted queue, 95 % within `delay_95_min`.
    """

    false_a_week: float | None = None
    run_length_weeks: float | None = None
    fault: Fault | None = None
    found: int | None = None
    drawn: int | None = None
    looks: int | None = None
    delay_looks: float | None = None
    delay_min: float | None = None
    delay_95_min: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSeen:
    """A rule that holds, whether the province has changed it, and what was measured of it.

    Nothing is measured of rules that say what is there, and of those that were changed.
    """

    rule: dict[str, Any]
    measure: str
    changed: bool
    measured: Measured | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSeen:
    """One change of a rule, and the rule's file since."""

    number: int
    changed_at: datetime
    changed_by: str
    reason: str
    rule: dict[str, Any]
    toml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWithHistory:
    """A rule that holds, its file, and all its changes, the newest first."""

    rule: dict[str, Any]
    toml: str
    measured: Measured | None = None
    changes: tuple[ChangeSeen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a rule would have raised in some weeks.

    Of `days_unknown` worked days nothing is kept on which it could be tried.
    """

    raised: tuple[WouldRaise, ...]
    weeks: float
    a_week: float
    days_unknown: int = 0


def tried(trial: Trial, first: date, last: date) -> Tried:
    """Return what a rule would have raised from `first` to `last`."""
    weeks, raised = ((last - first).days + 1) / 7, trial.raised
    return Tried(
        raised=raised,
        weeks=weeks,
        a_week=len(raised) / weeks,
        days_unknown=trial.days_unknown,
    )


def card(rule: Rule, *, changed: bool) -> RuleSeen:
    """Return a rule as it is listed."""
    return RuleSeen(
        rule=as_json(rule),
        measure=str(SOURCES[rule.source].measure),
        changed=changed,
        measured=measured_of(rule),
    )


def with_history(rule: Rule, changes: Sequence[ChangeSeen]) -> RuleWithHistory:
    """Return a rule as it is told alone."""
    return RuleWithHistory(
        rule=as_json(rule), toml=as_toml(rule), measured=measured_of(rule), changes=tuple(changes)
    )


def change_seen(change: RuleChange) -> ChangeSeen:
    """Return a change as it is told."""
    return ChangeSeen(
        number=change.number,
        changed_at=change.changed_at,
        changed_by=change.changed_by,
        reason=change.reason,
        rule=as_json(change.definition),
        toml=as_toml(change.definition),
    )


def measured_of(rule: Rule) -> Measured | None:
    """Return what was measured of a rule, None where it judges otherwise than the shipped one."""
    own = shipped().get(rule.id)
    if own is None or _judging(own) != _judging(rule):
        return None
    return measurements().get(rule.id)


@cache
def measurements() -> Mapping[str, Measured]:
    """Return what was measured of the shipped rules, by id."""
    text = resources.files("server.alerts").joinpath("measured.toml").read_text(encoding="utf-8")
    found: Mapping[str, Measured] = TypeAdapter(dict[str, Measured]).validate_python(
        tomllib.loads(text)
    )
    return found


_SAID = ("version", "valid_from", "name", "runbook", "severity", "to", "escalate", "enabled")


def _judging(rule: Rule) -> dict[str, Any]:
    """Return what decides when a rule speaks: all but what it says, and to whom."""
    return {name: value for name, value in as_json(rule).items() if name not in _SAID}
