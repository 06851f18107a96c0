"""Which units need help, why, since when and who is told: what their open alerts say. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from dashboards.api.alerts import Alert
from dashboards.push.choice import PROVINCE


class Gravity(IntEnum):
    """How soon somebody has to act; the text `gravity.<name>` says it."""

    WATCH = 1
    ACT = 2
    CRITICAL = 3


_GRAVITY = {"critical": Gravity.CRITICAL, "serious": Gravity.ACT, "notice": Gravity.WATCH}
_PUT_OFF = "snoozed"
_NOBODY = "raised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Why a place needs help since when: its gravest alert, and how many others it has."""

    scope: str
    alert: Alert
    others: int = 0

    @property
    def gravity(self) -> Gravity:
        """How soon somebody has to act; a severity that this release does not know is watched."""
        return _GRAVITY.get(self.alert.severity, Gravity.WATCH)

    @property
    def since(self) -> datetime:
        """When the alert was raised."""
        return self.alert.raised_at

    @property
    def pins(self) -> bool:
        """Whether walls stay with it: it is critical, and nobody has taken it yet."""
        return self.gravity is Gravity.CRITICAL and self.alert.state == _NOBODY


def needs_of(alerts: Sequence[Alert]) -> tuple[Need, ...]:
    """Return one need for each place with open alerts, the gravest first, then the oldest.

    What somebody has put off needs nobody until it wakes.
    """
    by_scope: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        if alert.state != _PUT_OFF:
            by_scope[PROVINCE if alert.unit is None else f"subtree:{alert.unit}"].append(alert)
    found = [
        max(
            (Need(scope=scope, alert=alert, others=len(own) - 1) for alert in own),
            key=lambda need: (need.pins, need.gravity, -need.since.timestamp()),
        )
        for scope, own in by_scope.items()
    ]
    return tuple(
        sorted(found, key=lambda need: (not need.pins, -need.gravity, need.since, need.scope))
    )
