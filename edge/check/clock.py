"""Whether the device's clock can be trusted: a Raspberry Pi has no battery for one."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import edge
from edge.check.findings import Finding, fail, ok, warn

_TIMEDATECTL = ("timedatectl", "show", "--property=NTPSynchronized", "--value")
_ANSWERS_WITHIN_S = 5.0
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
    match _synchronised():
        case True:
            return ok("clock", f"{shown}, kept by NTP")
        case False:
            return warn("clock", f"{shown}, not kept by NTP", _ADVICE)
        case None:
            return warn(
                "clock",
                f"{shown}; whether NTP keeps it is not known here (timedatectl does not answer)",
                "compare it with another clock",
            )


def _synchronised() -> bool | None:
    try:
        answer = subprocess.run(
            _TIMEDATECTL, capture_output=True, text=True, timeout=_ANSWERS_WITHIN_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"yes": True, "no": False}.get(answer.stdout.strip())
