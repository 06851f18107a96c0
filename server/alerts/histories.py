"""Figures at moments that are past, from rows of what happened, told in order of time. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from server.alerts.alerts import Figure
from server.alerts.figures import QUEUES, DeviceNow, Figures, device_figures
from server.facts.outlook import SERVICES_FOR, CounterNow, Hall, OutlookTotals

_SERVICES = 50
"""Of each counter the last services; the statement of live figures says so, too."""


class Dated(Protocol):
    """Something that happened at a time."""

    @property
    def at(self) -> datetime:
        """When."""


E = TypeVar("E", bound=Dated)


class Events(Generic[E]):
    """Events in order of time, each taken once."""

    def __init__(self, events: Iterable[E]) -> None:
        self._events = deque(sorted(events, key=lambda each: each.at))

    def until(self, now: datetime) -> Iterable[E]:
        """Yield what has happened until now and was not taken before."""
        while self._events and self._events[0].at <= now:
            yield self._events.popleft()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a camera saw at a counter."""

    at: datetime
    unit: str
    counter: str
    queue_length: int | None
    people_present: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """Somebody who began or ended to wait, or to be served, where no camera's windows are kept."""

    at: datetime
    unit: str
    counter: str
    waiting: int = 0
    served: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A service that ended."""

    at: datetime
    unit: str
    counter: str
    service_s: float
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call of a ticket."""

    at: datetime
    unit: str


class QueueHistory:
    """Queues over one day, from what cameras saw, else from who waited and was served."""

    def __init__(
        self,
        seen: Iterable[Seen],
        came: Iterable[Came],
        served: Iterable[Served],
        called: Iterable[Called],
        wanted: Collection[str],
    ) -> None:
        self._wanted = wanted
        self._seen, self._came = Events(seen), Events(came)
        self._served, self._called = Events(served), Events(called)
        self._counters: dict[str, dict[str, CounterNow]] = defaultdict(dict)
        self._services: dict[str, dict[str, deque[Served]]] = defaultdict(
            lambda: defaultdict(lambda: deque(maxlen=_SERVICES))
        )
        self._last_call: dict[str, datetime] = {}

    def figures(self, now: datetime, units: Collection[str]) -> Figures:
        """Return the figures of these units."""
        self._advance(now)
        found: Figures = defaultdict(list)
        for unit in self._counters.keys() & set(units):
            hall = self._hall(unit, now)
            totals, last_call = OutlookTotals(halls=(hall,)), self._last_call.get(unit)
            for name in self._wanted:
                found[name] += QUEUES[name](unit, totals, last_call, now)
        return found

    def _advance(self, now: datetime) -> None:
        for seen in self._seen.until(now):
            self._counters[seen.unit][seen.counter] = CounterNow(
                observed_at=seen.at,
                queue_length=seen.queue_length,
                people_present=seen.people_present,
                last_served_at=None,
            )
        for came in self._came.until(now):
            before = self._counters[came.unit].get(came.counter, _NOBODY)
            queue = (before.queue_length or 0) + came.waiting
            present = (before.people_present or 0) + came.waiting + came.served
            self._counters[came.unit][came.counter] = replace(
                before, queue_length=queue, people_present=present
            )
        for served in self._served.until(now):
            self._services[served.unit][served.counter].append(served)
        for called in self._called.until(now):
            self._last_call[called.unit] = called.at

    def _hall(self, unit: str, now: datetime) -> Hall:
        counters: list[CounterNow] = []
        times_s: list[float] = []
        known, served = self._counters[unit], self._services[unit]
        for name in known | served:
            services, counter = served[name], known.get(name, _UNSEEN)
            while services and now - services[0].at >= SERVICES_FOR:
                services.popleft()
            seen = CounterNow(
                # What is counted from who came is known at any moment.
                observed_at=None if counter is _UNSEEN else counter.observed_at or now,
                queue_length=counter.queue_length,
                people_present=counter.people_present,
                last_served_at=services[-1].at if services else None,
            )
            counters.append(seen)
            times_s += [each.service_s for each in services if each.complete]
        return Hall(counters=tuple(counters), service_times_s=tuple(times_s))


_NOBODY = CounterNow(observed_at=None, queue_length=None, people_present=None, last_served_at=None)

_UNSEEN = replace(_NOBODY)
"""A counter of which nothing is known but its services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message of a device; `said` is what it said of itself where that is a heartbeat."""

    at: datetime
    unit: str
    counter: str
    device: str
    said: DeviceNow | None = None


class DeviceHistory:
    """Devices over one day after the other."""

    def __init__(self, known: Iterable[DeviceNow]) -> None:
        self._devices = {(each.unit, each.counter, each.device): each for each in known}
        self._heard: Events[Heard] = Events(())

    def feed(self, heard: Iterable[Heard]) -> None:
        """Go on with the next day's messages."""
        self._heard = Events(heard)

    def figures(
        self, now: datetime, units: Collection[str], opened_s: Callable[[str], float | None]
    ) -> Figures:
        """Return the figures of these units' devices."""
        for heard in self._heard.until(now):
            key = (heard.unit, heard.counter, heard.device)
            before = self._devices.get(key)
            latest = max(heard.at, heard.at if before is None else before.last_seen)
            known = heard.said or before
            if known is None:
                known = DeviceNow(
                    unit=heard.unit,
                    counter=heard.counter,
                    device=heard.device,
                    last_seen=latest,
                )
            self._devices[key] = replace(known, last_seen=latest)
        opened = {unit: opened_s(unit) for unit in units}
        found: Figures = defaultdict(list)
        for seen in self._devices.values():
            if seen.unit in opened:
                for name, figure in device_figures(seen, opened[seen.unit], now).items():
                    found[name].append(figure)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How many cases come or go in a unit, and how many of those that a rule counts."""

    at: datetime
    unit: str
    cases: int
    counted: int


class CaseHistory:
    """Open cases by unit, and of those the part or number that a rule counts."""

    def __init__(self, source: str, changes: Iterable[Change], *, share: bool) -> None:
        self._source, self._share = source, share
        self._changes = Events(changes)
        self._cases: dict[str, int] = defaultdict(int)
        self._counted: dict[str, int] = defaultdict(int)

    def figures(self, now: datetime, units: Collection[str]) -> Figures:
        """Return the figures of these units; none of one without open cases."""
        for change in self._changes.until(now):
            self._cases[change.unit] += change.cases
            self._counted[change.unit] += change.counted
        return {
            self._source: [
                Figure(unit=unit, value=self._value(unit), n=cases, at=now)
                for unit, cases in self._cases.items()
                if cases and unit in units
            ]
        }

    def _value(self, unit: str) -> float:
        counted = self._counted[unit]
        return counted / self._cases[unit] if self._share else float(counted)
