"""How long complete visits took, as a histogram."""

from __future__ import annotations

from contract.readings import Timing
from server.facts.durations import DurationTotals
from server.facts.sources import AT_COUNTERS, Source

SERVICE_TIMES = Source(
    name="service_times",
    timing=Timing.PERIOD,
    totals=DurationTotals,
    dimensions=AT_COUNTERS,
    has_levels=True,
)
