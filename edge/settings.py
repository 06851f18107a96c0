"""The counter unit's settings: `edge.toml` first, then the environment; unknown keys are errors."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from contract.topics import Address
from edge.analytics.zones import Point, Zone, ZoneKind, polygon_area
from edge.errors import SettingsError

PREFIX = "MOTCUA_EDGE__"
"""Environment variables MOTCUA_EDGE__SECTION__KEY override the file."""

_BROKER_URL = "MOTCUA_BROKER_URL"
_NO_AREA = 1e-6

Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
_Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


def _with_area(polygon: tuple[Point, ...]) -> tuple[Point, ...]:
    if polygon_area(polygon) < _NO_AREA:
        raise ValueError("the polygon has no area")
    return polygon


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DeviceSettings(_Section):
    """Where the unit stands: the levels of its MQTT topics."""

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
        default=200, ge=0, description="Free disk space that is never used, MB."
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

    source: str = Field(
        default="bundled",
        min_length=1,
        description='"bundled", "none", a device (0, /dev/video0), rtsp://…, a file or a folder.',
    )
    fps: float = Field(
        default=10.0, gt=0, le=60, description="Frames analysed per second, at most."
    )
    loop: bool = Field(default=True, description="Whether watch plays a recording over and over.")


class VisionSettings(_Section):
    """Which models look at the pictures, and how often."""

    detector: str = Field(default="auto", min_length=1, description='A model\'s name, or "auto".')
    expression: str = Field(default="auto", min_length=1, description='A name, "auto" or "none".')
    input_width_px: int = Field(
        default=640,
        ge=96,
        le=1920,
        description="Width at which the detector sees the frame, pixels.",
    )
    detect_every: int = Field(default=1, ge=1, le=30, description="Detect on every n-th frame.")
    expression_per_s: float = Field(
        default=3.0, gt=0, le=30, description="Readings per person and second, at most."
    )


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
    reset_s: float = Field(
        default=30.0, ge=5, le=300, description="Idle seconds until a fresh page."
    )


class ZoneSettings(_Section):
    """One zone; polygon points are shares of the frame's width and height."""

    name: Name
    kind: ZoneKind
    polygon: Annotated[
        tuple[tuple[_Share, _Share], ...], Field(min_length=3), AfterValidator(_with_area)
    ]

    def zone(self) -> Zone:
        """Return the zone as the analytics' value."""
        return Zone(name=self.name, kind=self.kind, polygon=self.polygon)


def _default_zones() -> tuple[ZoneSettings, ...]:
    # A camera above the counter that looks at the citizens: the officer's side is the strip at
    # the bottom and is masked, who is served stands near and low, who waits stands far and high.
    return (
        _band("officer-side", ZoneKind.MASK, 0.90, 1.0),
        _band("service", ZoneKind.SERVICE, 0.42, 0.90),
        _band("waiting", ZoneKind.WAITING, 0.0, 0.42),
    )


def _band(name: str, kind: ZoneKind, top: float, bottom: float) -> ZoneSettings:
    polygon = ((0.0, top), (1.0, top), (1.0, bottom), (0.0, bottom))
    return ZoneSettings(name=name, kind=kind, polygon=polygon)


class EdgeSettings(BaseSettings):
    """Everything that can be set on a counter unit; read it with `read_settings`."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__"
    )

    device: DeviceSettings = DeviceSettings()
    store: StoreSettings = StoreSettings()
    broker: BrokerSettings = BrokerSettings()
    camera: CameraSettings = CameraSettings()
    vision: VisionSettings = VisionSettings()
    visits: VisitSettings = VisitSettings()
    kiosk: KioskSettings = KioskSettings()
    zones: tuple[ZoneSettings, ...] = Field(default_factory=_default_zones)

    def with_camera(self, *, source: str | None = None, loop: bool | None = None) -> EdgeSettings:
        """Return the settings with what a command line says about the camera instead."""
        given = {"source": source, "loop": loop}
        changes = {key: value for key, value in given.items() if value is not None}
        return self.model_copy(update={"camera": self.camera.model_copy(update=changes)})

    def mask_zones(self) -> tuple[Zone, ...]:
        """Return the zones whose pixels nobody may see."""
        return tuple(zone.zone() for zone in self.zones if zone.kind is ZoneKind.MASK)

    def with_detector(self, name: str | None) -> EdgeSettings:
        """Return the settings with another detector, unless `name` is None."""
        changes = {} if name is None else {"detector": name}
        return self.model_copy(update={"vision": self.vision.model_copy(update=changes)})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources, strongest first: the environment, then the file's values."""
        return env_settings, init_settings


def read_settings(path: Path | None = None) -> EdgeSettings:
    """Return the settings in the TOML file `path` (defaults without one) and the environment.

    Raises SettingsError: one line that names the key, where it stands and what is allowed.
    """
    document = {} if path is None else _read_toml(path)
    _refuse_unknown_sections(os.environ)
    broker_url = os.environ.get(_BROKER_URL)
    if broker_url:
        document["broker"] = {**_section(document, "broker"), "url": broker_url}
    try:
        return EdgeSettings(**document)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError(_one_line(error, path)) from error


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"settings file {path} cannot be read: {error.strerror}; "
            "docs/edge.toml.example is a start"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"settings file {path} is not TOML: {error}") from error


def _section(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = document.get(name, {})
    return section if isinstance(section, Mapping) else {}


def _refuse_unknown_sections(environment: Mapping[str, str]) -> None:
    for variable in sorted(environment):
        section = variable[len(PREFIX) :].partition("__")[0].lower()
        if variable.upper().startswith(PREFIX) and section not in EdgeSettings.model_fields:
            known = ", ".join(EdgeSettings.model_fields)
            raise SettingsError(f"environment {variable}: unknown section; known: {known}")


def _one_line(error: ValidationError, path: Path | None) -> str:
    """Return the first complaint in one line, and how many more there are."""
    complaints = error.errors(include_url=False, include_input=False)
    first = complaints[0]
    keys = [str(part) for part in first["loc"]]
    variable = PREFIX + "__".join(keys).upper()
    place = f"environment {variable}" if variable in os.environ or path is None else str(path)
    more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
    return f"{place}: {'.'.join(keys)}: {_reason(first)}{more}"


def _reason(complaint: ErrorDetails) -> str:
    if complaint["type"] != "extra_forbidden":
        return complaint["msg"]
    section, *rest = [str(part) for part in complaint["loc"]]
    field = EdgeSettings.model_fields.get(section)
    known: Mapping[str, object] = EdgeSettings.model_fields
    if rest and field is not None:
        model = ZoneSettings if section == "zones" else field.annotation
        known = (
            model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
        )
    return f"unknown key; known: {', '.join(known)}"
