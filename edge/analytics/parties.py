"""Parties: who came to a counter together has one visit.

The rule: two stays in one zone belong to one party when they overlap for at least half of the
shorter one, and either began or ended within `TOGETHER_S` of each other. The next citizen, who
steps up while the last one is still gathering papers, does neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from edge.analytics.stays import Stay

TOGETHER_S = 4.0
"""Companions follow one another to the counter and away from it within this time."""

_OVERLAP = 0.5


class PartyCollector:
    """Keeps stays that are over until everyone of their party has gone, too."""

    def __init__(self) -> None:
        self._over: list[Stay] = []

    def add(self, stays: Sequence[Stay]) -> None:
        """Take stays that are over."""
        self._over += stays

    def take(self, open_stays: Sequence[Stay]) -> list[list[Stay]]:
        """Return the parties that are complete, whoever was first at the counter first.

        `open_stays` are those that are not over.
        """
        complete = []
        for party in _groups([*self._over, *open_stays]):
            if any(stay in open_stays for stay in party):
                continue
            complete.append(_in_order(party))
            self._over = [stay for stay in self._over if stay not in party]
        return complete

    def under_way(self, open_stays: Sequence[Stay]) -> list[Stay]:
        """Return of each party that is not complete who was first at the counter."""
        return [
            _in_order(party)[0]
            for party in _groups([*self._over, *open_stays])
            if any(stay in open_stays for stay in party)
        ]

    def flush(self, cut: Sequence[Stay], staying: Sequence[Stay]) -> list[list[Stay]]:
        """Return all parties, with the stays in `cut` as they are.

        Of those `staying` the end is not known, so that only their beginning tells who is together.
        """
        groups = _groups([*self._over, *cut], staying)
        self._over = []
        return [_in_order(group) for group in groups]


def _in_order(party: list[Stay]) -> list[Stay]:
    return sorted(party, key=lambda stay: (stay.started_at, stay.began_as))


def _groups(stays: Sequence[Stay], endless: Sequence[Stay] = ()) -> list[list[Stay]]:
    """Return the stays in groups, of which no two have members that may be together."""
    groups: list[list[Stay]] = []
    for stay in stays:
        near = [
            group
            for group in groups
            if any(_may_be_together(stay, other, endless) for other in group)
        ]
        groups = [group for group in groups if group not in near]
        groups.append([stay, *(member for group in near for member in group)])
    return groups


def _may_be_together(one: Stay, other: Stay, endless: Sequence[Stay]) -> bool:
    """Return whether the rule holds for what has been seen of both so far."""
    if one.zone != other.zone:
        return False
    limit = timedelta(seconds=TOGETHER_S)
    shared = min(one.last_seen_at, other.last_seen_at) - max(one.started_at, other.started_at)
    shorter = min(one.duration_s, other.duration_s)
    if shared.total_seconds() < max(_OVERLAP * shorter, 1e-3):
        return False
    began = abs(one.started_at - other.started_at) <= limit
    ended = abs(one.last_seen_at - other.last_seen_at) <= limit
    return began or (ended and one not in endless and other not in endless)
