"""Figures of a moment from what is known of queues and devices then. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from contract.messages import CameraState
from server.alerts.alerts import Figure
from server.facts.outlook import Hall, OutlookTotals
from server.kpi.catalogue import BY_ID
from server.kpi.definition import Moment
from server.periods import NOW

Figures: TypeAlias = dict[str, list[Figure]]
"""By the source that rules name."""

DEVICES = frozenset(
    {"device_silence", "camera_hidden", "clock_offset", "outbox_depth", "device_disk_mb"}
)

_HIDDEN = frozenset(
    {
        CameraState.BLACK,
        CameraState.COVERED,
        CameraState.MOVED,
        CameraState.FROZEN,
        CameraState.OUT_OF_FOCUS,
        CameraState.OVER_EXPOSED,
    }
)
"""States in which a camera that is there does not see what it should; a missing one is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNow:
    """What is known of a device: when it was heard last, and what it said of itself last."""

    unit: str
    counter: str
    device: str
    last_seen: datetime
    health_at: datetime | None = None
    camera: str | None = None
    outbox_depth: int | None = None
    clock_off_s: float | None = None
    disk_free_mb: float | None = None

    def since_s(self, now: datetime) -> float:
        """Return for how long it has not been heard."""
        return max((now - self.last_seen).total_seconds(), 0.0)


def waiting(
    unit: str, totals: OutlookTotals, last_call: datetime | None, now: datetime
) -> list[Figure]:
    """Return how many wait at the counters that were seen just now, of each hall."""
    del last_call
    return [_waiting(unit, hall, now) for hall in totals.halls]


def unserved(
    unit: str, totals: OutlookTotals, last_call: datetime | None, now: datetime
) -> list[Figure]:
    """Return how many wait while nobody is called or served, of each hall: 0 as soon as anybody is.

    A call counts for a minute: so long the called one needs to the counter.
    """
    return [_unserved(unit, hall, last_call, now) for hall in totals.halls]


def expected_wait(
    unit: str, totals: OutlookTotals, last_call: datetime | None, now: datetime
) -> list[Figure]:
    """Return how long who comes now has to wait."""
    del last_call
    kpi = BY_ID["expected_wait"]
    result = kpi.compute(kpi, totals, Moment(now=now, period=NOW))
    return [Figure(unit=unit, value=result.value, n=result.n, at=now)]


QUEUES: Mapping[str, Callable[[str, OutlookTotals, datetime | None, datetime], list[Figure]]] = (
    MappingProxyType(
        {"expected_wait": expected_wait, "people_waiting": waiting, "nobody_served": unserved}
    )
)
"""What gives the figures of a unit's halls, by source; a call's time is the unit's last one."""


def device_figures(seen: DeviceNow, open_s: float | None, now: datetime) -> Mapping[str, Figure]:
    """Return a device's figures by source; `open_s` is for how long its unit has been open."""
    subject, reported = f"{seen.counter}/{seen.device}", seen.health_at or seen.last_seen
    # What was switched off over night is silent from the opening on.
    silent_s = 0.0 if open_s is None else min(seen.since_s(now), open_s)
    told = {
        "device_silence": silent_s,
        "camera_hidden": None if seen.camera is None else float(seen.camera in _HIDDEN),
        "clock_offset": seen.clock_off_s,
        "outbox_depth": None if seen.outbox_depth is None else float(seen.outbox_depth),
        "device_disk_mb": seen.disk_free_mb,
    }
    return {
        name: Figure(
            unit=seen.unit,
            subject=subject,
            value=value,
            n=1,
            at=now if name == "device_silence" else reported,
        )
        for name, value in told.items()
    }


def _waiting(unit: str, hall: Hall, now: datetime) -> Figure:
    seen = [each.queue_length or 0 for each in hall.counters if each.is_fresh(now)]
    watched = any(each.queue_length is not None for each in hall.counters)
    value = float(sum(seen)) if seen and watched else None
    return Figure(unit=unit, value=value, n=len(seen), at=now)


def _unserved(unit: str, hall: Hall, last_call: datetime | None, now: datetime) -> Figure:
    found = _waiting(unit, hall, now)
    if found.value is None:
        return found
    served = any(each.is_busy(now) for each in hall.counters)
    last = [each.last_served_at for each in hall.counters if each.last_served_at is not None]
    attended = [*last, *([] if last_call is None else [last_call])]
    recent = any(abs((now - each).total_seconds()) <= 60 for each in attended)
    return replace(found, value=0.0 if served or recent else found.value)
