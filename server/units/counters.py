"""Counters as the administration gives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from server.tabular.records import Entry
from server.tabular.refusals import Refusal, refuse
from server.units.records import ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRecord:
    """One counter of a unit, valid from `valid_from` until the day before `valid_to`.

    None leaves what is stored as it is; for a new counter, days that are None mean always.
    """

    unit: str
    id: str
    name_vi: str | None = None
    name_en: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


CounterEntry = Entry[CounterRecord]


def check_counter(counter: CounterRecord) -> Refusal | None:
    """Return what is wrong with a counter that can be seen without any other."""
    if counter.valid_from and counter.valid_to and counter.valid_from >= counter.valid_to:
        return refuse("ends_before", room=ROOM, column="valid_to", first=counter.valid_from)
    return None
