"""Controls false discoveries when many units are looked at together. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def benjamini_hochberg(
    probabilities: npt.NDArray[np.float64], rate: float
) -> npt.NDArray[np.bool_]:
    """Return which of one look's hypotheses are rejected at this false discovery rate.

    The k smallest, for the greatest k with p_(k) <= k / m rate (Benjamini & Hochberg 1995, JRSS B
    57, 289-300). Where nothing is wrong anywhere, a look raises anything with probability `rate`.
    """
    m = len(probabilities)
    if m == 0:
        return np.zeros(0, dtype=np.bool_)
    ordered = np.sort(probabilities)
    passing = np.flatnonzero(ordered <= rate * np.arange(1, m + 1) / m)
    if len(passing) == 0:
        return np.zeros(m, dtype=np.bool_)
    return np.asarray(probabilities <= ordered[passing[-1]])
