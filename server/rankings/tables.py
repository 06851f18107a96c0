"""A table of units of one kind by a share: estimates, ranks and flags. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from contract.readings import Withheld
from server.kpi.statistics import SHARE_MINIMUM_N, Estimate, wilson
from server.rankings.flags import flag
from server.rankings.ranks import Rank, draw_ranks
from server.rankings.shrinkage import fit_prior, shrink

RANK_MINIMUM_N = 100
"""Below 100 answers a unit is not ranked, and moves nobody else's rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What a unit is judged by: how many of n succeeded; none where `withheld` says why.

    `named` where so few officers served that it names them.
    """

    unit: str
    successes: int = 0
    n: int = 0
    named: bool = False
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A unit's place; without `estimate` too few to show, without `rank` too few to rank.

    `withheld` says where it is for another reason. `named` ones name the few officers who served.
    """

    unit: str
    n: int
    estimate: Estimate | None = None
    shrunken: float | None = None
    rank: Rank | None = None
    flagged: bool = False
    named: bool = False
    withheld: Withheld | None = None


def rank_units(
    counts: Sequence[Count], *, seed: int, higher_is_better: bool = True
) -> tuple[Row, ...]:
    """Return a row for each unit in the order given; a unit alone is shown and not ranked."""
    rows = {each.unit: _shown(each) for each in counts}
    ranked = [each for each in counts if each.n >= RANK_MINIMUM_N]
    if len(ranked) > 1:
        successes = np.array([each.successes for each in ranked])
        n = np.array([each.n for each in ranked])
        prior = fit_prior(successes, n)
        shrunken, flags = shrink(successes, n, prior), flag(successes, n)
        ranks = draw_ranks(successes, n, prior, seed=seed, higher_is_better=higher_is_better)
        for index, each in enumerate(ranked):
            rows[each.unit] = replace(
                rows[each.unit],
                shrunken=float(shrunken[index]),
                rank=ranks[index],
                flagged=bool(flags[index]),
            )
    return tuple(rows.values())


def _shown(count: Count) -> Row:
    shown = count.n >= SHARE_MINIMUM_N
    estimate = wilson(count.successes, count.n) if shown else None
    return Row(
        unit=count.unit, n=count.n, estimate=estimate, named=count.named, withheld=count.withheld
    )
