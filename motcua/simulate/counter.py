"""One day at one simulated counter: people come, wait, are served, rate; a camera looks on."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from contract.messages import WaitOutcome
from motcua.simulate import people
from motcua.simulate.arrivals import arrival_times
from motcua.simulate.events import (
    RatingGiven,
    ReasonsGiven,
    SimulatedEvent,
    VisitEnded,
    WaitEnded,
    WindowEnded,
)
from motcua.simulate.province import SimulatedCounter

WINDOW_S = 5.0
_SHORTEST_WAIT_S = 2.0
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    number: int
    arrived_at: datetime
    service_s: float
    wait_s: float = 0.0
    mood: float = 0.0
    rated: RatingGiven | None = None


_Act: TypeAlias = Callable[[datetime, _Person], tuple[SimulatedEvent, ...]]


def day_at_counter(
    counter: SimulatedCounter,
    day: datetime,
    *,
    seed: int,
    always_open: bool = False,
    watch_from: datetime | None = None,
) -> Iterator[SimulatedEvent]:
    """Yield what happens in the local day that starts at `day`, in the order of time.

    The same arguments always give the same people; windows of the camera before `watch_from`
    are left out and change nothing else.
    """
    return _Day(counter, day, seed, always_open, watch_from or day).run()


class _Day:
    """The state of one counter during one day, driven by an agenda of what comes next."""

    def __init__(
        self,
        counter: SimulatedCounter,
        day: datetime,
        seed: int,
        always_open: bool,
        watch_from: datetime,
    ) -> None:
        self._traits = counter.traits
        self._key = f"{seed}/{counter.address.device}/{day.date()}"
        self._chance = random.Random(f"people/{self._key}")  # noqa: S311
        self._arrivals = arrival_times(
            day,
            random.Random(f"arrivals/{self._key}"),  # noqa: S311
            visitors_a_day=counter.visitors_a_day,
            always_open=always_open,
        )
        self._day = day
        self._window = max(1, -int((day - watch_from).total_seconds() // WINDOW_S))
        self._agenda: list[tuple[datetime, int, _Act, _Person]] = []
        self._planned = 0
        self._number = 0
        self._waiting: dict[int, _Person] = {}
        self._served: _Person | None = None

    def run(self) -> Iterator[SimulatedEvent]:
        """Yield the day's events."""
        self._expect_next_arrival()
        end = self._day + _DAY
        while self._agenda and self._agenda[0][0] < end:
            at, _, act, person = heapq.heappop(self._agenda)
            yield from self._watch_until(at)
            yield from act(at, person)
        yield from self._watch_until(end)

    def _plan(self, at: datetime, act: _Act, person: _Person) -> None:
        self._planned += 1
        heapq.heappush(self._agenda, (at, self._planned, act, person))

    def _expect_next_arrival(self) -> None:
        at = next(self._arrivals, None)
        if at is not None:
            service_s = people.service_s(self._traits, self._chance)
            person = _Person(number=self._planned, arrived_at=at, service_s=service_s)
            self._plan(at, self._arrive, person)

    def _arrive(self, at: datetime, person: _Person) -> tuple[SimulatedEvent, ...]:
        self._expect_next_arrival()
        if self._served is None:
            return self._serve(at, person)
        self._waiting[person.number] = person
        patience_s = people.patience_s(self._chance)
        self._plan(at + timedelta(seconds=patience_s), self._give_up, person)
        return ()

    def _give_up(self, at: datetime, person: _Person) -> tuple[SimulatedEvent, ...]:
        if self._waiting.pop(person.number, None) is None:
            return ()  # was called in the meantime
        wait_s = (at - person.arrived_at).total_seconds()
        return (WaitEnded(at=at, number=self._next(), wait_s=wait_s, outcome=WaitOutcome.LEFT),)

    def _serve(self, at: datetime, person: _Person) -> tuple[SimulatedEvent, ...]:
        wait_s = (at - person.arrived_at).total_seconds()
        mood = people.mood(self._traits, wait_s, self._chance)
        self._served = replace(person, wait_s=wait_s, mood=mood)
        self._plan(at + timedelta(seconds=person.service_s), self._finish, self._served)
        if wait_s < _SHORTEST_WAIT_S:
            return ()
        return (WaitEnded(at=at, number=self._next(), wait_s=wait_s, outcome=WaitOutcome.SERVED),)

    def _finish(self, at: datetime, person: _Person) -> tuple[SimulatedEvent, ...]:
        visit = VisitEnded(
            at=at,
            number=self._next(),
            service_s=person.service_s,
            wait_s=person.wait_s,
            expression=people.expression(person.mood, 1, person.service_s, self._chance),
            expression_change=round(self._chance.gauss(person.mood - 0.7, 0.2) / 2, 4),
        )
        if people.rates(self._traits, person.mood, self._chance):
            self._plan(self._soon(at, 3, 15), self._rate, person)
        self._served = None
        called = next(iter(self._waiting.values()), None)
        if called is None:
            return (visit,)
        del self._waiting[called.number]
        return (visit, *self._serve(at, called))

    def _rate(self, at: datetime, person: _Person) -> tuple[SimulatedEvent, ...]:
        rated = RatingGiven(
            at=at, number=self._next(), score=people.score(person.mood, self._chance)
        )
        self._plan(self._soon(at, 4, 20), self._explain, replace(person, rated=rated))
        return (rated,)

    def _explain(self, at: datetime, person: _Person) -> tuple[SimulatedEvent, ...]:
        assert person.rated is not None
        reasons = people.reasons(person.rated.score, person.wait_s, self._chance)
        if not reasons:
            return ()
        return (ReasonsGiven(at=at, number=self._next(), rated=person.rated, reasons=reasons),)

    def _watch_until(self, at: datetime) -> Iterator[SimulatedEvent]:
        while (end := self._day + timedelta(seconds=self._window * WINDOW_S)) <= at:
            present = len(self._waiting) + (self._served is not None)
            chance = random.Random(f"window/{self._key}/{self._window}")  # noqa: S311
            mood = self._served.mood if self._served else 0.5
            yield WindowEnded(
                at=end,
                number=self._window,
                waiting=len(self._waiting),
                present=present,
                expression=people.expression(mood, present, WINDOW_S, chance) if present else None,
            )
            self._window += 1

    def _soon(self, at: datetime, least_s: float, most_s: float) -> datetime:
        return at + timedelta(seconds=self._chance.uniform(least_s, most_s))

    def _next(self) -> int:
        self._number += 1
        return self._number
