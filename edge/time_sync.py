"""Whether the system keeps this device's clock by a time server."""

from __future__ import annotations

import ctypes
import subprocess
from functools import lru_cache
from time import monotonic

_TIMEX_BYTES = 512
"""More than the kernel's struct timex has on any machine; zeros ask for nothing to be changed."""

_UNSYNCHRONISED = 5
"""TIME_ERROR of adjtimex(2): nobody has set the clock within the last hours."""

_TIMEDATECTL = ("timedatectl", "show", "--property=NTPSynchronized", "--value")
_ANSWERS_WITHIN_S = 2.0


_ASKED_EVERY_S = 60.0
"""Asking systemd starts two programs."""


def is_synchronised() -> bool | None:
    """Return what the kernel says of its clock, else systemd; None where neither knows."""
    state = _kernel_state()
    if state is None:
        return _systemd_says(int(monotonic() // _ASKED_EVERY_S))
    return state != _UNSYNCHRONISED


def _kernel_state() -> int | None:
    try:
        state = int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    except (OSError, AttributeError, TypeError):  # not Linux
        return None
    return None if state < 0 else state  # forbidden in some containers


@lru_cache(maxsize=1)
def _systemd_says(_minute: int) -> bool | None:
    try:
        answer = subprocess.run(
            _TIMEDATECTL, capture_output=True, text=True, timeout=_ANSWERS_WITHIN_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"yes": True, "no": False}.get(answer.stdout.strip())
