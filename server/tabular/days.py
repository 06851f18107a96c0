"""Days and times as offices write them: ISO 8601, dd/mm/yyyy, packed digits, Excel's numbers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from contract.local_time import LOCAL_TIME
from server.tabular.cells import Value, written
from server.tabular.refusals import Refusal, refuse

_DAY = (
    r"(?:(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"|(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})"
    r"|(?P<packed>\d{8}))"
)
_TIME = r"(?:[T ,]+(?P<hour>\d{1,2})[:hg](?P<minute>\d\d)?(?::(?P<second>\d\d)(?:[.]\d+)?)?)?"
_INSTANT = re.compile(_DAY + _TIME)
_PACKED_INSTANT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")
_ISO_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ].*(?:Z|[+-]\d\d:?\d\d)")
_SHORT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?!\d).*")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=LOCAL_TIME)
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""What lies outside is a slip of the pen."""
_FIRST_MOMENT = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=LOCAL_TIME)
_AFTER_LAST = datetime(LAST.year, LAST.month, LAST.day, tzinfo=LOCAL_TIME) + timedelta(days=1)


def day(value: Value) -> date | Refusal:
    """Return a day; a number of a sheet is Excel's count of days. Years have four digits."""
    found = instant(value)
    if isinstance(found, Refusal):
        short = found.code == "short_year"
        return found if short else refuse("not_a_day")
    return found.astimezone(LOCAL_TIME).date()


def instant(value: Value) -> datetime | Refusal:
    """Return a time in UTC. Without an offset it is Vietnam's, without a time it is midnight."""
    found = _instant(value)
    if isinstance(found, datetime):
        if not _FIRST_MOMENT <= found < _AFTER_LAST:
            return refuse("not_a_time")
        return found.astimezone(UTC)
    return found


def _instant(value: Value) -> datetime | Refusal:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=LOCAL_TIME)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=LOCAL_TIME)
    text = written(value)
    try:
        return _read(text)
    except (ValueError, OverflowError):
        return refuse("not_a_time")


def _read(text: str) -> datetime | Refusal:
    """Return what `text` says; ValueError where a part is no day or time."""
    # The usual spelling first: no text is written in two of these ways.
    if found := _INSTANT.fullmatch(text):
        return _local(*found.groups())
    if _SERIAL.fullmatch(text):
        days = timedelta(days=float(text.replace(",", ".")))
        return _EXCEL_EPOCH + timedelta(seconds=round(days.total_seconds()))
    if packed := _PACKED_INSTANT.fullmatch(text):
        year, month, day_, hour, minute, second = map(int, packed.groups())
        return datetime(year, month, day_, hour, minute, second, tzinfo=LOCAL_TIME)
    if _ISO_WITH_OFFSET.fullmatch(text):
        return datetime.fromisoformat(text)
    if _SHORT_YEAR.fullmatch(text):
        return refuse("short_year")
    raise ValueError(text)


def _local(
    year: str | None, month: str, day_: str, d: str | None, m: str, y: str, packed: str,
    hour: str | None, minute: str | None, second: str | None,
) -> datetime:  # fmt: skip
    """Return the local time that the groups of `_INSTANT` say; ValueError where there is none."""
    if d is not None:
        year, month, day_ = y, m, d
    elif year is None:
        year, month, day_ = packed[:4], packed[4:6], packed[6:]
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    return datetime(int(year), int(month), int(day_), *clock, tzinfo=LOCAL_TIME)
