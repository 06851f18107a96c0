"""A table of members of one kind by a share: estimates, ranks, groups, flags, funnel. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from contract.readings import Withheld
from server.kpi.statistics import SHARE_MINIMUM_N, Estimate, wilson
from server.rankings.casemix import Floats, Standardised, common_work, standardise
from server.rankings.cells import Cells, Factor
from server.rankings.changes import Change, Parts, apart, changes, side_by_side
from server.rankings.confidence_sets import RankSet
from server.rankings.flags import flag
from server.rankings.funnel import Funnel, draw_funnel
from server.rankings.groups import group
from server.rankings.pooling import Pooled, pool
from server.rankings.ranks import Rank, draw_ranks
from server.rankings.shrinkage import fit_prior, shrink

RANK_MINIMUM_N = 100
"""Below 100 answers a member is not ranked, and moves nobody else's rank."""

COMPARABLE_FROM = 0.5
"""Two members with a smaller share of work in common are not comparable."""

_WORK = (Factor.FAMILY, Factor.CHANNEL)
"""What makes work common; hours and arrivals are the circumstances in which it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverExpected:
    """Failures observed, and expected of the member's mix of work at the level of its kind."""

    observed: int
    expected: float

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.observed / self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A member's place; without `estimate` too few to show, without `rank` too few to rank.

    `estimate` is the share as counted with its Wilson interval, `adjusted` standardised to the
    common mix with its 95 % interval, `shrunken` drawn toward the kind's. `group` is that of the
    members that cannot be told apart and `group_size` how many they are. `common_work` is the
    median share of work in common with the others, `incomparable` how many have less than a half.
    `suspect_n` cases were left out; `with_suspect` is the share with them. `unit` is where the
    member belongs, `confidence_set` the ranks that the data do not refuse, where the worker has
    computed them; `founded` and `closed` say that the unit was not there all the period. Members
    that are neither units nor of one have a name of their own. `withheld` says why nothing is told
    of a unit, `named` that its few officers are named by what is. `among` how many members it is
    ranked, where these are not those of the table.
    """

    member: str
    n: int
    unit: str = ""
    estimate: Estimate | None = None
    adjusted: Estimate | None = None
    shrunken: float | None = None
    rank: Rank | None = None
    group: int | None = None
    group_size: int | None = None
    flagged: bool = False
    parts: Parts | None = None
    change: Change | None = None
    over_expected: OverExpected | None = None
    common_work: float | None = None
    incomparable: int = 0
    suspect_n: int = 0
    with_suspect: float | None = None
    confidence_set: RankSet | None = None
    founded: bool = False
    closed: bool = False
    name_vi: str | None = None
    name_en: str | None = None
    named: bool = False
    withheld: Withheld | None = None
    among: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of one kind with its common share and its funnel; both None with nobody to rank.

    `between_sd` is how far true shares differ, as far as the data say. A kind that is a family of
    procedures has a name. `overlaps` is the work that the `ranked` have in common (0..1).
    """

    rows: tuple[Row, ...]
    level: float | None = None
    between_sd: float | None = None
    funnel: Funnel | None = None
    name_vi: str | None = None
    name_en: str | None = None
    ranked: tuple[str, ...] = ()
    overlaps: Floats | None = None

    def incomparable_with(self, member: str) -> tuple[str, ...]:
        """Return the members that have less than half of the work in common with this one."""
        if self.overlaps is None or member not in self.ranked:
            return ()
        own = self.overlaps[self.ranked.index(member)]
        return tuple(self.ranked[other] for other in np.flatnonzero(own < COMPARABLE_FROM))


def rank_members(
    cells: Cells, *, seed: int, before: Cells | None = None, higher_is_better: bool = True
) -> Table:
    """Return a row for each member in the order given; a member alone is shown and not ranked.

    `before` holds the same members' cells of the period before, in the same order.
    """
    n, k = cells.totals
    said = [_shown(cells, index, int(n[index]), int(k[index])) for index in range(len(n))]
    ranked = np.flatnonzero(n >= RANK_MINIMUM_N)
    if len(ranked) < 2:
        return Table(rows=tuple(Row(**row) for row in said))
    standardised = standardise(cells.of(ranked.tolist()))
    pooled = pool(standardised.adjusted, standardised.error_sd, standardised.mix_sd)
    ranks = draw_ranks(standardised, pooled, seed=seed, higher_is_better=higher_is_better)
    overlaps = common_work(standardised, _WORK)
    failures = standardised.n - standardised.k
    expected = standardised.n - standardised.expected
    for name, column in {
        "rank": ranks,
        "parts": apart(standardised),
        "adjusted": _bounded(standardised),
        "flagged": flag(standardised).tolist(),
        "shrunken": pooled.mean.tolist(),
        "common_work": _median_of_others(overlaps).tolist(),
        "incomparable": (overlaps < COMPARABLE_FROM).sum(axis=1).tolist(),
        "over_expected": _over_expected(failures, expected),
        **_groups(standardised, pooled, higher_is_better=higher_is_better),
    }.items():
        for index, each in zip(ranked.tolist(), column, strict=True):
            said[index][name] = each
    _shrink_small(said, n, k, ranked)
    if before is not None:
        _compare(said, cells, before, ranked)
    return Table(
        rows=tuple(Row(**row) for row in said),
        level=standardised.level,
        between_sd=float(pooled.weight @ pooled.spread),
        funnel=draw_funnel(failures, expected),
        ranked=tuple(cells.members[index] for index in ranked.tolist()),
        overlaps=overlaps,
    )


def _groups(
    standardised: Standardised, pooled: Pooled, *, higher_is_better: bool
) -> dict[str, list[int]]:
    sd = np.hypot(pooled.sd, standardised.mix_sd)
    groups = group(pooled.mean, sd, higher_is_better=higher_is_better)
    sizes = Counter(groups)
    return {"group": list(groups), "group_size": [sizes[each] for each in groups]}


def _over_expected(failures: Floats, expected: Floats) -> list[OverExpected]:
    return [
        OverExpected(observed=int(observed), expected=float(awaited))
        for observed, awaited in zip(failures, expected, strict=True)
    ]


def _shown(cells: Cells, index: int, n: int, k: int) -> dict[str, Any]:
    suspect_n = int(cells.suspect_n[index])
    said: dict[str, Any] = {"member": cells.members[index], "n": n, "suspect_n": suspect_n}
    if n >= SHARE_MINIMUM_N:
        said["estimate"] = wilson(k, n)
        if suspect_n:
            said["with_suspect"] = (k + int(cells.suspect_k[index])) / (n + suspect_n)
    return said


def _median_of_others(overlaps: Floats) -> Floats:
    others = overlaps.copy()
    np.fill_diagonal(others, np.inf)
    others.sort(axis=1)
    size = len(others) - 1
    middle: Floats = (others[:, (size - 1) // 2] + others[:, size // 2]) / 2
    return middle


def _bounded(standardised: Standardised) -> list[Estimate]:
    half = float(ndtri(0.975)) * np.hypot(standardised.error_sd, standardised.mix_sd)
    # The model is linear: beside 0 and 1 it can lead past them.
    bounds = (
        np.clip(standardised.adjusted + by, 0, 1).tolist()
        for by in (np.zeros_like(half), -half, half)
    )
    return [
        Estimate(value=value, low=low, high=high) for value, low, high in zip(*bounds, strict=True)
    ]


def _shrink_small(
    said: list[dict[str, Any]], n: np.ndarray, k: np.ndarray, ranked: np.ndarray
) -> None:
    """Draw those who are shown and not ranked toward the ranked ones, by exact binomial terms.

    Normal errors would not do: some have all or nothing of a few dozen.
    """
    small = np.flatnonzero((n >= SHARE_MINIMUM_N) & (n < RANK_MINIMUM_N)).tolist()
    if small:
        prior = fit_prior(k[ranked], n[ranked])
        for index, share in zip(small, shrink(k[small], n[small], prior), strict=True):
            said[index]["shrunken"] = float(share)


def _compare(said: list[dict[str, Any]], cells: Cells, before: Cells, ranked: np.ndarray) -> None:
    earlier, _ = before.totals
    both = [int(index) for index in ranked if earlier[index] >= RANK_MINIMUM_N]
    if both:
        table = standardise(side_by_side(cells.of(both), before.of(both)))
        for index, change in zip(both, changes(table), strict=True):
            said[index]["change"] = change
