"""The posterior distribution of each unit's rank. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.rankings.shrinkage import BetaPrior

DRAWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """Where a unit stands, 1 the best: median, 90 % range, and chances of the ends.

    A decile of fewer than ten units is one unit.
    """

    median: float
    low: int
    high: int
    in_top_decile: float
    in_bottom_decile: float


def draw_ranks(
    successes: NDArray[np.int64],
    n: NDArray[np.int64],
    prior: BetaPrior,
    *,
    seed: int,
    higher_is_better: bool = True,
) -> tuple[Rank, ...]:
    """Return each unit's rank from DRAWS draws of all true shares; at least one unit.

    Ranks are computed within each draw: Goldstein and Spiegelhalter (1996), Journal of the Royal
    Statistical Society A 159, 385-443.
    """
    units = len(n)
    random = np.random.default_rng(seed)
    shares = random.beta(successes + prior.alpha, n - successes + prior.beta, size=(DRAWS, units))
    order = np.argsort(-shares if higher_is_better else shares, axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, units + 1)[None, :], axis=1)
    low, high = np.quantile(ranks, (0.05, 0.95), axis=0, method="inverted_cdf")
    decile = max(1, round(units / 10))
    return tuple(
        Rank(
            median=float(np.median(ranks[:, unit])),
            low=int(low[unit]),
            high=int(high[unit]),
            in_top_decile=float((ranks[:, unit] <= decile).mean()),
            in_bottom_decile=float((ranks[:, unit] > units - decile).mean()),
        )
        for unit in range(units)
    )
