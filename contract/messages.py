"""The messages that cross MQTT, as typed values; `contract.codec` turns them into bytes.

All in one file, though it is long: whoever speaks the protocol reads it from top to bottom.
"""

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


MOST_COMPANIONS = 8

PlaceOfEvent = Annotated[
    Name | None,
    Meta(
        description="The counter that it belongs to, of the same unit, where one device watches "
        "several; absent, it is the topic's counter."
    ),
]


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
    counter: PlaceOfEvent = None
    arrivals: Annotated[
        Count | None,
        Meta(
            description="How many people began to wait, or were served without waiting; those who "
            "only pass do not arrive."
        ),
    ] = None


class Visit(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """One party's stay in the service zone, which ended at `observed_at`.

    A party are those who came to the counter together; most are one person.
    """

    started_at: UtcTime
    service_s: Seconds
    wait_s: Seconds | None = None
    expression: ExpressionMix | None = None
    expression_change: Annotated[
        Annotated[float, Meta(ge=-2, le=2)] | None,
        Meta(description="(positive - negative) in the last third less the first third."),
    ] = None
    complete: Annotated[
        bool, Meta(description="False when the device stopped before the person left.")
    ] = True
    counter: PlaceOfEvent = None
    party_size: Annotated[
        Annotated[int, Meta(ge=1, le=1000)] | None,
        Meta(description="How many came together; their `wait_s` is the longest among them."),
    ] = None
    expression_thirds: Annotated[
        tuple[ExpressionMix | None, ExpressionMix | None, ExpressionMix | None] | None,
        Meta(
            description="The expression in the first, middle and last third of the stay; null "
            "where too few faces were read."
        ),
    ] = None
    companions: Annotated[
        tuple[ExpressionMix, ...],
        Meta(
            max_length=MOST_COMPANIONS,
            description="Expressions of the others in the party, each apart; `expression` is that "
            "of who came first.",
        ),
    ] = ()
    abstained: Annotated[
        Share | None,
        Meta(description="The share of the faces looked at that could not be read."),
    ] = None


class WaitOutcome(StrEnum):
    """How a wait ended."""

    SERVED = "served"
    LEFT = "left"


class Wait(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """One person's stay in a waiting zone, which ended at `observed_at`."""

    started_at: UtcTime
    wait_s: Seconds
    outcome: WaitOutcome
    counter: PlaceOfEvent = None


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
    QR = "qr"
    OTHER = "other"


class Presence(StrEnum):
    """Who was seen at the counter when a rating was given; citizens count for a while after."""

    CITIZEN = "citizen"
    OFFICER_SIDE = "officer_side"
    NOBODY = "nobody"


class Suspicion(StrEnum):
    """Why a rating may be no citizen's own word on one visit; `runtime.suspicion` has the rules."""

    BURST = "burst"
    CADENCE = "cadence"
    OUT_OF_HOURS = "out_of_hours"
    SEVERAL = "several"
    NOBODY = "nobody"
    OFFICER_SIDE = "officer_side"
    HELD_SCREEN = "held_screen"


class Rating(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """One citizen's rating, given at `observed_at`.

    A rating is sent at the tap; reasons chosen afterwards follow in a second message whose
    `amends` names the first. An amendment adds its reasons and is never counted again; one that is
    `withdrawn` takes the rating back, within a minute, and neither is counted.
    """

    score: Annotated[int, Meta(ge=1, le=5, description="5 very satisfied … 1 very dissatisfied.")]
    source: RatingSource = RatingSource.KIOSK
    reasons: Annotated[tuple[RatingReason, ...], Meta(max_length=6)] = ()
    language: Literal["vi", "en"] = "vi"
    amends: UUID | None = None
    counter: PlaceOfEvent = None
    visit: Annotated[UUID | None, Meta(description="The `id` of the visit it belongs to.")] = None
    presence: Annotated[
        Presence | None,
        Meta(description="Whom the device's camera saw there; absent where no camera could see."),
    ] = None
    held_s: Annotated[
        Seconds | None,
        Meta(description="How long something had lain on the screen when the tap came."),
    ] = None
    suspect: Annotated[
        tuple[Suspicion, ...],
        Meta(
            max_length=len(Suspicion),
            description="Why the device doubts it. The server keeps these marks and judges again.",
        ),
    ] = ()
    withdrawn: Annotated[
        bool, Meta(description="True in an amendment by which the citizen takes the rating back.")
    ] = False


class PromptEvent(StrEnum):
    """What happened to one request for a rating."""

    SHOWN = "shown"
    ANSWERED = "answered"
    SKIPPED = "skipped"
    TIMED_OUT = "timed_out"


class PromptOpener(StrEnum):
    """Who opened the rating screen."""

    VISIT_END = "visit_end"
    OFFICER = "officer"
    TICKET_TERMINAL = "ticket_terminal"
    CITIZEN = "citizen"
    SERVER = "server"


class Prompt(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """One step of one request for a rating; `prompt` is the same in all its steps.

    Prompts over visits is the prompt rate, ratings over prompts the response rate.
    """

    prompt: UUID
    event: PromptEvent
    opened_by: PromptOpener
    visit: Annotated[UUID | None, Meta(description="The `id` of the visit it belongs to.")] = None
    rating: Annotated[UUID | None, Meta(description="The `id` of the rating given.")] = None
    counter: PlaceOfEvent = None


class SessionEvent(StrEnum):
    """Whether an officer begins or ends to serve at a counter."""

    ON = "on"
    OFF = "off"


class SignOnMethod(StrEnum):
    """How the officer was recognised."""

    PIN = "pin"
    BADGE = "badge"
    TERMINAL = "terminal"


class OfficerSession(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """An officer signs on or off at a counter; `session` is the same in both messages."""

    session: UUID
    event: SessionEvent
    officer: Annotated[
        str, Meta(min_length=1, max_length=64, description="The officer's code, never a name.")
    ]
    method: SignOnMethod
    automatic: Annotated[
        bool, Meta(description="True when the device signed the officer off by itself.")
    ] = False
    counter: PlaceOfEvent = None


class TicketEvent(StrEnum):
    """What happened to a queue ticket; `left` is what earlier releases sent for `skipped`."""

    ISSUED = "issued"
    CALLED = "called"
    RECALLED = "recalled"
    HELD = "held"
    SERVED = "served"
    SKIPPED = "skipped"
    TRANSFERRED = "transferred"
    LEFT = "left"


class Ticket(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """A queue-ticket event from a ticketing system."""

    number: Annotated[str, Meta(min_length=1, max_length=32)]
    event: TicketEvent
    service: Text | None = None
    to_counter: Annotated[
        Name | None, Meta(description="Where a transferred ticket goes, in the same unit.")
    ] = None
    counter: PlaceOfEvent = None
    dossier: Annotated[
        Annotated[str, Meta(min_length=1, max_length=64)] | None,
        Meta(description="The code of a dossier that the ticket was for, never a person's."),
    ] = None


class ReportedProblem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with a device: a code with its parameters, and an English sentence.

    Screens say it in the reader's language by `code` (contract/texts lists them); `text` is for
    clients that do not know the code. `cause` is the problem that led to this one.
    """

    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    text: Text
    parameters: Annotated[dict[str, Text], Meta(max_length=8)] = msgspec.field(default_factory=dict)
    cause: ReportedProblem | None = None


class DeviceStatus(StrEnum):
    """Whether the device says it is up; `offline` is also the broker's last will."""

    ONLINE = "online"
    OFFLINE = "offline"


class CameraState(StrEnum):
    """What the camera gives."""

    OK = "ok"
    MISSING = "missing"
    BLACK = "black"
    FROZEN = "frozen"
    COVERED = "covered"
    OVER_EXPOSED = "over_exposed"
    OUT_OF_FOCUS = "out_of_focus"
    MOVED = "moved"
    OFF = "off"


class Health(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """A device's heartbeat. `session` is a UUIDv7 made at each connection.

    A last will carries the session it belongs to, so that a will which arrives after the device
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
    body_zones: Annotated[
        tuple[Name, ...],
        Meta(max_length=32, description="Zones whose visits begin without a face being seen."),
    ] = ()
    expression_model: Text | None = None
    cpu_percent: Annotated[float, Meta(ge=0)] | None = None
    memory_mb: Annotated[float, Meta(ge=0)] | None = None
    disk_free_mb: Annotated[float, Meta(ge=0)] | None = None
    temperature_c: float | None = None
    config_version: Annotated[int, Meta(ge=0, le=WHOLE_MAX)] | None = None
    problems: Annotated[
        tuple[Text, ...],
        Meta(max_length=20, description="Sentences of devices that know no codes."),
    ] = ()
    problem_reports: Annotated[tuple[ReportedProblem, ...], Meta(max_length=20)] = ()
    simulated: bool = False
    clock_synchronised: Annotated[
        bool | None,
        Meta(
            description="Whether the device's system keeps its clock by a time server; absent "
            "where that is not known."
        ),
    ] = None
    run: Annotated[
        UUID | None,
        Meta(
            description="Made at each start of what sends: two that alternate are two units with "
            "one identity."
        ),
    ] = None
    local_address: Annotated[
        Text | None, Meta(description="The device's own address on its network.")
    ] = None


SecretHash = Annotated[
    str,
    Meta(
        pattern=r"^scrypt\$[0-9]{1,2}\$[0-9a-f]{32}\$[0-9a-f]{64}$",
        description="scrypt$LOG2_N$SALT$HASH in hexadecimal digits, r = 8, p = 1; "
        "`motcua edge sign-on` makes it.",
    ),
]


class KioskOfficer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One officer who may sign on at the device; name and photo are shown only where given."""

    officer: Annotated[
        str, Meta(min_length=1, max_length=64, description="The officer's code, never a name.")
    ]
    pin: SecretHash | None = None
    badge: SecretHash | None = None
    name: Text | None = None
    photo: Annotated[
        str, Meta(max_length=40_000, description="A JPEG, PNG or WebP picture, base64.")
    ] = ""


class PhonePage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the device invites a citizen to rate on an own telephone, also without a network.

    The device signs a token for each visit with `key`; `contract.visit_tokens` says how.
    """

    address: Annotated[
        str,
        Meta(
            pattern=r"^https?://\S+$",
            max_length=LONGEST_TEXT,
            description="Of the page that takes the rating; a '/' and the token follow.",
        ),
    ]
    number: Annotated[int, Meta(ge=1, le=2**31 - 1, description="Of the key, at the server.")]
    key: Annotated[
        str, Meta(pattern=r"^[0-9a-f]{64}$", description="32 bytes in hexadecimal digits.")
    ]


class Config(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """Settings that the server sends to one device; absent fields keep the device's own value."""

    version: Annotated[int, Meta(ge=1, le=WHOLE_MAX)]
    kiosk_language: Literal["vi", "en"] | None = None
    kiosk_reset_s: Annotated[float, Meta(ge=5, le=300)] | None = None
    kiosk_notice: Text | None = None
    kiosk_service: Annotated[
        Text | None,
        Meta(description="What the counter serves; with it the page rests on its idle screen."),
    ] = None
    kiosk_hours: Annotated[
        Text | None,
        Meta(description="Hours of a week in which ratings are expected, 'mon-fri 07:30-11:30 …'."),
    ] = None
    kiosk_services: Annotated[
        dict[Name, Text],
        Meta(max_length=32, description="What further counters of the device serve, by counter."),
    ] = msgspec.field(default_factory=dict)
    kiosk_officers: Annotated[tuple[KioskOfficer, ...], Meta(max_length=40)] = ()
    phone: Annotated[
        PhonePage | None,
        Meta(description="Absent, the device shows no QR code."),
    ] = None


class CommandName(StrEnum):
    """What the server can ask of a device."""

    REPORT_HEALTH = "report_health"
    SHOW_PROMPT = "show_prompt"


class Command(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    """One request to a device; it is void after `expires_at`."""

    name: CommandName
    expires_at: UtcTime


class Ack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The server's word that these messages are committed: the device may forget them.

    `quarantined` were stored too, but could not be understood; the device logs and forgets them.
    `held` cannot be judged yet, because one of the two clocks is wrong: the device keeps them and
    sends them again later, behind what is newer.
    """

    schema: Annotated[int, Meta(ge=1)]
    device: Name
    committed_at: UtcTime
    ids: Annotated[tuple[UUID, ...], Meta(max_length=2000)] = ()
    quarantined: Annotated[tuple[UUID, ...], Meta(max_length=2000)] = ()
    held: Annotated[tuple[UUID, ...], Meta(max_length=2000)] = ()


Upstream = Observation | Visit | Wait | Rating | Prompt | OfficerSession | Ticket | Health
Downstream = Config | Command | Ack
Message = Upstream | Downstream
