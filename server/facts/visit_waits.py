"""How long citizens waited from the issue of their ticket until their visit began."""

from __future__ import annotations

from contract.readings import Timing
from server.facts.durations import DurationTotals
from server.facts.sources import Dimension, Mark, Source

VISIT_WAITS = Source(
    name="visit_waits",
    timing=Timing.PERIOD,
    totals=DurationTotals,
    dimensions=frozenset({Dimension.COUNTER}),
    mark=Mark.LINKS,
)
