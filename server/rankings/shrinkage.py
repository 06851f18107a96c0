"""Shares drawn toward their common mean by a beta-binomial model. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln

_LOG_PRECISION = (-3.0, 14.0)
"""Bounds of ln(alpha + beta): when the units do not differ, the likelihood has no maximum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaPrior:
    """The distribution of the units' true shares, Beta(alpha, beta)."""

    alpha: float
    beta: float


def fit_prior(successes: NDArray[np.int64], n: NDArray[np.int64]) -> BetaPrior:
    """Return the prior of greatest marginal likelihood; at least one unit, every n positive.

    Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, section 5.3; empirical Bayes after
    Casella (1985), The American Statistician 39, 83-87.
    """

    def loss(point: NDArray[np.float64]) -> float:
        alpha, beta = _shape(point)
        terms = betaln(successes + alpha, n - successes + beta) - betaln(alpha, beta)
        return -float(terms.sum())

    mean = (successes.sum() + 0.5) / (n.sum() + 1)
    start = np.array([np.log(mean / (1 - mean)), 3.0])
    bounds = [(-14.0, 14.0), _LOG_PRECISION]
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13})
    alpha, beta = _shape(found.x)
    return BetaPrior(alpha=alpha, beta=beta)


def shrink(
    successes: NDArray[np.int64], n: NDArray[np.int64], prior: BetaPrior
) -> NDArray[np.float64]:
    """Return each unit's posterior mean share, of the shape of `n`."""
    return (successes + prior.alpha) / (n + prior.alpha + prior.beta)


def _shape(point: NDArray[np.float64]) -> tuple[float, float]:
    mean, precision = 1 / (1 + np.exp(-point[0])), np.exp(point[1])
    return float(mean * precision), float((1 - mean) * precision)
