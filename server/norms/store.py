"""Computes a month's norms from the totals of all officers."""

from __future__ import annotations

from datetime import date

import numpy as np
import psycopg

from runtime.sql import statements
from server.periods import Period, Step
from server.rankings.shrinkage import fit_prior

LEAST_OFFICERS = 3
"""With fewer, what is expected of one would be what the other does."""

_SQL = statements("server.norms", "norms.sql")


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
            prior = fit_prior(np.array(satisfied), np.array(ratings))
            norm = {
                "month": month,
                "family": family,
                "officers": len(ratings),
                "ratings": sum(ratings),
                "alpha": prior.alpha,
                "beta": prior.beta,
            }
            connection.execute(_SQL["add_satisfaction"], norm)
