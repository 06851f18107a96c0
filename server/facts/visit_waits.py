"""How long citizens waited from the issue of their ticket until their visit began."""

from __future__ import annotations

from contract.readings import Timing
from server.facts.sources import Dimension, Mark, Source
from server.facts.ticket_waits import TicketWaitTotals

VISIT_WAITS = Source(
    name="visit_waits",
    timing=Timing.PERIOD,
    totals=TicketWaitTotals,
    dimensions=frozenset({Dimension.COUNTER}),
    mark=Mark.LINKS,
)
