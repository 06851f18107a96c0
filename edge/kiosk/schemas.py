"""The bodies of the kiosk's requests and responses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import UUID7, BaseModel, ConfigDict, Field

from contract.messages import RatingReason
from edge.sections import Name


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RatingIn(_Body):
    """One tap. The page makes `id` (UUIDv7): a second tap or a retry with it counts once."""

    id: UUID7
    score: Annotated[int, Field(strict=True, ge=1, le=5)]
    language: Literal["vi", "en"] = "vi"
    counter: Name | None = None


class ReasonsIn(_Body):
    """Why a citizen was not satisfied, chosen after the tap."""

    reasons: Annotated[frozenset[RatingReason], Field(min_length=1)]
    language: Literal["vi", "en"] = "vi"


class Stored(_Body):
    """A rating or amendment that is on disk."""

    id: UUID
    observed_at: datetime


class PendingPrompt(_Body):
    """The server's request to ask for a rating now, until it expires."""

    id: UUID
    expires_at: datetime


class ShownWait(_Body):
    """Between how many minutes somebody who comes now will probably wait."""

    low_min: int
    high_min: int


class PageState(_Body):
    """The state that the page shows. `connected` is None while the relay has not reported.

    `build` changes when the page's own files have changed: an open page then loads itself again.
    """

    language: Literal["vi", "en"]
    reset_s: float
    notice: str | None
    prompt: PendingPrompt | None
    connected: bool | None
    expected_wait: ShownWait | None
    build: str
