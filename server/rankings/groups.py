"""Groups of members that cannot be told apart. Pure."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from server.rankings.casemix import Floats

CERTAIN = 0.95
"""From this posterior chance on one member is said to stand above another."""


def group(mean: Floats, sd: Floats, *, higher_is_better: bool = True) -> tuple[int, ...]:
    """Return each member's group, 1 the best, from the posteriors of their shares.

    From the best downward: whoever is not worse than the first of a group with a chance of CERTAIN
    belongs to it. So nobody in a group can be told from its first, and each group's first stands
    below that of the group before. Neighbours in two groups may not be told apart either: that is
    what the ranges of ranks say.
    """
    sign = 1.0 if higher_is_better else -1.0
    order = np.argsort(-sign * mean, kind="stable")
    groups = np.zeros(len(mean), dtype=int)
    first, number = int(order[0]), 1
    for index in order:
        ahead = sign * (mean[first] - mean[index]) / np.hypot(sd[first], sd[index])
        if ndtr(ahead) >= CERTAIN:
            first, number = int(index), number + 1
        groups[index] = number
    return tuple(groups.tolist())
