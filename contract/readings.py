"""What the API and its WebSocket say: KPI definitions, readings and snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class KpiFamily(StrEnum):
    """Which side of the wall between official and experience a KPI stands on."""

    OFFICIAL = "official"
    EXPERIENCE = "experience"
    OPERATION = "operation"


class KpiUnit(StrEnum):
    """How a KPI's value is read."""

    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"
    MIX = "mix"


class Withheld(StrEnum):
    """Why a reading has no value. Missing is missing, never zero."""

    NO_DATA = "no_data"
    SMALL_SAMPLE = "small_sample"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiDefinition:
    """One row of the KPI catalogue, as clients see it."""

    id: str
    version: int
    family: KpiFamily
    unit: KpiUnit
    name_vi: str
    name_en: str
    description_vi: str
    description_en: str
    minimum_n: int
    fresh_for_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One KPI's value with everything needed to judge it.

    `value` is None when `withheld` says why. `low` and `high` bound the 95 % interval where the
    KPI has one. `observed_at` is the newest observation that the value rests on. `parts` are the
    shares or counts behind a mix or a distribution.
    """

    kpi: str
    version: int
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    parts: Mapping[str, float] | None = None
    withheld: Withheld | None = None
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReadings:
    """All readings of one unit, or of the whole province (`unit` is then "province")."""

    unit: str
    name_vi: str
    name_en: str
    simulated: bool
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReading:
    """One device; `last_seen` is its newest observation, never the newest receipt."""

    unit: str
    counter: str
    device: str
    online: bool
    simulated: bool
    last_seen: datetime | None
    software: str = ""
    camera: str | None = None
    fps: float | None = None
    outbox_depth: int | None = None
    detector: str | None = None
    people_detector: str | None = None
    expression_model: str | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything a wall shows, computed once per change and sent to every client.

    `revision` increases with every snapshot of one server process; `computed_at` is the server's
    clock, against which clients compute the data's age.
    """

    revision: int
    computed_at: datetime
    province: UnitReadings
    units: tuple[UnitReadings, ...]
    devices: tuple[DeviceReading, ...]
