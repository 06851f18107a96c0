"""Ratings by counter, family or officer: told in groups of ten people or more."""

from __future__ import annotations

from contract.readings import Timing
from server.facts.ratings import RatingTotals
from server.facts.responses import ResponseTotals
from server.facts.sources import AT_COUNTERS, Source

GROUPED_RATINGS = Source(
    name="grouped_ratings",
    timing=Timing.PERIOD,
    totals=RatingTotals,
    dimensions=AT_COUNTERS,
    has_levels=True,
)
"""In place of ratings, wherever less than a unit is asked for; by one dimension at a time."""

GROUPED_RESPONSES = Source(
    name="grouped_responses",
    timing=Timing.PERIOD,
    totals=ResponseTotals,
    dimensions=AT_COUNTERS,
    has_levels=True,
)
"""Visits, and of ratings those that are told; without requests for ratings."""
