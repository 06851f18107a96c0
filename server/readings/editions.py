"""Which edition of a closed period's figures there is: a value, and who tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request
from psycopg import AsyncConnection

from server.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The newest version of a closed period; `digest` is the SHA-256 of its document, as text."""

    period: str
    version: int
    closed_at: datetime
    digest: str


class EditionOf(Protocol):
    """Tells the newest edition of a period; the application composes it."""

    async def __call__(self, connection: AsyncConnection, period: Period) -> Edition | None:
        """Return the newest edition of a closed period, None where it is not closed."""


def _editions_of(request: Request) -> EditionOf:
    return cast("EditionOf", request.app.state.edition_of)


Editions = Annotated[EditionOf, Depends(_editions_of)]
"""The parameter of a route that says of which edition its figures are."""
