"""Computes a month's norms from the totals of all officers."""

from __future__ import annotations

from datetime import date

import numpy as np
import psycopg
from numpy.typing import NDArray

from runtime.sql import statements
from server.periods import Period, Step
from server.rankings.shrinkage import BetaPrior, fit_prior

LEAST_OFFICERS = 3
"""With fewer, what is expected of one would be what the other does."""

_SQL = statements("server.norms", "norms.sql")


def fit_norm(satisfied: NDArray[np.int64], ratings: NDArray[np.int64]) -> BetaPrior:
    """Return the distribution of officers' shares, no surer than all the ratings together are.

    Where officers do not differ, or everybody is satisfied, the likelihood has no maximum: they are
    taken for alike.
    """
    n = float(ratings.sum())
    if satisfied.sum() in (0, n):
        mean = (float(satisfied.sum()) + 0.5) / (n + 1)
        return BetaPrior(alpha=mean * n, beta=(1 - mean) * n)
    prior = fit_prior(satisfied, ratings)
    precision = min(prior.alpha + prior.beta, n)
    least = 0.5 / (n + 1)
    mean = min(max(prior.alpha / (prior.alpha + prior.beta), least), 1 - least)
    return BetaPrior(alpha=mean * precision, beta=(1 - mean) * precision)


def months_due(connection: psycopg.Connection, since: date, day: date) -> tuple[date, ...]:
    """Return the months from that of `since` until that of `day`, and those without norms."""
    found = connection.execute(_SQL["months"], {"since": since, "day": day}).fetchall()
    return tuple(row[0] for row in found)


def renew(connection: psycopg.Connection, month: date) -> None:
    """Compute the norms of the month that begins with `month`, in one transaction."""
    start, end = Period.of(Step.MONTH, month).bounds
    span = {"month": month, "start": start, "end": end}
    with connection.transaction():
        connection.execute(_SQL["forget"], span)
        connection.execute(_SQL["add_service"], span)
        found = connection.execute(_SQL["ratings"], span | {"least": LEAST_OFFICERS}).fetchall()
        for family, satisfied, ratings in found:
            prior = fit_norm(np.array(satisfied), np.array(ratings))
            norm = {
                "month": month,
                "family": family,
                "officers": len(ratings),
                "ratings": sum(ratings),
                "alpha": prior.alpha,
                "beta": prior.beta,
            }
            connection.execute(_SQL["add_satisfaction"], norm)
