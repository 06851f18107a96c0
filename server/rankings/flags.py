"""Which units differ from the common share, by Holm over the whole table. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

LEVEL = 0.05


def flag(
    successes: NDArray[np.int64], n: NDArray[np.int64], level: float = LEVEL
) -> NDArray[np.bool_]:
    """Return for each unit whether its share differs from that of all others together.

    The chance that any unit is flagged where all are equal is at most `level`: Holm (1979),
    Scandinavian Journal of Statistics 6, 65-70. Each p-value is twice the smaller tail of the
    hypergeometric distribution (Fisher's exact test), which needs no estimate of the common share.
    """
    p = _p_values(successes, n)
    order = np.argsort(p)
    refused = p[order] > level / np.arange(len(p), 0, -1)
    flagged = np.zeros(len(p), dtype=np.bool_)
    flagged[order] = ~np.logical_or.accumulate(refused)
    return flagged


def _p_values(successes: NDArray[np.int64], n: NDArray[np.int64]) -> NDArray[np.float64]:
    count = hypergeom(n.sum(), successes.sum(), n)
    below, above = count.cdf(successes), count.sf(successes - 1)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(below, above)), dtype=np.float64)
