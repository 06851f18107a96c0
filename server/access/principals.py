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


ANYONE = Principal(name="anyone", rights=frozenset(Right))
"""Whoever reaches the port: until accounts exist, everybody may read everything."""


def principal_of(_connection: HTTPConnection) -> Principal:
    """Return who asks on this connection."""
    return ANYONE
