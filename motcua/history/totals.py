"""A day's events as hourly totals: the rows that ingest would have stored for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from motcua.history.days import DayEvents
from motcua.history.places import HistoricProvince
from server.facts.expressions import ANONYMITY_FLOOR
from server.facts.histograms import GAMMA

_OPEN_HOURS = (7, 8, 9, 10, 11, 13, 14, 15, 16)
_LOCAL = "+07"

Row = tuple[object, ...]
"""The values of a row in the order of its table's columns; each is written as its text."""

NULL = r"\N"
"""What COPY reads as no value."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "visit_hourly": ("unit", "counter", "hour", "officer", "family", "visits", "newest"),
    "service_time_hourly": (
        "unit", "counter", "hour", "officer", "family", "bin", "visits", "newest",
    ),
    "wait_hourly": (
        "unit", "counter", "hour", "officer", "family", "bin", "served", "within_15",
        "within_30", "abandoned", "newest",
    ),
    "rating_hourly": (
        "unit", "counter", "hour", "officer", "family", "score_1", "score_2", "score_3",
        "score_4", "score_5", "newest",
    ),
    "prompt_hourly": (
        "unit", "counter", "hour", "officer", "family", "shown", "answered", "skipped",
        "timed_out", "newest",
    ),
    "presence_hourly": ("unit", "counter", "hour", "last_seen", "last_counted"),
    "expression_daily": (
        "unit", "day", "seen", "visits", "negative", "neutral", "positive", "positive_squared",
        "newest",
    ),
}  # fmt: skip
"""The tables of totals and the columns in which their rows are given."""

_CLOCK = [f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}" for s in range(24 * 3600)]
"""The seconds of a day as texts: written out once, not sixteen million times."""

CALL_AHEAD_S = 2.0
"""Between the call of a ticket and the beginning of its service."""

RATING_DELAY_S = 6.0
"""Between the end of a visit and the tap; the next ticket is called later."""


def log_bin(seconds: np.ndarray) -> np.ndarray:
    """Return the bins that the database's function of this name gives."""
    bins: np.ndarray = np.ceil(np.log(np.maximum(seconds, 1)) / np.log(GAMMA))
    return bins.astype(int)


class Totals:
    """Turns days into rows of totals; names are looked up once.

    A year of a province has sixteen million: whole columns are made at a time.
    """

    def __init__(self, place: HistoricProvince) -> None:
        self._units = [unit.id for unit in place.units]
        self._counters = place.counters
        self._places = [(self._units[unit], name) for unit, name in place.counters]
        self._officers = [code for _, code in place.officers]
        # The last one is that of none, which has the index -1.
        self._families = [*(family.id for family in place.families), ""]

    def rows(self, events: DayEvents) -> dict[str, list[Row]]:
        """Return the rows of each table of COLUMNS."""
        happened = events.served & events.seen
        return {
            "visit_hourly": list(self._visits(events, happened)),
            "service_time_hourly": list(self._service_times(events, happened)),
            "wait_hourly": list(self._waits(events)),
            "rating_hourly": list(self._ratings(events)),
            "prompt_hourly": list(self._prompts(events)),
            "presence_hourly": list(self._presence(events)),
            "expression_daily": list(self._expressions(events, happened)),
        }

    def _visits(self, events: DayEvents, chosen: np.ndarray) -> Iterator[Row]:
        at = events.ended_s[chosen]
        yield from self._grouped(events, chosen, at, {"visits": np.ones(at.size, int)})

    def _service_times(self, events: DayEvents, chosen: np.ndarray) -> Iterator[Row]:
        at = events.ended_s[chosen]
        bins = log_bin(np.round(at - events.begun_s[chosen], 1))
        yield from self._grouped(events, chosen, at, {"visits": np.ones(at.size, int)}, bins)

    def _waits(self, events: DayEvents) -> Iterator[Row]:
        chosen = events.seen
        at, served = events.begun_s[chosen], events.served[chosen]
        wait_s = np.round(at - events.arrived_s[chosen], 1)
        sums = {
            "served": served.astype(int),
            "within_15": (served & (wait_s <= 900)).astype(int),
            "within_30": (served & (wait_s <= 1800)).astype(int),
            "abandoned": (~served).astype(int),
        }
        # Whoever left is counted with what was served at that moment, as ingest does.
        family = np.where(
            served, events.family[chosen], family_at(events, events.counter[chosen], at)
        )
        keys = (events.counter[chosen], events.officer[chosen], family)
        yield from self._rows(events.day, keys, at, sums, log_bin(wait_s))

    def _ratings(self, events: DayEvents) -> Iterator[Row]:
        chosen = events.score > 0
        counter = np.concatenate([events.counter[chosen], events.stuffed_counter])
        at = np.concatenate([events.ended_s[chosen] + RATING_DELAY_S, events.stuffed_s])
        score = np.concatenate([events.score[chosen], np.full(events.stuffed_s.size, 5)])
        last = _last_at(events, events.stuffed_counter)
        officer = np.concatenate([events.officer[chosen], events.officer[last]])
        nobody = family_at(events, events.stuffed_counter, events.stuffed_s)
        family = np.concatenate([events.family[chosen], nobody])
        sums = {f"score_{level}": (score == level).astype(int) for level in range(1, 6)}
        yield from self._rows(events.day, (counter, officer, family), at, sums)

    def _prompts(self, events: DayEvents) -> Iterator[Row]:
        chosen = events.prompt > 0
        prompt, at = events.prompt[chosen], events.ended_s[chosen] + RATING_DELAY_S
        sums = {
            "shown": (prompt < 3).astype(int),
            "answered": (prompt == 1).astype(int),
            "skipped": (prompt == 3).astype(int),
            "timed_out": (prompt == 2).astype(int),
        }
        yield from self._grouped(events, chosen, at, sums)

    def _presence(self, events: DayEvents) -> Iterator[Row]:
        watched = set(np.unique(events.counter[events.seen]).tolist())
        for counter, (unit, name) in enumerate(self._counters):
            for hour in _OPEN_HOURS if events.unit.size else ():
                last = f"{events.day} {hour}:59:55{_LOCAL}"
                counted = last if counter in watched else NULL
                yield self._units[unit], name, _hour(events.day, hour), last, counted

    def _expressions(self, events: DayEvents, chosen: np.ndarray) -> Iterator[Row]:
        order = np.lexsort((events.ended_s[chosen], events.unit[chosen]))
        unit, at = events.unit[chosen][order], events.ended_s[chosen][order]
        positive, negative = events.positive[chosen][order], events.negative[chosen][order]
        units, first, count = np.unique(unit, return_index=True, return_counts=True)
        for index, start, seen in zip(units.tolist(), first.tolist(), count.tolist(), strict=True):
            told = seen - seen % ANONYMITY_FLOOR
            part = slice(start, start + told)
            squares = (positive[part] ** 2).sum()
            last = times_of(events.day, at[start + told - 1 : start + told])[0] if told else NULL
            yield (
                self._units[index], events.day, seen, told, f"{negative[part].sum():.6f}",
                f"{(1 - positive[part] - negative[part]).sum():.6f}", f"{positive[part].sum():.6f}",
                f"{squares:.8f}", last,
            )  # fmt: skip

    def _grouped(
        self,
        events: DayEvents,
        chosen: np.ndarray,
        at: np.ndarray,
        sums: Mapping[str, np.ndarray],
        bins: np.ndarray | None = None,
    ) -> Iterator[Row]:
        keys = (events.counter[chosen], events.officer[chosen], events.family[chosen])
        yield from self._rows(events.day, keys, at, sums, bins)

    def _rows(
        self,
        day: date,
        keys: Sequence[np.ndarray],
        at: np.ndarray,
        sums: Mapping[str, np.ndarray],
        bins: np.ndarray | None = None,
    ) -> Iterator[Row]:
        """Yield one row a counter, hour, officer, family and bin."""
        counter, officer, family = keys
        columns = [counter, (at // 3600).astype(int), officer, family]
        columns += [] if bins is None else [bins]
        groups, inverse = np.unique(np.stack(columns), axis=1, return_inverse=True)
        newest = np.full(groups.shape[1], -np.inf)
        np.maximum.at(newest, inverse, at)
        totals = [
            np.bincount(inverse, weights=each, minlength=newest.size).astype(int).tolist()
            for each in sums.values()
        ]
        of, hours, by, of_family, *more = groups.tolist()
        hour_names = {hour: _hour(day, hour) for hour in range(24)}
        yield from zip(
            [self._places[index][0] for index in of],
            [self._places[index][1] for index in of],
            [hour_names[hour] for hour in hours],
            [self._officers[index] for index in by],
            [self._families[index] for index in of_family],
            *more,
            *totals,
            times_of(day, newest),
            strict=True,
        )


def called_s(events: DayEvents) -> np.ndarray:
    """Return when each ticket was called: shortly before service, never before it was issued."""
    called: np.ndarray = np.maximum(events.arrived_s, events.begun_s - CALL_AHEAD_S)
    return called


def family_at(events: DayEvents, counter: np.ndarray, at_s: np.ndarray) -> np.ndarray:
    """Return the family of the ticket last called there within two hours before, or -1."""
    day_s = 100_000.0
    served = np.flatnonzero(events.served)
    keys = events.counter[served] * day_s + called_s(events)[served]
    order = np.argsort(keys, kind="stable")
    place = np.searchsorted(keys[order], counter * day_s + at_s, side="right") - 1
    found = served[order[np.maximum(place, 0)]]
    since = at_s - called_s(events)[found]
    there = (place >= 0) & (events.counter[found] == counter) & (since < 7200)
    return np.where(there, events.family[found], -1)


def _last_at(events: DayEvents, counters: np.ndarray) -> np.ndarray:
    """Return for each counter the index of somebody who was there: the officer is the same."""
    return np.array([np.flatnonzero(events.counter == each)[-1] for each in counters], int)


def times_of(day: date, seconds: np.ndarray) -> list[str]:
    """Return these moments of the day, to a tenth of a second, as PostgreSQL reads them."""
    whole, tenths = np.divmod(np.round(seconds * 10).astype(int), 10)
    named = str(day)
    return [
        f"{named} {_CLOCK[second]}.{tenth}{_LOCAL}"
        for second, tenth in zip(whole.tolist(), tenths.tolist(), strict=True)
    ]


def _hour(day: date, hour: int) -> str:
    return f"{day} {hour}:00{_LOCAL}"
