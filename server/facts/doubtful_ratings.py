"""Ratings with the doubtful ones, of whole units: below one they would tell single opinions."""

from __future__ import annotations

from contract.readings import Timing
from server.facts.ratings import RatingTotals
from server.facts.sources import UNIT_ALONE, Source

DOUBTFUL_RATINGS = Source(
    name="doubtful_ratings",
    timing=Timing.PERIOD,
    totals=RatingTotals,
    dimensions=UNIT_ALONE,
    has_levels=True,
)
