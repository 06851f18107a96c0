"""The sections of `edge.toml`, each key with its unit of measure, bounds, default and purpose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from contract.topics import Address
from edge.analytics.zones import (
    Begin,
    Point,
    Zone,
    ZoneKind,
    crosses_itself,
    polygon_area,
)
from runtime.weekly_hours import parse_weekly_hours

DETECTIONS_PER_S = 5.0
"""How often people are looked for by default: the aims of docs/accuracy.md are met at half the work
of ten times a second (decision 0064)."""

_NO_AREA = 1e-6

Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
_Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


def _sound(polygon: tuple[Point, ...]) -> tuple[Point, ...]:
    if len(polygon) > 3 and crosses_itself(polygon):
        raise ValueError("the polygon crosses itself: put its points in their order around it")
    if polygon_area(polygon) < _NO_AREA:
        raise ValueError("the polygon has no area")
    return polygon


def _as_browsers_send_it(host: str) -> str:
    """Return a host, with or without a port, in small letters and IDNA."""
    colon = re.search(r":\d+$", host)
    name, port = (host[: colon.start()], colon[0]) if colon else (host, "")
    try:
        return (name.lower() if name.isascii() else name.lower().encode("idna").decode()) + port
    except UnicodeError as error:
        raise ValueError(f"{host} is no name of a host") from error


HostName: TypeAlias = Annotated[
    str, Field(pattern=r"^[^\s/@?#]+$"), AfterValidator(_as_browsers_send_it)
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DeviceSettings(_Section):
    """Where the device stands: the levels of its MQTT topics."""

    unit: Name = Field(default="local", description="Commune, ward or department.")
    counter: Name = Field(default="counter-1", description="Counter within the unit.")
    device: Name = Field(default="edge-1", description="This device; unique in the province.")

    @property
    def address(self) -> Address:
        """Return the device's address in the topic tree."""
        return Address(unit=self.unit, counter=self.counter, device=self.device)


class StoreSettings(_Section):
    """The SQLite file at which watch, kiosk and relay meet."""

    path: Path = Field(
        default=Path("motcua-edge.sqlite3"), description="The file; made when missing."
    )
    max_rows: int = Field(
        default=500_000, ge=100, description="Messages kept while no server answers."
    )
    reserve_mb: int = Field(
        default=200, ge=0, description="Free disk space that only ratings may use, MB."
    )


class BrokerSettings(_Section):
    """The MQTT broker."""

    url: str = Field(
        default="mqtt://127.0.0.1:1883",
        pattern=r"^mqtts?://",
        description="mqtt[s]://user:password@host:port; MOTCUA_BROKER_URL overrides it too.",
    )


class CameraSettings(_Section):
    """Where pictures come from."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    name: Name = Field(default="camera", description="What zones and reports call it.")
    source: str = Field(
        default="bundled",
        min_length=1,
        description='"bundled", "none", a device (0, "/dev/video0", "csi", "gst:…"), a URL '
        "(rtsp, http), a file or a folder.",
    )
    fps: float = Field(
        default=10.0, gt=0, le=60, description="Frames analysed per second, at most."
    )
    loop: bool = Field(default=True, description="Whether watch plays a recording over and over.")
    transport: Literal["tcp", "udp"] = Field(
        default="tcp", description="How RTSP brings the pictures; udp loses some on a bad network."
    )
    decoder: Literal["none", "cuda", "drm", "qsv", "vaapi"] = Field(
        default="none",
        description="The hardware that decodes a URL's pictures; the processor where it cannot.",
    )


class VisionSettings(_Section):
    """Which models analyse the pictures, and how often."""

    detector: str = Field(default="auto", min_length=1, description='A model\'s name, or "auto".')
    expression: str = Field(default="auto", min_length=1, description='A name, "auto" or "none".')
    people: str = Field(
        default="none",
        min_length=1,
        description='Finds who waits without a face in view: a name, "auto" or "none".',
    )
    people_per_s: float = Field(
        default=2.0, gt=0, le=30, description="How often people are looked for, times a second."
    )
    input_width_px: int = Field(
        default=640,
        ge=96,
        le=1920,
        description="Width at which the detector sees the frame, pixels.",
    )
    detect_every: int = Field(
        default=0, ge=0, le=30, description="Detect on every n-th frame; 0: five times a second."
    )
    expression_per_s: float = Field(
        default=3.0, gt=0, le=30, description="Readings per person and second, at most."
    )

    def detection_interval(self, fps: float) -> int:
        """Return on every how many frames of a camera with `fps` people are looked for."""
        return self.detect_every or max(1, round(fps / DETECTIONS_PER_S))


class VisitSettings(_Section):
    """When a stay in the service zone is a visit."""

    confirm_s: float = Field(
        default=2.0, ge=0, le=60, description="Shorter stays are passers-by, s."
    )
    grace_s: float = Field(
        default=3.0, ge=0, le=120, description="Shorter absences do not end it, s."
    )


class KioskSettings(_Section):
    """The rating page."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=0, le=65_535, description="TCP port; 0 takes a free one.")
    language: Literal["vi", "en"] = Field(default="vi", description="Language shown first.")
    counters: tuple[Name, ...] = Field(
        default=(), description="Further counters of this unit whose pages may rate here."
    )
    reset_s: float = Field(
        default=30.0, ge=5, le=300, description="Idle seconds until a fresh page."
    )
    hosts: tuple[HostName, ...] = Field(
        default=(), description="Further names of the page, behind a proxy that hides them."
    )
    prompt_s: float = Field(
        default=45.0,
        ge=0,
        le=300,
        description="How long a citizen is asked for a rating after a visit, s; 0 does not ask.",
    )
    service: str = Field(
        default="",
        max_length=200,
        description="What the counter serves; with it the page rests on an idle screen.",
    )
    hours: str = Field(
        default="",
        max_length=200,
        description='When ratings are expected, "mon-fri 07:30-11:30 13:30-17:00"; always without.',
    )
    sign_off_after_s: float = Field(
        default=1800.0,
        ge=60,
        le=43_200,
        description="An officer without a visit, call or request for so long is signed off, s.",
    )

    @field_validator("hours")
    @classmethod
    def _hours_are_hours(cls, hours: str) -> str:
        parse_weekly_hours(hours)
        return hours


class TicketSettings(_Section):
    """A ticket machine, whose calls become `ticket` messages."""

    source: Literal["none", "serial", "push", "poll"] = Field(
        default="none", description="How calls come: a serial line, HTTP requests, a page."
    )
    layout: str = Field(
        default="lines",
        min_length=1,
        description='How calls look: "lines", "framed", or the path of a TOML file like theirs.',
    )
    port: str = Field(default="/dev/ttyUSB0", description="The serial line.")
    baud: int = Field(default=9600, ge=300, le=921_600, description="Its speed, bits a second.")
    listen_host: str = Field(default="127.0.0.1", description="Address on which push listens.")
    listen_port: int = Field(default=8090, ge=0, le=65_535, description="TCP port of push.")
    token: str = Field(
        default="", description="What push wants after Authorization: Bearer; set it in the file."
    )
    url: str = Field(default="", description="The page that poll reads.")
    every_s: float = Field(default=2.0, ge=0.5, le=60, description="How often poll reads it, s.")
    counters: dict[str, Name] = Field(
        default_factory=dict,
        description="Our counters by the machine's own numbers; others are left out.",
    )
    asks: bool = Field(
        default=False, description="Whether a ticket that has been served asks for a rating."
    )

    @model_validator(mode="after")
    def _source_is_complete(self) -> TicketSettings:
        if self.source == "poll" and not self.url.startswith(("http://", "https://")):
            raise ValueError('source "poll" needs a url that begins with http')
        if self.source == "push" and len(self.token) < 16:
            raise ValueError('source "push" needs a token of at least 16 characters')
        return self


_Pin: TypeAlias = Annotated[int, Field(ge=0, le=27)]


class GpioSettings(_Section):
    """Push buttons and lamps at a Raspberry Pi's header; pins by their BCM numbers."""

    rating_pins: tuple[_Pin, ...] = Field(
        default=(), max_length=5, description="Buttons of the scores 1 to 5, in this order."
    )
    lamp_pins: tuple[_Pin, ...] = Field(
        default=(), max_length=5, description="Lamps of the same buttons."
    )
    officer_pin: _Pin | None = Field(
        default=None, description="The officer's button, which asks for a rating."
    )
    counter: Name | None = Field(
        default=None, description="The counter at which they stand; the device's own."
    )

    @model_validator(mode="after")
    def _pins_are_complete(self) -> GpioSettings:
        if len(self.rating_pins) not in {0, 5}:
            raise ValueError("rating_pins are five, one for each score")
        if len(self.lamp_pins) not in {0, 5}:
            raise ValueError("lamp_pins are five, one for each score")
        pins = [*self.rating_pins, *self.lamp_pins]
        pins += [] if self.officer_pin is None else [self.officer_pin]
        if len(set(pins)) != len(pins):
            raise ValueError("a pin is named twice")
        return self


class ZoneSettings(_Section):
    """One zone; polygon points are shares of the frame's width and height."""

    name: Name
    kind: ZoneKind
    polygon: Annotated[
        tuple[tuple[_Share, _Share], ...], Field(min_length=3), AfterValidator(_sound)
    ]
    counter: Name | None = Field(
        default=None, description="The counter of this unit that it belongs to; the device's own."
    )
    camera: Name | None = Field(
        default=None, description="The camera that sees it; that of [camera] without one."
    )
    begin: Begin = Field(
        default=Begin.FACE,
        description='Whether visits need a "face"; "body" counts people seen from behind or above.',
    )

    def zone(self) -> Zone:
        """Return the zone as the analytics' value."""
        return Zone(
            name=self.name,
            kind=self.kind,
            polygon=self.polygon,
            counter=self.counter,
            begin=self.begin,
        )


def default_zones() -> tuple[ZoneSettings, ...]:
    """Return zones that suit the bundled scene and a camera above a counter."""
    # A camera above the counter looks at the citizens: the officer's side is the strip at
    # the bottom and is masked, who is served stands near and low, who waits stands far and high.
    return (
        _band("officer-side", ZoneKind.MASK, 0.90, 1.0),
        _band("service", ZoneKind.SERVICE, 0.42, 0.90),
        _band("waiting", ZoneKind.WAITING, 0.0, 0.42),
    )


def _band(name: str, kind: ZoneKind, top: float, bottom: float) -> ZoneSettings:
    polygon = ((0.0, top), (1.0, top), (1.0, bottom), (0.0, bottom))
    return ZoneSettings(name=name, kind=kind, polygon=polygon)


def refuse_misplaced_zones(
    device: DeviceSettings, cameras: Sequence[str], zones: Sequence[ZoneSettings]
) -> None:
    """Raise ValueError where cameras and zones do not fit together.

    One counter is watched by one camera: nobody is recognised from one camera to the next.
    """
    _refuse_repeated("camera", cameras)
    _refuse_repeated("zone", [zone.name for zone in zones])
    watched_by: dict[str, str] = {}
    for zone in zones:
        camera = zone.camera or cameras[0]
        if camera not in cameras:
            raise ValueError(
                f"zone {zone.name} names the camera {camera}; known: {', '.join(cameras)}"
            )
        if zone.kind is ZoneKind.MASK:
            continue
        counter = zone.counter or device.counter
        if watched_by.setdefault(counter, camera) != camera:
            raise ValueError(
                f"zone {zone.name}: {counter} is watched by the camera {watched_by[counter]} "
                "already, and nobody is recognised from one camera to the next; give the zone "
                "another counter or put both into the view of one camera"
            )


def _refuse_repeated(what: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two of the {what}s are called {name}; each needs a name of its own")
