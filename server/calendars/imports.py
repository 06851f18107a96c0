"""The table of calendars: a row for each weekday or day, and how it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from server.calendars.hours import parse_hours, write_hours
from server.calendars.store import RuleRecord, store_rules
from server.tabular import cells
from server.tabular.cells import Value, fold, written
from server.tabular.days import day
from server.tabular.imports import Kind
from server.tabular.records import Column, Record
from server.tabular.refusals import Refusal, refuse

ROOM = "server.calendars"

_WEEKDAYS: Mapping[str, int] = MappingProxyType(
    {
        fold(name): number
        for names in (
            ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
            ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật"),
            ("t2", "t3", "t4", "t5", "t6", "t7", "cn"),
        )
        for number, name in enumerate(names)
    }
)
_OFF = frozenset(map(fold, ("off", "nghỉ", "closed", "0")))


def _day_or_weekday(value: Value) -> date | int | Refusal:
    if isinstance(value, str) and (weekday := _WEEKDAYS.get(fold(value))) is not None:
        return weekday
    found = day(value)
    if isinstance(found, Refusal):
        return refuse("not_a_day_or_weekday", room=ROOM)
    return found


def _hours(value: Value) -> str | Refusal:
    text = written(value)
    if fold(text) in _OFF:
        return ""
    try:
        return write_hours(parse_hours(text))
    except ValueError:
        return refuse("not_hours", room=ROOM)


def _rule(*, calendar: str, day: date | int, hours: str, note: str | None = None) -> RuleRecord:
    return RuleRecord(
        calendar=calendar,
        weekday=day if isinstance(day, int) else None,
        day=None if isinstance(day, int) else day,
        hours=hours,
        note=note or "",
    )


CALENDARS = Kind(
    record=Record(
        kind="calendars",
        room=ROOM,
        columns=(
            Column(name="calendar", parse=cells.name, required=True, example="default"),
            Column(name="day", parse=_day_or_weekday, required=True, example="02/01/2026"),
            Column(name="hours", parse=_hours, required=True, example="07:30-11:30 13:30-17:00"),
            Column(name="note", parse=cells.text(), example="Hoán đổi ngày 10/01/2026"),
        ),
        make=_rule,
        key=("calendar", "weekday", "day"),
    ),
    store=store_rules,
)
