"""How many ratings, visits and tickets are linked with what they belong to, and how surely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Mark, Source

AMBIGUOUS, ALONE = "ambiguous", "alone"
"""What becomes of what is not linked: several fit, or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCounts:
    """How many subjects of each kind there are by what became of them; `sure` sums confidences.

    Keys are kind and rule, `ambiguous` or `alone`, of server/links/links.py.
    """

    subjects: Mapping[tuple[str, str], int] = field(default_factory=lambda: MappingProxyType({}))
    sure: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __add__(self, other: Self) -> Self:
        subjects = Counter(self.subjects)
        subjects.update(other.subjects)
        sure = Counter(self.sure)
        sure.update(other.sure)
        return type(self)(
            subjects=MappingProxyType(dict(subjects)), sure=MappingProxyType(dict(sure))
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the totals in kinds, rules, subjects, confidences: arrays of one length."""
        kinds, rules, subjects, confidences = row
        sure: Counter[str] = Counter()
        for kind, confidence in zip(kinds, confidences, strict=True):
            sure[kind] += confidence
        keys = zip(kinds, rules, strict=True)
        return cls(
            subjects=MappingProxyType(dict(zip(keys, subjects, strict=True))),
            sure=MappingProxyType(dict(sure)),
        )

    def of(self, kind: str) -> Mapping[str, int]:
        """Return how many subjects of one kind there are, by what became of them."""
        return {rule: n for (known, rule), n in sorted(self.subjects.items()) if known == kind}


LINK_SHARES = Source(
    name="link_shares",
    timing=Timing.PERIOD,
    totals=LinkCounts,
    dimensions=frozenset({Dimension.COUNTER}),
    mark=Mark.LINKS,
)
