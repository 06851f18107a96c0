"""The one time zone of days, months and clocks: Viet Nam's."""

from __future__ import annotations

from datetime import timedelta, timezone

LOCAL_TIME = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""UTC+7 the whole year: Viet Nam has no daylight saving time, so no time zone data are needed."""
