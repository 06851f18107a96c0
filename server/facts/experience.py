"""What rated visits said, and what silent ones are expected to have felt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Self, TypeAlias

from contract.readings import Timing
from server.facts.sources import UNIT_ALONE, Source, newest

UnitMonth: TypeAlias = tuple[str, date]
"""A unit and the first day of a month, for which its effect was estimated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was learnt of a kind of unit in a month.

    `mean_variance` is the doubt that all its units share; `faces_share` the part of the linear
    predictor's variance that expressions carry, 0 where they take no part.
    """

    kind: str
    mean_variance: float
    faces_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """The silent visits of one unit in one month, and the unit's effect on each of them.

    `effect` is a difference of shares with the variance `own_variance` + `leaning`² times that of
    the model's mean.
    """

    visits: int
    effect: float
    own_variance: float
    leaning: float
    model: Model


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceTotals:
    """Sums over visits; from `expected` on over silent ones, before their unit's effect is added.

    `unlearnt` are visits of kinds and months with too few rated visits to learn from: they are
    not among `visits`. `since` is the first day that they are of, where the period begins earlier
    but its first days were not kept.
    """

    visits: int = 0
    rated: int = 0
    satisfied: int = 0
    expected: float = 0.0
    variance: float = 0.0
    worse: float = 0.0
    better: float = 0.0
    unlearnt: int = 0
    silent: Mapping[UnitMonth, Silent] = field(default_factory=lambda: MappingProxyType({}))
    since: date | None = None
    newest: datetime | None = None

    def __add__(self, other: Self) -> Self:
        silent = dict(self.silent)
        for key, own in other.silent.items():
            known = silent.get(key)
            silent[key] = own if known is None else replace(own, visits=own.visits + known.visits)
        return type(self)(
            **{name: getattr(self, name) + getattr(other, name) for name in _SUMS},
            silent=MappingProxyType(silent),
            since=min(filter(None, (self.since, other.since)), default=None),
            newest=newest(self.newest, other.newest),
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in the sums, then arrays with a member a month, since, newest."""
        *sums, units, months, visits, effects, own, leaning, kinds, mean, faces, since, last = row
        silent = {
            (unit, month): Silent(
                visits=count,
                effect=effect,
                own_variance=variance,
                leaning=lean,
                model=Model(kind=kind, mean_variance=common, faces_share=share),
            )
            for unit, month, count, effect, variance, lean, kind, common, share in zip(
                units or (), months or (), visits or (), effects or (), own or (), leaning or (),
                kinds or (), mean or (), faces or (), strict=True,
            )
        }  # fmt: skip
        return cls(
            **dict(zip(_SUMS, sums, strict=True)),
            silent=MappingProxyType(silent),
            since=since,
            newest=last,
        )

    @property
    def effect(self) -> float:
        """The units' effects summed over silent visits."""
        return sum(own.visits * own.effect for own in self.silent.values())

    @property
    def doubt(self) -> float:
        """The variance of the estimated number of satisfied visits.

        That of each silent answer, that of each unit's effect, and that of what the units of a
        model have in common; errors of different models are independent.
        """
        common: defaultdict[tuple[Model, date], float] = defaultdict(float)
        total = self.variance
        for (_, month), own in self.silent.items():
            total += own.visits**2 * own.own_variance
            common[own.model, month] += own.visits * own.leaning
        return total + sum(size**2 * model.mean_variance for (model, _), size in common.items())

    @property
    def faces_share(self) -> float:
        """The weight of expressions, the mean of the models' by their silent visits."""
        visits = sum(own.visits for own in self.silent.values())
        if visits == 0:
            return 0.0
        return sum(own.visits * own.model.faces_share for own in self.silent.values()) / visits


_SUMS = (
    "visits", "rated", "satisfied", "expected", "variance", "worse", "better", "unlearnt",
)  # fmt: skip

EXPERIENCE = Source(
    name="experience", timing=Timing.PERIOD, totals=ExperienceTotals, dimensions=UNIT_ALONE
)
