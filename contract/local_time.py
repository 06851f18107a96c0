"""The one time zone of days, months and clocks: Viet Nam's."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

LOCAL_TIME = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""UTC+7 the whole year: Viet Nam has no daylight saving time, so no time zone data are needed."""


def instant(at: datetime | None) -> datetime | None:
    """Return a time as an instant: one that names no offset is local."""
    return None if at is None else at.replace(tzinfo=at.tzinfo or LOCAL_TIME)
