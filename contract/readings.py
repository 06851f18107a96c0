"""What the API and its stream say: KPI definitions, readings, and updates of a scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec


class KpiFamily(StrEnum):
    """Which side of the wall between official and experience a KPI stands on."""

    OFFICIAL = "official"
    EXPERIENCE = "experience"
    OPERATION = "operation"


class Measure(StrEnum):
    """How a KPI's value is read. An AGE is the seconds since `observed_at`: clients count it on.

    An INDEX is a number without a unit, of which decimals matter; it may be negative.
    """

    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"
    DAYS = "days"
    MIX = "mix"
    AGE = "age"
    INDEX = "index"


class Direction(StrEnum):
    """Whether a greater value is better, a smaller one, or neither can be said."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Timing(StrEnum):
    """Which periods a KPI answers: the state at this moment, or what happened in a period."""

    NOW = "now"
    PERIOD = "period"


class Withheld(StrEnum):
    """Why a reading has no value. Missing is missing, never zero.

    FEW_OFFICERS: so few officers served that the figure would name them, or let one be computed
    from its neighbours.
    """

    FEW_OFFICERS = "few_officers"
    NO_DATA = "no_data"
    SMALL_SAMPLE = "small_sample"
    STALE = "stale"


class Guard(StrEnum):
    """What a KPI tells of people, and so what bounds its release (docs/disclosure.md).

    SERVICE is how officers served, OPINION what citizens said of it, EXPRESSION what faces showed.
    NONE is a count of dossiers, complaints, queues or devices, and exact.
    """

    NONE = "none"
    SERVICE = "service"
    OPINION = "opinion"
    EXPRESSION = "expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiDefinition:
    """One row of the KPI catalogue, as clients see it; the stream has the `live` ones alone.

    One `on_request` is answered only where it is named. `formula` is in symbols, `reference` where
    it comes from.
    """

    id: str
    version: int
    family: KpiFamily
    measure: Measure
    timing: Timing
    source: str
    name_vi: str
    name_en: str
    description_vi: str
    description_en: str
    minimum_n: int
    fresh_for_s: float | None = None
    live: bool = False
    on_request: bool = False
    direction: Direction = Direction.NEITHER
    guard: Guard = Guard.NONE
    formula: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One KPI's value for one scope and one period, with everything needed to judge it.

    `scope` is `province`, `subtree:UNIT` (a unit with everything below it), `unit:UNIT` or
    `counter:UNIT/COUNTER`. `period` is `now` or a span of local days: `2026-10-31`, `2026-W44`,
    `2026-10`, `2026-Q4`, `2026`, `2026-10-01..2026-10-15`.

    `value` is None when `withheld` says why. `low` and `high` bound the interval where the KPI has
    one: of 95 % unless its description names another. `observed_at` is the newest observation that
    the value rests on; `since` the first day that it is of, where the period begins earlier but of
    those days nothing is kept any more. `parts` are the shares or counts behind a mix or a
    distribution.
    `named` is true where so few officers served that the value names them: it is told by right
    alone, and that it was told is recorded.
    `recounting` is true while some of its hours wait to be counted anew, because who served or
    what for has become known later.
    """

    kpi: str
    version: int
    scope: str
    period: str
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    parts: Mapping[str, float] | None = None
    withheld: Withheld | None = None
    observed_at: datetime | None = None
    since: date | None = None
    recounting: bool | None = None
    named: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The name of a scope: the province, or a unit."""

    scope: str
    kind: str
    name_vi: str
    name_en: str
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProblem:
    """What is wrong with a device or the server, in both languages.

    `code` is `other` for a device's own sentences.
    """

    code: str
    text_vi: str
    text_en: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A scope's readings of now and of today: all of them, or what changed since a revision.

    Without `since` it is whole: `places` names the scope first, then the units within it, and
    `readings` holds every reading of each. With `since` it leads from that revision, or a later
    one, to `revision`: `readings` are those that changed, and `observed` holds, by KPI and scope,
    the times of newer observations that changed nothing else.

    `computed_at` is the server's clock, against which clients compute the data's age. `alarms` say
    what is wrong with the server itself at that time; none says that nothing is.
    """

    revision: int
    computed_at: datetime
    scope: str
    since: int | None = None
    places: tuple[Place, ...] = ()
    readings: tuple[Reading, ...] = ()
    observed: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    alarms: tuple[DeviceProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One office of the tree, as it is on a day.

    One that only a message named is not `accepted`: it counts nowhere above itself, and stands on
    no wall but its own, until somebody accepts it. `successor` is what a unit is or will be merged
    into. `calendar` None is that of the parent. Latitude and longitude are degrees of WGS 84.
    """

    id: str
    parent: str | None = None
    kind: str
    name_vi: str
    name_en: str
    simulated: bool
    accepted: bool = True
    successor: str | None = None
    calendar: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReading:
    """One device; `last_seen` is its newest observation by the server's clock.

    `clock_offset_s` is the server's time less the device's: positive for a device that is behind.
    """

    unit: str
    counter: str
    device: str
    online: bool
    simulated: bool
    last_seen: datetime | None = None
    software: str = ""
    camera: str | None = None
    fps: float | None = None
    outbox_depth: int | None = None
    detector: str | None = None
    people_detector: str | None = None
    expression_model: str | None = None
    problems: tuple[DeviceProblem, ...] = ()
    clock_offset_s: float | None = None
    clock_synchronised: bool | None = None
    retired_at: datetime | None = None


class ClockTrust(StrEnum):
    """What devices with synchronised clocks say of the server's: at least three, most alike."""

    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    SUSPECT = "suspect"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """The server's own state. `alarms` are for everybody who looks at any screen.

    `clock_offset_s` is the server's time less that of `clock_devices` devices that agree.
    """

    clock: ClockTrust = ClockTrust.UNKNOWN
    clock_offset_s: float | None = None
    clock_devices: int = 0
    clock_since: datetime | None = None
    database_offset_s: float | None = None
    alarms: tuple[DeviceProblem, ...] = ()


def encode(value: object) -> bytes:
    """Return a value of this module as JSON; fields without a value are left out."""
    return _JSON.encode(_compact(msgspec.to_builtins(value, builtin_types=(datetime,))))


def _compact(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {name: _compact(member) for name, member in value.items() if member is not None}
    if isinstance(value, list | tuple):
        return [_compact(member) for member in value]
    return value


_JSON = msgspec.json.Encoder()
