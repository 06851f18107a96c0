"""Which ratings may not be a citizen's own word on one visit, and why: rules for unit and server.

The rules take values only, so that a unit judges what it has stored and the server what several
devices have sent, late or not, by the same words. A doubtful rating is kept, marked and left out of
official figures. The numbers are limits of what people do, not of a fitted model: a service takes
minutes, and a kiosk asks once a visit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from contract.messages import Presence, Suspicion

BURST_RATINGS = 6
BURST_WITHIN = timedelta(seconds=60)
"""So many ratings at a counter within this time are no visits: the shortest take half a minute."""

CADENCE_RATINGS = 6
CADENCE_LONGEST_GAP = timedelta(seconds=45)
CADENCE_SPREAD = 0.05
CADENCE_LEAST_SPREAD = timedelta(seconds=0.5)
"""Gaps as regular as these are a machine's: five that differ by less than a twentieth of their
mean, or by less than half a second. Of gaps as irregular as people's, exponential ones, five lie so
close together once in some hundred thousand times."""

HELD_S = 30.0
"""A hand that has lain on the screen for longer than a citizen's whole dialogue holds it."""

HOURS_MARGIN = timedelta(hours=1)
"""Ratings are expected so long before opening and after closing: whoever waits then is served."""

REACH = max(BURST_WITHIN, (CADENCE_RATINGS - 1) * CADENCE_LONGEST_GAP)
"""How far apart two ratings may be for one to matter to the other, visits aside."""

REACH_RATINGS = max(BURST_RATINGS, CADENCE_RATINGS) - 1
"""How many ratings before and after one it may matter to, visits aside."""

IsOpen = Callable[[datetime], bool]
"""Tells whether ratings are expected at a time, `HOURS_MARGIN` included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """One rating at one counter, as the rules see it.

    `repeated` says that an earlier rating of the same visit counts; `marked` is what the device has
    found by itself.
    """

    id: UUID
    at: datetime
    presence: Presence | None = None
    held_s: float | None = None
    repeated: bool = False
    marked: frozenset[Suspicion] = field(default_factory=frozenset)


def suspicions(taps: Sequence[Tap], is_open: IsOpen | None) -> dict[UUID, frozenset[Suspicion]]:
    """Return what is doubtful of each of `taps`, all of one counter, in any order.

    Ratings that were taken back are not among them. Those within `REACH` of a tap decide on it
    together. Without `is_open` no hours are known.
    """
    ordered = sorted(taps, key=lambda tap: (tap.at, tap.id))
    found = {tap.id: set(tap.marked | _of_itself(tap, is_open)) for tap in ordered}
    for run in _runs(ordered, BURST_RATINGS):
        if run[-1].at - run[0].at <= BURST_WITHIN:
            _mark(found, run, Suspicion.BURST)
    for run in _runs(ordered, CADENCE_RATINGS):
        if _is_regular(run):
            _mark(found, run, Suspicion.CADENCE)
    return {identity: frozenset(reasons) for identity, reasons in found.items()}


def _of_itself(tap: Tap, is_open: IsOpen | None) -> frozenset[Suspicion]:
    """Return what a rating's own circumstances say."""
    facts = {
        Suspicion.OUT_OF_HOURS: is_open is not None and not is_open(tap.at),
        Suspicion.SEVERAL: tap.repeated,
        Suspicion.NOBODY: tap.presence is Presence.NOBODY,
        Suspicion.OFFICER_SIDE: tap.presence is Presence.OFFICER_SIDE,
        Suspicion.HELD_SCREEN: tap.held_s is not None and tap.held_s >= HELD_S,
    }
    return frozenset(reason for reason, holds in facts.items() if holds)


def _runs(taps: Sequence[Tap], length: int) -> Iterator[Sequence[Tap]]:
    return (taps[first : first + length] for first in range(len(taps) - length + 1))


def _is_regular(run: Sequence[Tap]) -> bool:
    gaps = [later.at - earlier.at for earlier, later in pairwise(run)]
    if max(gaps) > CADENCE_LONGEST_GAP:
        return False
    mean = (run[-1].at - run[0].at) / len(gaps)
    return max(gaps) - min(gaps) <= max(mean * CADENCE_SPREAD, CADENCE_LEAST_SPREAD)


def _mark(found: dict[UUID, set[Suspicion]], run: Sequence[Tap], suspicion: Suspicion) -> None:
    for tap in run:
        found[tap.id].add(suspicion)
