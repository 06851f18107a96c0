"""Cases counted by whom they belong to and what kind of work they were. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Factor(StrEnum):
    """What makes one case harder than another, whoever deals with it.

    `ARRIVALS` are classes of how many people came to the unit in that hour, or of how many dossiers
    on that day: demand, which nobody at the counter makes. How many counters were open, which the
    unit decides, is not in it.
    """

    FAMILY = "family"
    CHANNEL = "channel"
    HOUR = "hour"
    ARRIVALS = "arrivals"
    KIND = "kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Cases of `members`, a row for each combination of work that occurred.

    `member` and each array of `codes` have one index per row, into `members` and into `levels` of
    the factor; `n` cases, of which `k` succeeded, as whole numbers. `suspect_n` and `suspect_k` are
    cases of each member that were left out of both as suspect.
    """

    members: tuple[str, ...]
    levels: Mapping[Factor, tuple[str, ...]]
    member: NDArray[np.int64]
    codes: Mapping[Factor, NDArray[np.int64]]
    n: NDArray[np.float64]
    k: NDArray[np.float64]
    suspect_n: NDArray[np.int64]
    suspect_k: NDArray[np.int64]

    @property
    def totals(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many cases each member has, and how many of them succeeded."""
        size = len(self.members)
        n = np.bincount(self.member, weights=self.n, minlength=size)
        k = np.bincount(self.member, weights=self.k, minlength=size)
        return n.astype(np.int64), k.astype(np.int64)

    def of(self, chosen: Sequence[int]) -> Cells:
        """Return the cells of the members with these indices, in that order."""
        place = np.full(len(self.members), -1)
        place[list(chosen)] = np.arange(len(chosen))
        member = place[self.member]
        rows = member >= 0
        return Cells(
            members=tuple(self.members[index] for index in chosen),
            levels=self.levels,
            member=member[rows],
            codes={factor: code[rows] for factor, code in self.codes.items()},
            n=self.n[rows],
            k=self.k[rows],
            suspect_n=self.suspect_n[list(chosen)],
            suspect_k=self.suspect_k[list(chosen)],
        )

    def trimmed(self) -> Cells:
        """Return the cells without levels that nothing was counted of."""
        levels: dict[Factor, tuple[str, ...]] = {}
        codes: dict[Factor, NDArray[np.int64]] = {}
        for factor, code in self.codes.items():
            names = self.levels[factor]
            used = np.flatnonzero(np.bincount(code, weights=self.n, minlength=len(names)))
            if len(used) > 1:
                place = np.zeros(len(names), dtype=np.int64)
                place[used] = np.arange(len(used))
                codes[factor] = place[code]
                levels[factor] = tuple(names[index] for index in used.tolist())
        return replace(self, levels=levels, codes=codes)

    def aligned(self, members: tuple[str, ...]) -> Cells:
        """Return the cells of these members, in that order; one that is not here has no cases."""
        places = {name: place for place, name in enumerate(members)}
        numbers = np.array([places.get(name, -1) for name in self.members], dtype=np.int64)
        member = numbers[self.member]
        rows, known = member >= 0, numbers >= 0
        suspect_n, suspect_k = (np.zeros(len(members), dtype=np.int64) for _ in range(2))
        suspect_n[numbers[known]] = self.suspect_n[known]
        suspect_k[numbers[known]] = self.suspect_k[known]
        return Cells(
            members=members,
            levels=self.levels,
            member=member[rows],
            codes={factor: code[rows] for factor, code in self.codes.items()},
            n=self.n[rows],
            k=self.k[rows],
            suspect_n=suspect_n,
            suspect_k=suspect_k,
        )
