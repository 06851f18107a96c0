"""A simulated day at counters, with what truly belongs together."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from contract.messages import TicketEvent
from server.links.links import DayTold, RatingTold, VisitTold
from server.links.turns import TicketTold

OPENS = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
CLOSES_S = 8 * 3600


@dataclass(slots=True)
class SimulatedDay:
    """What the devices tell of a unit's day, and the truth behind it by subject."""

    visits: list[VisitTold] = field(default_factory=list)
    ratings: list[RatingTold] = field(default_factory=list)
    tickets: list[TicketTold] = field(default_factory=list)
    truth: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def told(self) -> DayTold:
        return DayTold(visits=self.visits, ratings=self.ratings, tickets=self.tickets)


def simulate(chance: random.Random, counters: int) -> SimulatedDay:
    """Return a day on which officers press late or not at all, people do not come when called,
    come back, or come without a ticket, cameras miss some, and ratings come minutes later.
    """
    day = SimulatedDay()
    for counter in range(counters):
        _Counter(day, chance, f"quay-{counter}").run()
    return day


class _Counter:
    def __init__(self, day: SimulatedDay, chance: random.Random, name: str) -> None:
        self._day, self._chance, self._name = day, chance, name
        self._number = 0

    def run(self) -> None:
        at_s = self._chance.uniform(60, 600)
        while at_s < CLOSES_S:
            at_s = self._serve(at_s) + self._chance.uniform(5, 60)

    def _serve(self, at_s: float) -> float:
        """Serve one person from `at_s` on and return when the counter is free again."""
        if self._chance.random() < 0.05:  # without a ticket
            return self._visit(at_s, None)
        self._number += 1
        number = f"{self._name}-{self._number}"
        self._tell(number, TicketEvent.ISSUED, at_s - self._chance.uniform(60, 1800))
        self._tell(number, TicketEvent.CALLED, at_s)
        if self._chance.random() < 0.08:  # nobody comes
            gone_s = at_s + self._chance.uniform(30, 90)
            if self._chance.random() < 0.7:
                self._tell(number, TicketEvent.SKIPPED, gone_s)
            return gone_s
        left_s = self._visit(at_s + self._chance.uniform(3, 30), number)
        if self._chance.random() < 0.9:
            pressed_s = left_s + self._chance.uniform(-40, 20)
            self._tell(number, TicketEvent.SERVED, max(pressed_s, at_s + 1))
            return max(left_s, pressed_s)
        return left_s

    def _visit(self, at_s: float, number: str | None) -> float:
        length_s = min(2400.0, self._chance.lognormvariate(5.6, 0.7))
        left_s = at_s + length_s
        if self._chance.random() < 0.03:  # the camera saw nobody
            return left_s
        visit = VisitTold(
            id=f"visit-{len(self._day.visits)}",
            counter=self._name,
            started_at=_at(at_s),
            ended_at=_at(left_s),
        )
        self._day.visits.append(visit)
        if number is not None:
            self._day.truth["visit_ticket", visit.id] = number
        if self._chance.random() < 0.4:
            rating = RatingTold(
                id=f"rating-{len(self._day.ratings)}",
                counter=self._name,
                at=_at(left_s + self._chance.uniform(-20, 30)),
            )
            self._day.ratings.append(rating)
            self._day.truth["rating_visit", rating.id] = visit.id
        return left_s

    def _tell(self, number: str, event: TicketEvent, at_s: float) -> None:
        self._day.tickets.append(
            TicketTold(
                id=f"ticket-{len(self._day.tickets):06}",
                counter=self._name,
                number=number,
                event=event,
                at=_at(at_s),
            )
        )


def _at(seconds: float) -> datetime:
    return OPENS + timedelta(seconds=round(seconds, 1))
