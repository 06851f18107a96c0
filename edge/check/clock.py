"""Whether the device's clock can be trusted: a Raspberry Pi has no battery for one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import edge
from edge.check.findings import Finding, fail, ok, warn
from edge.time_sync import is_synchronised

_ADVICE = "connect the network, or enable it: timedatectl set-ntp true"


def check_clock(now: datetime) -> Finding:
    """Return whether `now` can be true and whether the system keeps it by NTP.

    A clock that is earlier than the installed software is certainly wrong: its messages would be
    refused as too old, or counted on another day.
    """
    installed_at = datetime.fromtimestamp(Path(str(edge.__file__)).stat().st_mtime, tz=UTC)
    shown = f"{now:%Y-%m-%d %H:%M} UTC"
    if now < installed_at:
        return fail(
            "clock", f"{shown} is before the software was installed ({installed_at:%F})", _ADVICE
        )
    match is_synchronised():
        case True:
            return ok("clock", f"{shown}, kept by NTP")
        case False:
            return warn("clock", f"{shown}, not kept by NTP", _ADVICE)
        case None:
            return warn(
                "clock",
                f"{shown}; whether NTP keeps it is not known: no kernel and no timedatectl says so",
                "compare it with another clock",
            )
