"""The bodies of the kiosk's requests and responses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import UUID7, BaseModel, ConfigDict, Field

from contract.messages import PromptOpener, RatingReason
from edge.sections import Name


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RatingIn(_Body):
    """One tap. The page makes `id` (UUIDv7): a second tap or a retry with it counts once.

    `held_s` tells how long something had lain on the screen when the tap came.
    """

    id: UUID7
    score: Annotated[int, Field(strict=True, ge=1, le=5)]
    language: Literal["vi", "en"] = "vi"
    counter: Name | None = None
    held_s: Annotated[float, Field(ge=0, le=86_400)] | None = None


class ReasonsIn(_Body):
    """Why a citizen was not satisfied, chosen after the tap."""

    reasons: Annotated[frozenset[RatingReason], Field(min_length=1)]
    language: Literal["vi", "en"] = "vi"


class AskIn(_Body):
    """A request for a rating, by the officer or by the citizen who has woken the idle screen."""

    opened_by: Literal[PromptOpener.OFFICER, PromptOpener.CITIZEN]
    counter: Name | None = None


class SignOnIn(_Body):
    """An officer's code with the PIN, or the number of a badge."""

    officer: Annotated[str, Field(max_length=64)] = ""
    pin: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    badge: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    counter: Name | None = None


class AtCounter(_Body):
    """A request that concerns one counter, None being the device's own."""

    counter: Name | None = None


class Stored(_Body):
    """A rating or amendment that is on disk."""

    id: UUID
    observed_at: datetime


class PendingPrompt(_Body):
    """A request to ask for a rating now, until it expires in `remaining_s` seconds.

    With `phone` its QR code lets the citizen rate on an own telephone instead.
    """

    id: UUID
    expires_at: datetime
    opened_by: PromptOpener
    remaining_s: float
    phone: bool = False


class ShownWait(_Body):
    """Between how many minutes somebody who comes now will probably wait."""

    low_min: int
    high_min: int


class ShownOfficer(_Body):
    """The officer who serves, where a name is configured."""

    name: str
    has_photo: bool


class ListedOfficer(_Body):
    """An officer who may sign on by PIN; without a name the code stands for it."""

    officer: str
    name: str


class DutyState(_Body):
    """Who has signed on at a counter, and who may."""

    officer: str | None
    officers: tuple[ListedOfficer, ...]


class PageState(_Body):
    """The state that the page shows. `connected` is None while the relay has not reported.

    With a `service` the page rests on its idle screen. `pressed` is the rating of a button that was
    pressed just now. `build` changes when the page's own files have changed: an open page then
    loads itself again.
    """

    language: Literal["vi", "en"]
    reset_s: float
    notice: str | None
    prompt: PendingPrompt | None
    connected: bool | None
    expected_wait: ShownWait | None
    service: str | None
    called: str | None
    officer: ShownOfficer | None
    signs_on: bool
    pressed: UUID | None
    build: str
