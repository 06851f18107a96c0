"""What a NOTIFY of a change says: which units it touches."""

from __future__ import annotations

from collections.abc import Collection

CHANNEL = "motcua_change"
_LONGEST_PAYLOAD = 7_900
"""PostgreSQL takes fewer than 8,000 bytes."""


def change_payload(units: Collection[str]) -> str:
    """Return the payload that names `units`; empty, which means any unit, if it were too long."""
    payload = ",".join(sorted(units))
    return payload if len(payload) <= _LONGEST_PAYLOAD else ""


def changed_units(payload: str) -> frozenset[str] | None:
    """Return the units that a payload names, None for any unit."""
    return frozenset(payload.split(",")) if payload else None
