"""Which KPIs members can be ranked by, from which cells, and what can be ranked by each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Ranked(StrEnum):
    """What is ranked."""

    UNIT = "unit"
    COUNTER = "counter"
    OFFICER = "officer"
    PROCEDURE = "procedure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The statement of `cells.sql` that counts a KPI's successes, and what it tells apart."""

    source: str
    by: frozenset[Ranked]


_AT_COUNTERS = frozenset({Ranked.UNIT, Ranked.COUNTER, Ranked.OFFICER})

MEASURES: Mapping[str, Measured] = MappingProxyType(
    {
        "share_satisfied": Measured(source="ratings", by=_AT_COUNTERS),
        "waited_within_15": Measured(source="waits", by=_AT_COUNTERS),
        "dossiers_on_time": Measured(
            source="dossiers", by=frozenset({Ranked.UNIT, Ranked.OFFICER, Ranked.PROCEDURE})
        ),
    }
)
"""By the KPI's id; of each of them more is better."""
