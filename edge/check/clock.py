"""Whether the device's clock can be trusted: a Raspberry Pi has no battery for one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import edge
from edge.check.findings import Finding, fail, ok, told, warn
from edge.time_sync import is_synchronised


def check_clock(now: datetime) -> Finding:
    """Return whether `now` can be true and whether the system keeps it by NTP.

    A clock that is earlier than the installed software is certainly wrong: its messages would be
    refused as too old, or counted on another day.
    """
    installed_at = datetime.fromtimestamp(Path(str(edge.__file__)).stat().st_mtime, tz=UTC)
    shown = f"{now:%Y-%m-%d %H:%M} UTC"
    if now < installed_at:
        return fail(
            "clock", told("clock_early", now=shown, installed=f"{installed_at:%F}"), told("set_ntp")
        )
    match is_synchronised():
        case True:
            return ok("clock", told("clock", now=shown))
        case False:
            return warn("clock", told("clock_loose", now=shown), told("set_ntp"))
        case None:
            return warn(
                "clock",
                told("clock_unknown", now=shown),
                told("compare_clock"),
            )
