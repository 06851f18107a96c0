"""What a device is to show and know, as it is asked for, kept, and sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeAlias

import msgspec
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from contract.codec import MAX_PAYLOAD_BYTES, encode
from contract.identifiers import derived_id
from contract.messages import LONGEST_TEXT, Config, PhonePage
from contract.topics import STREAMS, Address, Stream
from runtime.weekly_hours import parse_weekly_hours
from server.errors import RequestInvalid

MOST_OFFICERS = 40
MOST_COUNTERS = 32

_Text: TypeAlias = Annotated[str, Field(max_length=LONGEST_TEXT)]
_Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
_Hash: TypeAlias = Annotated[
    str, Field(pattern=r"^scrypt\$[0-9]{1,2}\$[0-9a-f]{32}\$[0-9a-f]{64}$")
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OfficerContent(_Part):
    """An officer who may sign on. A `pin` or `badge` that is left out stays; null ends it.

    Both are hashes that `motcua edge sign-on` makes: the server never learns them.
    """

    officer: str = Field(min_length=1, max_length=64)
    pin: _Hash | None = None
    badge: _Hash | None = None
    name: _Text | None = None
    photo: str = Field(default="", max_length=40_000)


class PhoneContent(_Part):
    """Whether the device shows QR codes, and what the page behind them asks."""

    questions: str | None = Field(default=None, max_length=40)
    lasts_h: float = Field(default=24.0, ge=0.5, le=72)
    comments: bool = True


class ConfigContent(_Part):
    """What a device shows and knows; what is left out stays as the device's own file has it.

    `phone` is null where no QR code is shown; its `questions` name a set, `lasts_h` says for how
    many hours a visit can be rated.
    """

    language: Literal["vi", "en"] | None = None
    reset_s: float | None = Field(default=None, ge=5, le=300)
    notice: _Text | None = None
    service: _Text | None = None
    services: dict[_Name, _Text] = Field(default_factory=dict, max_length=MOST_COUNTERS)
    hours: _Text | None = None
    officers: tuple[OfficerContent, ...] = Field(default=(), max_length=MOST_OFFICERS)
    phone: PhoneContent | None = None

    @model_validator(mode="after")
    def _can_be_stored(self) -> Self:
        # PostgreSQL's text and JSON have no place for it.
        if "\\u0000" in self.model_dump_json():
            raise ValueError("a text holds the character NUL")
        return self

    @field_validator("hours")
    @classmethod
    def _hours_are_hours(cls, hours: str | None) -> str | None:
        if hours:
            parse_weekly_hours(hours)
        return hours

    @field_validator("officers")
    @classmethod
    def _officers_are_distinct(
        cls, officers: tuple[OfficerContent, ...]
    ) -> tuple[OfficerContent, ...]:
        codes = [one.officer for one in officers]
        for code in codes:
            if codes.count(code) > 1:
                raise ValueError(f"officer {code} stands there twice")
        return officers


class ListedOfficer(_Part):
    """An officer who may sign on, without the hashes."""

    officer: str
    has_pin: bool
    has_badge: bool
    name: str | None
    has_photo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigVersion:
    """One version that was made for a device; `published_at` is None until it is at the broker."""

    version: int
    made_at: datetime
    made_by: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigReading:
    """A version of a device's configuration, and which there were before, the newest first.

    `reported_version` is the one that the device says it has, None while it has none.
    """

    version: int
    reported_version: int | None
    content: Mapping[str, Any]
    history: tuple[ConfigVersion, ...]


def keep_secrets(asked: ConfigContent, before: ConfigContent | None) -> ConfigContent:
    """Return what is asked for, with the hashes of `before` where they are left out."""
    known = {} if before is None else {one.officer: one for one in before.officers}
    officers = []
    for one in asked.officers:
        old = known.get(one.officer)
        kept = {
            field: getattr(old, field)
            for field in ("pin", "badge", "photo")
            if old is not None and field not in one.model_fields_set
        }
        officers.append(one.model_copy(update=kept))
    return asked.model_copy(update={"officers": tuple(officers)})


def without_secrets(content: ConfigContent) -> dict[str, Any]:
    """Return the content as it may be read: whether there is a PIN, a badge, a photo."""
    officers = [
        ListedOfficer(
            officer=one.officer,
            has_pin=one.pin is not None,
            has_badge=one.badge is not None,
            name=one.name,
            has_photo=bool(one.photo),
        ).model_dump()
        for one in content.officers
    ]
    return content.model_dump(mode="json") | {"officers": officers}


def compose_config(
    content: ConfigContent,
    *,
    address: Address,
    version: int,
    made_at: datetime,
    phone: PhonePage | None,
) -> Config:
    """Return the message that tells a device its configuration; the same each time it is sent.

    Raises RequestInvalid for one that is too large, or that the contract does not allow.
    """
    fields = {
        "kiosk_language": content.language,
        "kiosk_reset_s": content.reset_s,
        "kiosk_notice": content.notice,
        "kiosk_service": content.service,
        "kiosk_hours": content.hours,
        "kiosk_services": content.services,
        "kiosk_officers": content.model_dump(mode="json")["officers"],
    }
    try:
        config = msgspec.convert(
            {
                "id": str(derived_id(made_at, address.topic(Stream.CONFIG), version)),
                "device": address.device,
                "seq": 0,
                "observed_at": made_at.isoformat(),
                "schema": STREAMS[Stream.CONFIG].version,
                "version": version,
                **fields,
            },
            Config,
        )
    except msgspec.ValidationError as error:
        raise RequestInvalid(f"the device would not understand it: {error}") from error
    config = msgspec.structs.replace(config, phone=phone)
    size = len(encode(config))
    if size > MAX_PAYLOAD_BYTES:
        raise RequestInvalid(
            f"{size} bytes, and a message has at most {MAX_PAYLOAD_BYTES}: use smaller photos"
        )
    return config
