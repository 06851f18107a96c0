"""A day's events as the rows of messages that ingest would have stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

import numpy as np

from motcua.history.days import DayEvents
from motcua.history.places import HistoricProvince
from motcua.history.totals import RATING_DELAY_S, Row, called_s

_LOCAL = "+07"

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "visit": (
        "id", "observed_at", "unit", "counter", "device", "seq", "started_at", "service_s",
        "wait_s", "faces", "readings", "negative", "neutral", "positive",
        "expression_change", "complete", "received_at",
    ),
    "wait": (
        "id", "observed_at", "unit", "counter", "device", "seq", "started_at", "wait_s",
        "outcome", "received_at",
    ),
    "rating": (
        "id", "observed_at", "unit", "counter", "device", "seq", "score", "source", "language",
        "received_at",
    ),
    "prompt": (
        "id", "observed_at", "unit", "counter", "device", "seq", "prompt", "event", "opened_by",
        "received_at",
    ),
    "ticket": (
        "id", "observed_at", "unit", "counter", "device", "seq", "number", "event", "service",
        "received_at",
    ),
}  # fmt: skip
"""The tables of messages and the columns in which their rows are given."""

_STEPS = {1: ("shown", "answered"), 2: ("shown", "timed_out"), 3: ("skipped",)}


class RawRows:
    """Turns days into rows of messages; identifiers are drawn from the day."""

    def __init__(self, place: HistoricProvince, seed: int) -> None:
        self._units = [unit.id for unit in place.units]
        self._counters = place.counters
        self._families = [family.id for family in place.families]
        self._seed = seed

    def rows(self, events: DayEvents) -> dict[str, list[Row]]:
        """Return the rows of each table of COLUMNS."""
        ids = _ids(self._seed, events.day)
        return {
            "visit": list(self._visits(events, ids)),
            "wait": list(self._waits(events, ids)),
            "rating": list(self._ratings(events, ids)),
            "prompt": list(self._prompts(events, ids)),
            "ticket": list(self._tickets(events, ids)),
        }

    def _envelope(self, counter: int, at: str, ids: Iterator[UUID]) -> Row:
        unit, name = self._counters[counter]
        return next(ids), at, self._units[unit], name, "lich-su", 0

    def _visits(self, events: DayEvents, ids: Iterator[UUID]) -> Iterator[Row]:
        for index in np.flatnonzero(events.served & events.seen).tolist():
            begun, ended = events.begun_s[index], events.ended_s[index]
            at = _time(events.day, ended)
            positive, negative = float(events.positive[index]), float(events.negative[index])
            neutral = round(1 - positive - negative, 4)
            # Who comes is neither glad nor sad yet, and is seen halfway on average.
            change = round((positive - negative) / 2, 4)
            wait_s = round(float(begun - events.arrived_s[index]), 1)
            yield (
                *self._envelope(int(events.counter[index]), at, ids), _time(events.day, begun),
                round(float(ended - begun), 1), wait_s, 1, 100, negative, neutral, positive,
                change, True, at,
            )  # fmt: skip

    def _waits(self, events: DayEvents, ids: Iterator[UUID]) -> Iterator[Row]:
        for index in np.flatnonzero(events.seen).tolist():
            arrived, begun = events.arrived_s[index], events.begun_s[index]
            at = _time(events.day, begun)
            outcome = "served" if events.served[index] else "left"
            yield (
                *self._envelope(int(events.counter[index]), at, ids), _time(events.day, arrived),
                round(float(begun - arrived), 1), outcome, at,
            )  # fmt: skip

    def _ratings(self, events: DayEvents, ids: Iterator[UUID]) -> Iterator[Row]:
        for index in np.flatnonzero(events.score > 0).tolist():
            at = _time(events.day, events.ended_s[index] + RATING_DELAY_S)
            envelope = self._envelope(int(events.counter[index]), at, ids)
            yield (*envelope, int(events.score[index]), "kiosk", "vi", at)
        for counter, second in zip(
            events.stuffed_counter.tolist(), events.stuffed_s.tolist(), strict=True
        ):
            at = _time(events.day, second)
            yield (*self._envelope(counter, at, ids), 5, "kiosk", "vi", at)

    def _prompts(self, events: DayEvents, ids: Iterator[UUID]) -> Iterator[Row]:
        for index in np.flatnonzero(events.prompt > 0).tolist():
            at = _time(events.day, events.ended_s[index] + RATING_DELAY_S)
            prompt = next(ids)
            for event in _STEPS[int(events.prompt[index])]:
                envelope = self._envelope(int(events.counter[index]), at, ids)
                yield (*envelope, prompt, event, "visit_end", at)

    def _tickets(self, events: DayEvents, ids: Iterator[UUID]) -> Iterator[Row]:
        called = called_s(events)
        for index in range(events.unit.size):
            arrived = events.arrived_s[index]
            steps = (
                [("issued", arrived), ("called", called[index]), ("served", events.ended_s[index])]
                if events.served[index]
                else [("issued", arrived)]
            )
            service = self._families[events.family[index]]
            for event, second in steps:
                at = _time(events.day, second)
                envelope = self._envelope(int(events.counter[index]), at, ids)
                yield (*envelope, f"{index:05}", event, service, at)


def _ids(seed: int, day: date) -> Iterator[UUID]:
    """Yield identifiers of version 7 of the day, the same each time."""
    chance = np.random.default_rng([seed, 4, day.toordinal()])
    first_ms = (day.toordinal() - 719_163) * 86_400_000
    count = 0
    while True:
        for high, low in chance.integers(0, 2**62, size=(4096, 2)).tolist():
            value = (first_ms + count // 4) << 80 | (high & 0xFFF) << 64 | low
            yield UUID(int=value & ~(0xF << 76) | 7 << 76 | 2 << 62)
            count += 1


def _time(day: date, seconds: float) -> str:
    whole, rest = divmod(round(float(seconds) * 10), 10)
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    return f"{day} {hour}:{minute:02}:{second:02}.{rest}{_LOCAL}"
