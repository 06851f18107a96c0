"""Drives all simulated devices on one thread: due happenings, sockets, outages, heartbeats."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from threading import Event

import msgspec
import structlog

from contract.codec import encode
from contract.topics import STREAM_OF
from motcua.simulate.counter import day_at_counter
from motcua.simulate.devices import Device
from motcua.simulate.happenings import Happening
from motcua.simulate.messages import Author, Clock
from motcua.simulate.outages import outages_of
from motcua.simulate.province import SimulatedCounter
from motcua.simulate.sockets import Sockets
from motcua.simulate.store import Parcel
from runtime.broker import BrokerAddress

LOCAL = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""No daylight saving time there, so that no time zone files are needed."""

_TICK_S = 0.05
_HOUSEKEEPING_S = 1.0
_REPORT_S = 30.0
_CONNECTS_A_TICK = 20
_LEAVE_S = 2.0
_WATCH_BACK = timedelta(minutes=10)
_DAY = timedelta(days=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What to simulate: with `rate` 1 today's people so far are told of as well, as a backlog."""

    counters: tuple[SimulatedCounter, ...]
    seed: int
    rate: float
    always_open: bool

    def happenings(self, counter: SimulatedCounter, begin: datetime) -> Iterator[Happening]:
        """Yield what happens at `counter` from the local time `begin` on, for ever."""
        day = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        with_past = self.rate == 1.0
        while True:
            for happening in day_at_counter(
                counter,
                day,
                seed=self.seed,
                always_open=self.always_open,
                watch_from=max(day, begin - _WATCH_BACK if with_past else begin),
            ):
                if with_past or happening.at >= begin:
                    yield happening
            day += _DAY


class Publisher:
    """The simulated province on a broker; `run` returns when `stopping` is set."""

    def __init__(self, simulation: Simulation, broker: BrokerAddress, *, now: datetime) -> None:
        begin = now.astimezone(LOCAL)
        self._simulation = simulation
        self._clock = Clock(start=begin, rate=simulation.rate)
        self._sockets = Sockets()
        self._devices = [
            Device(counter.address, broker, started_at=now) for counter in simulation.counters
        ]
        self._authors = [
            Author(device=counter.address.device, seed=simulation.seed, clock=self._clock)
            for counter in simulation.counters
        ]
        self._due = heapq.merge(
            *(
                _numbered(index, simulation.happenings(counter, begin))
                for index, counter in enumerate(simulation.counters)
            ),
            key=lambda entry: entry[:2],
        )
        self._next = next(self._due, None)
        self._next_housekeeping_s = 0.0
        self._next_report_s = 0.0
        self._published = 0

    def run(self, stopping: Event) -> None:
        """Publish until `stopping` is set, then take leave of the broker."""
        while not stopping.is_set():
            now = datetime.now(UTC)
            self._collect(self._clock.simulated(now))
            self._sockets.serve(_TICK_S)
            self._keep_house(time.monotonic(), self._clock.simulated(now))
        self._leave()

    def _collect(self, simulated_now: datetime) -> None:
        """Hand each device what has happened at its counter up to now."""
        while self._next is not None and self._next[0] <= simulated_now:
            _, index, happening = self._next
            device = self._devices[index]
            message = msgspec.structs.replace(
                self._authors[index].message(happening), seq=device.next_seq()
            )
            topic = device.address.topic(STREAM_OF[type(message)])
            device.add(Parcel(id=message.id, topic=topic, payload=encode(message)))
            self._published += 1
            self._next = next(self._due, None)

    def _keep_house(self, now_s: float, simulated_now: datetime) -> None:
        for device in self._devices:
            device.publish_due(now_s)
        if now_s < self._next_housekeeping_s:
            return
        self._next_housekeeping_s = now_s + _HOUSEKEEPING_S
        connects_left = _CONNECTS_A_TICK
        for device, counter in zip(self._devices, self._simulation.counters, strict=True):
            if self._is_out(counter, simulated_now):
                device.break_off()
            elif connects_left and device.wants_connection(now_s):
                connects_left -= 1
                self._connect(device, now_s)
            elif device.client:
                device.client.loop_misc()
        self._report(now_s)

    def _is_out(self, counter: SimulatedCounter, simulated_now: datetime) -> bool:
        day = simulated_now.replace(hour=0, minute=0, second=0, microsecond=0)
        outages = outages_of(counter, day, seed=self._simulation.seed)
        return any(outage.begins_at <= simulated_now < outage.ends_at for outage in outages)

    def _connect(self, device: Device, now_s: float) -> None:
        client = device.connect(now_s)
        if client is not None:
            self._sockets.add(client)

    def _report(self, now_s: float) -> None:
        if now_s < self._next_report_s:
            return
        self._next_report_s = now_s + _REPORT_S
        log.info(
            "simulation",
            devices=len(self._devices),
            connected=sum(device.client is not None for device in self._devices),
            happened=self._published,
            acknowledged=sum(device.acknowledged for device in self._devices),
            waiting=sum(len(device.store) for device in self._devices),
            resent=sum(device.store.resent for device in self._devices),
            dropped=sum(device.store.dropped for device in self._devices),
        )

    def _leave(self) -> None:
        for device in self._devices:
            device.leave()
        deadline_s = time.monotonic() + _LEAVE_S
        while time.monotonic() < deadline_s and any(device.client for device in self._devices):
            self._sockets.serve(_TICK_S)
        self._sockets.close()


def _numbered(
    index: int, happenings: Iterator[Happening]
) -> Iterator[tuple[datetime, int, Happening]]:
    for happening in happenings:
        yield happening.at, index, happening
