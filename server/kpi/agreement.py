"""How well two ways of counting agree, and how far a mix has moved: each with its source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

SPREAD = 2.0
"""Limits of agreement lie two standard deviations around the mean difference, as in the paper."""

FEWEST_PAIRS = 10
"""With fewer the limits themselves are uncertain by more than a standard deviation."""

LEAST_SHARE = 0.0001
"""Stands for a class that nobody is in: the index has no value at zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The mean difference with its 95 % interval, and between which most differences lie."""

    bias: float
    low: float
    high: float
    lower_limit: float
    upper_limit: float


def agreement(n: int, total: float, total_of_squares: float) -> Agreement:
    """Return the agreement from n differences by their sum and their squares' sum; n at least 2.

    Bland, J. M., Altman, D. G. (1986), "Statistical methods for assessing agreement between two
    methods of clinical measurement", Lancet 327, 307-310: the limits are bias ± 2 s, and the bias
    lies in bias ± t(n - 1) s / √n.
    """
    if n < 2:
        raise ValueError(f"the spread of differences needs two pairs, not {n}")
    bias = total / n
    deviation = math.sqrt(max(0.0, (total_of_squares - n * bias * bias) / (n - 1)))
    reach = float(stdtrit(n - 1, 0.975)) * deviation / math.sqrt(n)
    return Agreement(
        bias=bias,
        low=bias - reach,
        high=bias + reach,
        lower_limit=bias - SPREAD * deviation,
        upper_limit=bias + SPREAD * deviation,
    )


def stability_index(now: Sequence[float], before: Sequence[float]) -> float:
    """Return Σ (p - q) ln(p / q) over the classes of two mixes, whose shares add up to one.

    The population stability index, Jeffreys' divergence: Yurdakul and Naranjo (2020), "Statistical
    properties of the population stability index", Journal of Risk Model Validation 14(4). By custom
    below 0.1 little has changed, above 0.25 much.
    """
    pairs = [(max(p, LEAST_SHARE), max(q, LEAST_SHARE)) for p, q in zip(now, before, strict=True)]
    return sum((p - q) * math.log(p / q) for p, q in pairs)
