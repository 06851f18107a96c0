"""What requests about schemes have in common: entries, and the schemes that the API knows."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Annotated, cast

from fastapi import Depends, Request
from pydantic import BaseModel, Field

from server.access.sessions import ReadSession
from server.schemes.library import Schemes
from server.schemes.versions import known_schemes


class EntryRequest(BaseModel):
    """Points or counts of one criterion; without either, what was entered is withdrawn."""

    term: str = Field(max_length=100)
    evidence: str = Field(min_length=1, max_length=2000)
    points: Decimal | None = Field(default=None, ge=0, max_digits=12, decimal_places=4)
    numerator: Decimal | None = Field(default=None, ge=0, max_digits=14, decimal_places=2)
    denominator: Decimal | None = Field(default=None, ge=0, max_digits=14, decimal_places=2)


def shipped_schemes(request: Request) -> Schemes:
    """Return the schemes that the application was started with."""
    return cast("Schemes", request.app.state.schemes)


Shipped = Annotated[Schemes, Depends(shipped_schemes)]
"""The parameter of a route that adds to the schemes of files."""


async def schemes_of(shipped: Shipped, session: ReadSession) -> Schemes:
    """Return the schemes that the application was started with and those that were added."""
    return await session.run(partial(known_schemes, shipped=shipped))


Known = Annotated[Schemes, Depends(schemes_of)]
"""The parameter of a route that needs the schemes."""
