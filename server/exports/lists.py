"""Units, classes and alerts as flat rows for the steering centre. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from contract.texts import Language
from server.alerts.alerts import Alert
from server.alerts.rules import Rule
from server.schemes.schemes import Scheme
from server.schemes.scores import Score
from server.units.units import UnitTree


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatUnit:
    """One unit of today's tree; `parent` is empty at its top."""

    unit: str
    unit_name: str
    kind: str
    parent: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatClass:
    """The class of one unit; without `total` criteria are withheld, and `missing` names them."""

    unit: str
    unit_name: str
    scheme: str
    version: int
    period: str
    running: bool
    total: Decimal | None = None
    band: str | None = None
    band_name: str | None = None
    known: Decimal
    highest: Decimal
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatAlert:
    """One alert; without `unit` it is the province's."""

    id: UUID
    rule: str
    rule_name: str
    unit: str | None = None
    unit_name: str | None = None
    severity: str
    state: str
    raised_at: datetime
    changed_at: datetime
    resolved_at: datetime | None = None
    value: float | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    n: int


def flat_units(tree: UnitTree, language: Language) -> list[FlatUnit]:
    """Return the accepted units of the tree."""
    return [
        FlatUnit(
            unit=unit.id,
            unit_name=_name(tree, unit.id, language),
            kind=unit.kind,
            parent=unit.parent,
            latitude=unit.latitude,
            longitude=unit.longitude,
            simulated=unit.simulated,
        )
        for unit in (tree.units[each] for each in tree.accepted)
    ]


def flat_classes(
    scores: Iterable[Score], scheme: Scheme, tree: UnitTree, language: Language
) -> list[FlatClass]:
    """Return the scores of units by one version of a scheme."""
    names = {
        band.id: band.name.vi if language is Language.VI else band.name.en for band in scheme.bands
    }
    return [
        FlatClass(
            unit=score.unit,
            unit_name=_name(tree, score.unit, language),
            scheme=score.scheme,
            version=score.version,
            period=score.period,
            running=score.running,
            total=score.total,
            band=score.band,
            band_name=None if score.band is None else names[score.band],
            known=score.known,
            highest=score.highest,
            missing=" ".join(score.missing),
        )
        for score in scores
    ]


def flat_alerts(
    alerts: Iterable[Alert], rules: dict[str, Rule], tree: UnitTree, language: Language
) -> list[FlatAlert]:
    """Return the alerts; of a rule that is gone its id stands for the name."""
    return [
        FlatAlert(
            id=alert.id,
            rule=alert.rule,
            rule_name=_rule(rules.get(alert.rule), alert.rule, language),
            unit=alert.unit,
            unit_name=None if alert.unit is None else _name(tree, alert.unit, language),
            severity=alert.severity,
            state=alert.state,
            raised_at=alert.raised_at,
            changed_at=alert.changed_at,
            resolved_at=alert.resolved_at,
            value=alert.value,
            usual_low=alert.usual_low,
            usual_high=alert.usual_high,
            n=alert.n,
        )
        for alert in alerts
    ]


def _rule(rule: Rule | None, id_: str, language: Language) -> str:
    if rule is None:
        return id_
    return rule.name.vi if language is Language.VI else rule.name.en


def _name(tree: UnitTree, unit: str, language: Language) -> str:
    """Return the name of a unit; its code where the tree has it no more."""
    known = tree.units.get(unit)
    if known is None:
        return unit
    return known.name_vi if language is Language.VI else known.name_en
