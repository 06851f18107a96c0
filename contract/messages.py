"""The messages that cross MQTT, as typed values; `contract.codec` turns them into bytes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="Lower-case ASCII letters, digits, '-' and '_'; at most 63 characters.",
    ),
]
UtcTime = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset; UTC is meant.")]
WHOLE_MAX = 2**53 - 1
"""Largest whole number that every JSON reader keeps exactly; it fits databases' integers too."""

Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Seconds = Annotated[float, Meta(ge=0, le=86_400, description="Seconds.")]
Share = Annotated[float, Meta(ge=0, le=1, description="A share between 0 and 1.")]
LONGEST_TEXT = 200
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every message carries. `(id, observed_at)` identifies it: a resend repeats both."""

    id: UUID
    device: Name
    seq: Annotated[
        int,
        Meta(ge=0, le=WHOLE_MAX, description="Per device, increasing; 0 until it is stamped."),
    ]
    observed_at: UtcTime
    schema: Annotated[int, Meta(ge=1, description="Version of the message's schema.")]


SHARES_TOLERANCE = 0.02
"""How far three shares may miss 1: each may have been rounded to two decimals."""


class ExpressionMix(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Mean expression probabilities over the faces read; the three shares add up to 1."""

    faces: Annotated[int, Meta(ge=1, description="Distinct tracks that gave at least one reading.")]
    readings: Annotated[int, Meta(ge=1, description="Single face readings averaged.")]
    negative: Share
    neutral: Share
    positive: Share

    def __post_init__(self) -> None:
        total = self.negative + self.neutral + self.positive
        if abs(total - 1) > SHARES_TOLERANCE:
            raise ValueError(f"negative, neutral and positive add up to {total:.4g} instead of 1")


class Observation(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """What the camera saw in one window, which ends at `observed_at`."""

    window_s: Annotated[float, Meta(gt=0, le=3600)]
    frames: Count
    fps: Annotated[float, Meta(ge=0, le=1000, description="Frames analysed per second.")]
    queue_length: Annotated[
        Count | None, Meta(description="Median number of people in the waiting zones.")
    ] = None
    people_present: Annotated[
        Count | None, Meta(description="Median number of people in view, masked areas left out.")
    ] = None
    expression: ExpressionMix | None = None


class Visit(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """One person's stay in the service zone, which ended at `observed_at`."""

    started_at: UtcTime
    service_s: Seconds
    wait_s: Seconds | None = None
    expression: ExpressionMix | None = None
    expression_change: Annotated[
        Annotated[float, Meta(ge=-2, le=2)] | None,
        Meta(description="(positive - negative) in the last third less the first third."),
    ] = None
    complete: Annotated[
        bool, Meta(description="False when the unit stopped before the person left.")
    ] = True


class WaitOutcome(StrEnum):
    """How a wait ended."""

    SERVED = "served"
    LEFT = "left"


class Wait(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """One person's stay in a waiting zone, which ended at `observed_at`."""

    started_at: UtcTime
    wait_s: Seconds
    outcome: WaitOutcome


class RatingReason(StrEnum):
    """Why a citizen was not satisfied (the customary reasons of Vietnamese kiosks)."""

    ATTITUDE = "attitude"
    WAITING = "waiting"
    UNCLEAR_GUIDANCE = "unclear_guidance"
    REPEAT_VISITS = "repeat_visits"
    EXTRA_PAPERS = "extra_papers"
    INFORMAL_PAYMENT = "informal_payment"


class RatingSource(StrEnum):
    """Where a rating was given."""

    KIOSK = "kiosk"
    BUTTON = "button"
    OTHER = "other"


class Rating(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """One citizen's rating, given at `observed_at`.

    A rating is sent at the tap; reasons chosen afterwards follow in a second message whose
    `amends` names the first. An amendment adds its reasons and is never counted again.
    """

    score: Annotated[int, Meta(ge=1, le=5, description="5 very satisfied … 1 very dissatisfied.")]
    source: RatingSource = RatingSource.KIOSK
    reasons: Annotated[tuple[RatingReason, ...], Meta(max_length=6)] = ()
    language: Literal["vi", "en"] = "vi"
    amends: UUID | None = None


class TicketEvent(StrEnum):
    """What happened to a queue ticket."""

    ISSUED = "issued"
    CALLED = "called"
    SERVED = "served"
    LEFT = "left"


class Ticket(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """A queue-ticket event from a ticketing system."""

    number: Annotated[str, Meta(min_length=1, max_length=32)]
    event: TicketEvent
    service: Text | None = None


class DeviceStatus(StrEnum):
    """Whether the unit says it is up; `offline` is also the broker's last will."""

    ONLINE = "online"
    OFFLINE = "offline"


class CameraState(StrEnum):
    """What the camera gives."""

    OK = "ok"
    MISSING = "missing"
    BLACK = "black"
    FROZEN = "frozen"
    OFF = "off"


class Health(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """A unit's heartbeat. `session` is a UUIDv7 made at each connection.

    A last will carries the session it belongs to, so that a will which arrives after the unit
    has come back (a newer session) does not mark it offline.
    """

    status: DeviceStatus
    session: UUID
    software: Text = ""
    uptime_s: Annotated[float, Meta(ge=0)] | None = None
    outbox_depth: Annotated[int, Meta(ge=0)] | None = None
    outbox_oldest_s: Annotated[float, Meta(ge=0)] | None = None
    camera: CameraState | None = None
    fps: Annotated[float, Meta(ge=0, le=1000)] | None = None
    detector: Text | None = None
    people_detector: Text | None = None
    expression_model: Text | None = None
    cpu_percent: Annotated[float, Meta(ge=0)] | None = None
    memory_mb: Annotated[float, Meta(ge=0)] | None = None
    disk_free_mb: Annotated[float, Meta(ge=0)] | None = None
    temperature_c: float | None = None
    config_version: Annotated[int, Meta(ge=0, le=WHOLE_MAX)] | None = None
    problems: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    simulated: bool = False


class Config(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """Settings that the server sends to one unit; absent fields keep the unit's own value."""

    version: Annotated[int, Meta(ge=1, le=WHOLE_MAX)]
    kiosk_language: Literal["vi", "en"] | None = None
    kiosk_reset_s: Annotated[float, Meta(ge=5, le=300)] | None = None
    kiosk_notice: Text | None = None


class CommandName(StrEnum):
    """What the server can ask of a unit."""

    REPORT_HEALTH = "report_health"
    SHOW_PROMPT = "show_prompt"


class Command(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """One request to a unit; it is void after `expires_at`."""

    name: CommandName
    expires_at: UtcTime


class Ack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The server's word that these messages are committed: the unit may forget them.

    `quarantined` were stored too, but could not be understood; the unit logs and forgets them.
    """

    schema: Annotated[int, Meta(ge=1)]
    device: Name
    committed_at: UtcTime
    ids: Annotated[tuple[UUID, ...], Meta(max_length=2000)] = ()
    quarantined: Annotated[tuple[UUID, ...], Meta(max_length=2000)] = ()


Upstream = Observation | Visit | Wait | Rating | Ticket | Health
Downstream = Config | Command | Ack
Message = Upstream | Downstream
