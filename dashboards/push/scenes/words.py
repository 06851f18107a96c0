"""Why a unit needs help, in words."""

from __future__ import annotations

from datetime import datetime

from contract.local_time import LOCAL_TIME
from dashboards.look import formats
from dashboards.look.texts import tell
from dashboards.push.needs import Cause, Need

_MINUTE_S = 60.0


def cause_in_words(need: Need) -> str:
    """Return the cause with its figures as they are written."""
    return tell(f"need.{need.cause}", **_written(need))


def since_in_words(since: datetime, now: datetime) -> str:
    """Return since when, and for how many minutes or hours."""
    local = since.astimezone(LOCAL_TIME)
    minutes = int((now - since).total_seconds() // _MINUTE_S)
    if minutes < 1:
        return tell("need.just_now", clock=f"{local:%H:%M}")
    hours, rest = divmod(minutes, 60)
    lasted = tell("age.minutes", minutes=minutes)
    if hours:
        lasted = tell("age.hours", hours=hours, minutes=f"{rest:02}")
    return tell("need.since", clock=f"{local:%H:%M}", lasted=lasted)


def _written(need: Need) -> dict[str, str]:
    return {name: _write(need.cause, name, value) for name, value in need.figures.items()}


def _write(cause: Cause, name: str, value: float) -> str:
    if name == "wait_s":
        return str(formats.duration(value))
    if cause is Cause.SATISFACTION_FELL:
        return str(formats.share(value))
    return formats.number(value, 1 if name == "a_day" else 0)
