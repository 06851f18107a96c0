"""How long holders of tickets waited, from issue to the first call, as a histogram."""

from __future__ import annotations

from contract.readings import Timing
from server.facts.durations import DurationTotals
from server.facts.sources import AT_COUNTERS, Source

TICKET_WAITS = Source(
    name="ticket_waits",
    timing=Timing.PERIOD,
    totals=DurationTotals,
    dimensions=AT_COUNTERS,
    has_levels=True,
    on_request=True,
)
