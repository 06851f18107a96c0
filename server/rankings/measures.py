"""Which KPIs units can be ranked by: shares of which successes and n can be told. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from server.facts.dossiers import DossierTotals
from server.facts.ratings import RatingTotals
from server.facts.waits import WaitTotals
from server.kpi.catalogue.satisfaction import SATISFIED_FROM

Counted = tuple[int, int]
"""How many succeeded, and of how many."""


def _satisfied(totals: RatingTotals) -> Counted:
    return sum(totals.by_score[SATISFIED_FROM - 1 :]), sum(totals.by_score)


def _waited_within_15(totals: WaitTotals) -> Counted:
    return totals.within_15, totals.seconds.n


def _on_time(totals: DossierTotals) -> Counted:
    in_time = totals.before_time + totals.on_time
    return in_time, in_time + totals.late


MEASURES: Mapping[str, Callable[[Any], Counted]] = MappingProxyType(
    {
        "share_satisfied": _satisfied,
        "waited_within_15": _waited_within_15,
        "dossiers_on_time": _on_time,
    }
)
"""By the KPI's id; of each of them more is better."""
