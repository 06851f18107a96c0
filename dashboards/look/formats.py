"""Numbers, durations and times as Vietnamese readers write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contract.local_time import LOCAL_TIME
from dashboards.look.texts import Bilingual, say, tell

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SWAP = str.maketrans(",.-", ".,−")
_MINUTE_S = 60
_HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A figure and the unit that stands, smaller, behind it."""

    figure: str
    unit: str = ""

    def __str__(self) -> str:
        """Figure and unit as running text."""
        return f"{self.figure}{'' if self.unit in ('', '%') else ' '}{self.unit}"


def number(value: float, digits: int = 0) -> str:
    """Return `value` with `digits` decimals: 1234.56, 1 gives "1.234,6", and -1 "−1"."""
    return f"{value:,.{digits}f}".translate(_SWAP)


def share(value: float) -> Quantity:
    """Return a share of 0..1 in per cent; only all is 100, only none is 0."""
    if value <= 0.0 or value >= 1.0:
        return Quantity(figure=number(100 * value), unit="%")
    return Quantity(figure=number(min(max(100 * value, 0.1), 99.9), 1), unit="%")


def share_range(low: float, high: float) -> str:
    """Return an interval of shares: 0.61, 0.7 gives "61,0–70,0%"."""
    return f"{share(low).figure}–{share(high)}"


def rank_range(low: int, high: int) -> str:
    """Return a range of ranks: 3, 7 gives "3–7"; 4, 4 gives "4"."""
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def duration(seconds: float, *, like_s: float | None = None) -> Quantity:
    """Return a duration in the unit that people would say: giây, phút (one decimal) or giờ.

    With `like_s` it is the unit of that duration, so that an interval reads like its middle.
    """
    scale_s = seconds if like_s is None else like_s
    if scale_s < _MINUTE_S:
        return Quantity(figure=number(seconds), unit=tell("measured_in.seconds"))
    if scale_s < _HOUR_S:
        return Quantity(figure=number(seconds / _MINUTE_S, 1), unit=tell("measured_in.minutes"))
    return Quantity(figure=number(seconds / _HOUR_S, 1), unit=tell("measured_in.hours"))


def working_days(days: float) -> Quantity:
    """Return working days with one decimal."""
    return Quantity(figure=number(days, 1), unit=tell("measured_in.working_days"))


def index(value: float) -> Quantity:
    """Return a number without a unit with two decimals."""
    return Quantity(figure=number(value, 2))


def clock(at: datetime) -> str:
    """Return the local time of day to the second: "14:03:22"."""
    return at.astimezone(LOCAL_TIME).strftime("%H:%M:%S")


def date(at: datetime) -> Bilingual:
    """Return the local date: "Thứ Sáu, 16/10/2026", in English with the weekday's English name."""
    local = at.astimezone(LOCAL_TIME)
    named = weekday(local.isoweekday())
    written = f"{local:%d/%m/%Y}"
    return Bilingual(vi=f"{named.vi}, {written}", en=f"{named.en}, {written}")


def weekday(number: int) -> Bilingual:
    """Return the name of a weekday; 1 is Monday."""
    return say(f"weekday.{_WEEKDAYS[number - 1]}")


def date_time(at: datetime) -> str:
    """Return local date and time to the second: "16/10/2026 14:03:22"."""
    return at.astimezone(LOCAL_TIME).strftime("%d/%m/%Y %H:%M:%S")


def epoch_ms(at: datetime) -> int:
    """Return milliseconds since 1970, the form in which browsers compute ages."""
    return round(at.timestamp() * 1000)


def iso_day(written: str) -> str:
    """Return a day that was entered as 29/11/2026 as 2026-11-29; any other text as it is."""
    try:
        return datetime.strptime(written, "%d/%m/%Y").date().isoformat()  # noqa: DTZ007 - a day
    except ValueError:
        return written
