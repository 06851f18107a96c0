"""Who asks: a value that every route and stream is given."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from server.access.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody, or something, that asks; `rights` is what they may do."""

    name: str
    rights: frozenset[Right]

    def may(self, right: Right) -> bool:
        """Return whether this principal has `right`."""
        return right in self.rights


_CHANGING = {Right.MANAGE_DEVICES, Right.MANAGE_UNITS}

ANYONE = Principal(name="anyone", rights=frozenset(set(Right) - _CHANGING))
"""Whoever reaches the port: without accounts everybody may read everything, and change nothing."""


def principal_of(_connection: HTTPConnection) -> Principal:
    """Return who asks on this connection."""
    return ANYONE
