"""Keeps tests of today's figures clear of midnight, when today becomes yesterday."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from contract.local_time import LOCAL_TIME

MARGIN_S = 60.0


def await_day_with(margin_s: float = MARGIN_S) -> None:
    """Return once `margin_s` of today are left: at once, or right after the midnight to come."""
    now = datetime.now(LOCAL_TIME)
    if left_s(now) < margin_s:
        time.sleep(left_s(now) + 1)


def left_s(now: datetime) -> float:
    """Return the seconds from `now` to midnight in Viet Nam."""
    tomorrow = (now.astimezone(LOCAL_TIME) + timedelta(days=1)).date()
    midnight = datetime.combine(tomorrow, datetime.min.time(), LOCAL_TIME)
    return (midnight - now.astimezone(UTC)).total_seconds()
