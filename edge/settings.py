"""The device's settings: `edge.toml` first, then the environment; unknown keys are errors."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from edge.analytics.zones import Begin, Zone, ZoneKind
from edge.sections import (
    BrokerSettings,
    CameraSettings,
    DeviceSettings,
    GpioSettings,
    KioskSettings,
    StoreSettings,
    TicketSettings,
    VisionSettings,
    VisitSettings,
    ZoneSettings,
    default_zones,
    refuse_misplaced_zones,
)
from runtime.errors import SettingInvalid

__all__ = ["EdgeSettings", "GpioSettings", "KioskSettings", "TicketSettings", "read_settings"]

PREFIX = "MOTCUA_EDGE__"
"""Environment variables MOTCUA_EDGE__SECTION__KEY override the file."""

_BROKER_URL = "MOTCUA_BROKER_URL"


class EdgeSettings(BaseSettings):
    """Everything that can be set on a device; read it with `read_settings`."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__"
    )

    device: DeviceSettings = DeviceSettings()
    store: StoreSettings = StoreSettings()
    broker: BrokerSettings = BrokerSettings()
    camera: CameraSettings = CameraSettings()
    cameras: tuple[CameraSettings, ...] = ()
    vision: VisionSettings = VisionSettings()
    visits: VisitSettings = VisitSettings()
    kiosk: KioskSettings = KioskSettings()
    gpio: GpioSettings = GpioSettings()
    tickets: TicketSettings = TicketSettings()
    zones: tuple[ZoneSettings, ...] = Field(default_factory=default_zones)

    def with_camera(self, *, source: str | None = None, loop: bool | None = None) -> EdgeSettings:
        """Return the settings with the camera options of a command line, where they are given."""
        given = {"source": source, "loop": loop}
        changes = {key: value for key, value in given.items() if value is not None}
        return self.model_copy(update={"camera": self.camera.model_copy(update=changes)})

    def views(self) -> tuple[EdgeSettings, ...]:
        """Return the settings of each camera: those with it as `camera` and its zones alone."""
        return tuple(
            self.model_copy(
                update={"camera": camera, "cameras": (), "zones": self._zones_of(camera.name)}
            )
            for camera in (self.camera, *self.cameras)
        )

    @property
    def body_zones(self) -> tuple[str, ...]:
        """The names of the zones whose visits begin with a body."""
        return tuple(
            zone.name
            for zone in self.zones
            if zone.begin is Begin.BODY and zone.kind is ZoneKind.SERVICE
        )

    def _zones_of(self, camera: str) -> tuple[ZoneSettings, ...]:
        return tuple(zone for zone in self.zones if (zone.camera or self.camera.name) == camera)

    @model_validator(mode="after")
    def _cameras_and_zones_fit(self) -> EdgeSettings:
        refuse_misplaced_zones(
            self.device, [c.name for c in (self.camera, *self.cameras)], self.zones
        )
        return self

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

    Raises SettingInvalid: one line that names the key, where it stands and what is allowed.
    """
    document = {} if path is None else _read_toml(path)
    _refuse_wrong_sections(os.environ)
    broker_url = os.environ.get(_BROKER_URL)
    if broker_url:
        document["broker"] = {**_section(document, "broker"), "url": broker_url}
    try:
        return EdgeSettings(**document)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingInvalid(_one_line(error, path)) from error


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingInvalid(
            f"settings file {path} cannot be read: {error.strerror}; "
            "docs/edge.toml.example is a start"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingInvalid(f"settings file {path} is not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingInvalid(f"settings file {path} is not TOML: {error}") from error


def _section(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = document.get(name, {})
    return section if isinstance(section, Mapping) else {}


def _refuse_wrong_sections(environment: Mapping[str, str]) -> None:
    """Refuse what pydantic-settings would ignore, or refuse without the variable's name."""
    for variable in sorted(environment):
        if not variable.upper().startswith(PREFIX):
            continue
        section, _, key = variable[len(PREFIX) :].lower().partition("__")
        if section not in EdgeSettings.model_fields:
            known = ", ".join(EdgeSettings.model_fields)
            raise SettingInvalid(f"environment {variable}: unknown section; known: {known}")
        if not key and not _is_json(environment[variable]):
            raise SettingInvalid(
                f"environment {variable}: a whole section is written as JSON; "
                f"one key is set with {PREFIX}{section.upper()}__KEY"
            )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _one_line(error: ValidationError, path: Path | None) -> str:
    """Return the first error in one line, and how many more there are."""
    details = error.errors(include_url=False, include_input=False)
    first = details[0]
    keys = [str(part) for part in first["loc"]]
    variable = PREFIX + "__".join(keys).upper()
    if variable not in os.environ and keys == ["broker", "url"] and os.environ.get(_BROKER_URL):
        variable = _BROKER_URL
    place = f"environment {variable}" if variable in os.environ or path is None else str(path)
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    return f"{place}: {'.'.join(keys)}: {_reason(first)}{more}"


def _reason(detail: ErrorDetails) -> str:
    if detail["type"] != "extra_forbidden":
        return detail["msg"]
    section, *rest = [str(part) for part in detail["loc"]]
    field = EdgeSettings.model_fields.get(section)
    known: Mapping[str, object] = EdgeSettings.model_fields
    if rest and field is not None:
        lists: Mapping[str, object] = {"zones": ZoneSettings, "cameras": CameraSettings}
        model = lists.get(section, field.annotation)
        known = (
            model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
        )
    return f"unknown key; known: {', '.join(known)}"
