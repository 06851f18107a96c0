"""What a KPI is: its definition, its source, and the pure function that computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic

from contract.readings import Direction, Guard, KpiDefinition, KpiFamily, Measure, Reading, Withheld
from contract.texts import Language, texts
from server.facts.expressions import ANONYMITY_FLOOR
from server.facts.sources import Source, T
from server.kpi.statistics import Estimate
from server.periods import Period
from server.scopes import Scope

SKEW_S = 30.0
"""Clocks that differ by more are wrong, not merely late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a reading is computed, and the period that it speaks of."""

    now: datetime
    period: Period

    def age_s(self, observed_at: datetime) -> float:
        """Return how old an observation is; a device's clock slightly ahead gives zero."""
        return max(0.0, (self.now - observed_at).total_seconds())

    def believes(self, observed_at: datetime) -> bool:
        """Return whether a time is not ahead of the clock, as only a wrong clock writes it."""
        return (observed_at - self.now).total_seconds() <= SKEW_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a KPI's function finds: a reading without its KPI, scope and period."""

    n: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    parts: Mapping[str, float] | None = None
    withheld: Withheld | None = None
    observed_at: datetime | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi(Generic[T]):
    """One entry of the catalogue; its texts are `kpi.<id>.name` and `.description`.

    `minimum_n` is the least n that may be shown; `fresh_for_s` how long an observation is current.
    `live` ones are kept current and sent with every change: what walls show of today.
    """

    id: str
    version: int
    family: KpiFamily
    measure: Measure
    source: Source[T]
    compute: Callable[[Kpi[T], T, Moment], Result]
    minimum_n: int = 0
    fresh_for_s: float | None = None
    live: bool = False
    direction: Direction = Direction.NEITHER
    guard: Guard = Guard.NONE
    formula: str | None = None
    reference: str | None = None

    @property
    def definition(self) -> KpiDefinition:
        """The KPI as clients see it."""
        vi, en = (texts("server", language) for language in (Language.VI, Language.EN))
        figures = {
            "minimum_n": self.minimum_n,
            "fresh_for_s": f"{self.fresh_for_s or 0:g}",
            "floor": ANONYMITY_FLOOR,
        }
        return KpiDefinition(
            id=self.id,
            version=self.version,
            family=self.family,
            measure=self.measure,
            timing=self.source.timing,
            source=self.source.name,
            name_vi=vi[f"kpi.{self.id}.name"],
            name_en=en[f"kpi.{self.id}.name"],
            description_vi=vi.format(f"kpi.{self.id}.description", **figures),
            description_en=en.format(f"kpi.{self.id}.description", **figures),
            minimum_n=self.minimum_n,
            fresh_for_s=self.fresh_for_s,
            live=self.live,
            on_request=self.source.on_request,
            direction=self.direction,
            guard=self.guard,
            formula=self.formula,
            reference=self.reference,
        )

    def read(self, totals: T, scope: Scope, moment: Moment) -> Reading:
        """Return the reading of `totals`, which are those of `scope` in the moment's period."""
        result = self.compute(self, totals, moment)
        return Reading(
            kpi=self.id,
            version=self.version,
            scope=str(scope),
            period=str(moment.period),
            n=result.n,
            value=result.value,
            low=result.low,
            high=result.high,
            parts=result.parts,
            withheld=result.withheld,
            observed_at=result.observed_at,
            since=result.since,
        )


def estimated(estimate: Estimate, n: int, observed_at: datetime | None) -> Result:
    """Return a value with its interval."""
    return Result(
        n=n,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        observed_at=observed_at,
    )


def too_few(n: int, observed_at: datetime | None) -> Result:
    """Return what is said of a sample below the least n: none at all is no data."""
    reason = Withheld.SMALL_SAMPLE if n else Withheld.NO_DATA
    return Result(n=n, withheld=reason, observed_at=observed_at)


NO_DATA = Result(withheld=Withheld.NO_DATA)
"""Nothing is known: never shown as zero."""
