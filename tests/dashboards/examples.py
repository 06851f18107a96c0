"""Provinces for tests and screenshots: any number of units, fresh or stale, large or small."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import sqrt

from contract.readings import (
    DeviceProblem,
    DeviceReading,
    KpiDefinition,
    KpiFamily,
    Measure,
    Place,
    Reading,
    Timing,
    Unit,
    Withheld,
)
from dashboards.api.views import View

_NAMES = (
    "Phường Kinh Bắc|Kinh Bac Ward",
    "Phường Đại Phúc|Dai Phuc Ward",
    "Phường Võ Cường|Vo Cuong Ward",
    "Phường Từ Sơn|Tu Son Ward",
    "Xã Yên Phong|Yen Phong Commune",
    "Phường Quế Võ|Que Vo Ward",
    "Xã Tiên Du|Tien Du Commune",
    "Phường Thuận Thành|Thuan Thanh Ward",
    "Xã Gia Bình|Gia Binh Commune",
    "Xã Lương Tài|Luong Tai Commune",
    "Phường Bắc Giang|Bac Giang Ward",
    "Trung tâm Phục vụ hành chính công|Provincial Public Administration Centre",
)


def kpi(
    name: str,
    family: KpiFamily,
    measure: Measure,
    vi: str,
    en: str,
    *,
    timing: Timing = Timing.PERIOD,
    minimum_n: int = 0,
    fresh_for_s: float | None = None,
) -> KpiDefinition:
    return KpiDefinition(
        id=name,
        version=1,
        family=family,
        measure=measure,
        timing=timing,
        source="examples",
        name_vi=vi,
        name_en=en,
        description_vi=f"{vi}, mô tả.",
        description_en=f"{en}, described.",
        minimum_n=minimum_n,
        fresh_for_s=fresh_for_s,
        live=True,
    )


_OFFICIAL, _OPERATION, _EXPERIENCE = KpiFamily.OFFICIAL, KpiFamily.OPERATION, KpiFamily.EXPERIENCE
_COUNT, _SHARE, _SECONDS, _NOW = Measure.COUNT, Measure.SHARE, Measure.SECONDS, Timing.NOW
CATALOGUE = (
    kpi("ratings", _OFFICIAL, _COUNT, "Lượt đánh giá", "Ratings"),
    kpi("share_satisfied", _OFFICIAL, _SHARE, "Tỷ lệ hài lòng", "Share satisfied", minimum_n=30),
    kpi(
        "people_waiting", _OPERATION, _COUNT, "Đang chờ", "People waiting",
        timing=_NOW, minimum_n=1, fresh_for_s=15.0,
    ),
    kpi("visits", _OPERATION, _COUNT, "Lượt phục vụ", "Visits"),
    kpi(
        "median_service", _OPERATION, _SECONDS, "Thời gian phục vụ trung vị",
        "Median service time", minimum_n=30,
    ),
    kpi("expression_mix", _EXPERIENCE, Measure.MIX, "Biểu cảm", "Expression mix", minimum_n=30),
    kpi(
        "devices_online", _OPERATION, _COUNT, "Thiết bị trực tuyến", "Devices online",
        timing=_NOW, minimum_n=1,
    ),
    kpi(
        "data_age", _OPERATION, Measure.AGE, "Tuổi dữ liệu", "Data age",
        timing=_NOW, minimum_n=1, fresh_for_s=30.0,
    ),
)  # fmt: skip
"""The eight KPIs of the server's catalogue, as clients see them."""
BY_ID = {definition.id: definition for definition in CATALOGUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One place with its readings of now and of today."""

    place: Place
    readings: tuple[Reading, ...]

    @property
    def scope(self) -> str:
        return self.place.scope

    @property
    def unit(self) -> Unit:
        return Unit(
            id=self.scope.removeprefix("subtree:"),
            kind=self.place.kind,
            name_vi=self.place.name_vi,
            name_en=self.place.name_en,
            simulated=self.place.simulated,
        )

    def reading(self, name: str) -> Reading:
        return next(reading for reading in self.readings if reading.kpi == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What an API would say at one moment."""

    head: Example
    units: tuple[Example, ...] = ()
    devices: tuple[DeviceReading, ...] = ()
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def within(self, scope: str) -> tuple[Example, ...]:
        """The scope first, then the units in it."""
        if scope == "province":
            return (self.head, *self.units)
        return tuple(unit for unit in self.units if unit.scope == scope)


def example(
    unit: str,
    name: str = "",
    *,
    ratings: int = 812,
    satisfied: int | None = None,
    waiting: int = 4,
    visits: int = 154,
    service_s: float = 272.0,
    mix: tuple[float, float, float] = (0.08, 0.31, 0.61),
    devices: tuple[int, int] = (2, 2),
    simulated: bool = False,
    at: datetime | None = None,
) -> Example:
    """Readings as the server computes them, small samples withheld as it does."""
    at = at or datetime.now(UTC)
    scope = unit if unit == "province" else f"subtree:{unit}"
    satisfied = round(ratings * 0.962) if satisfied is None else satisfied
    shares = (0.01, 0.02, 0.08, 0.3, 0.59)
    levels = {str(level): float(round(ratings * share)) for level, share in enumerate(shares, 1)}
    parts = dict(zip(("negative", "neutral", "positive"), mix, strict=True))
    online = {"online": float(devices[0]), "known": float(devices[1])}

    def reading(name: str, n: int, value: float | None, **rest: object) -> Reading:
        period = "now" if BY_ID[name].timing is Timing.NOW else "2026-10-16"
        return Reading(
            kpi=name, version=1, scope=scope, period=period, n=n, value=value,
            observed_at=at, **rest,  # type: ignore[arg-type]
        )  # fmt: skip

    share = reading("share_satisfied", ratings, None, withheld=Withheld.SMALL_SAMPLE)
    if ratings == 0:
        share = replace(share, withheld=Withheld.NO_DATA, observed_at=None)
    elif ratings >= 30:
        low, high = wilson(satisfied, ratings)
        share = reading("share_satisfied", ratings, satisfied / ratings, low=low, high=high)
    service = reading("median_service", visits, service_s)
    if visits < 30:
        why = Withheld.SMALL_SAMPLE if visits else Withheld.NO_DATA
        service = replace(service, value=None, withheld=why)
    vi, _, en = (name or unit).partition("|")
    return Example(
        place=Place(scope=scope, kind=_kind(vi), name_vi=vi, name_en=en, simulated=simulated),
        readings=(
            reading("ratings", ratings, ratings, parts=levels),
            share,
            reading("people_waiting", devices[0], waiting),
            reading("visits", visits, visits),
            service,
            reading("expression_mix", visits, parts["positive"], parts=parts),
            reading("devices_online", devices[1], devices[0], parts=online),
            reading("data_age", 1, 0.0),
        ),
    )


def _kind(name: str) -> str:
    kinds = {"Xã": "commune", "Trung": "centre", "Sở": "department"}
    return kinds.get(name.partition(" ")[0], "ward")


def wilson(successes: int, n: int) -> tuple[float, float]:
    z, p = 1.96, successes / n
    middle, spread = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)


def province(**figures: object) -> Example:
    defaults: dict[str, object] = {"ratings": 8412, "visits": 12408, "waiting": 137}
    return example("province", "Toàn tỉnh|Whole province", **(defaults | figures))  # type: ignore[arg-type]


def many_units(number: int, *, seed: int = 1, at: datetime | None = None) -> tuple[Example, ...]:
    rng = random.Random(seed)
    units = []
    for index in range(number):
        ratings = rng.choice((0, 7, 45, 120, 310, 812))
        negative = rng.uniform(0.02, 0.2)
        positive = rng.uniform(0.3, 0.6)
        units.append(
            example(
                f"unit-{index:03}",
                _NAMES[index % len(_NAMES)],
                ratings=ratings,
                satisfied=round(ratings * rng.uniform(0.86, 0.995)),
                waiting=rng.randrange(0, 24),
                visits=ratings + rng.randrange(0, 60),
                service_s=rng.uniform(40, 1500),
                mix=(negative, 1 - negative - positive, positive),
                devices=rng.choice(((2, 2), (2, 2), (4, 4), (1, 2), (0, 2))),
                simulated=index % 4 != 0,
                at=at,
            )
        )
    return tuple(units)


def device(number: int, *, online: bool = True, at: datetime | None = None) -> DeviceReading:
    missing = DeviceProblem(
        code="camera_missing",
        text_vi="camera không cho hình: kiểm tra dây cắm, nguồn điện và địa chỉ",
        text_en="the camera gives no picture: check cable, power and address",
    )
    return DeviceReading(
        unit="unit-000",
        counter=f"quay-{number}",
        device=f"motcua-{number:02}",
        online=online,
        simulated=number % 2 == 0,
        last_seen=at or datetime.now(UTC),
        software="0.1.0",
        camera="ok" if online else "missing",
        fps=9.8,
        outbox_depth=0 if online else 1240,
        detector="yunet",
        people_detector="fastestdet",
        expression_model=None,
        problems=() if online else (missing,),
    )


def situation(
    units: tuple[Example, ...] = (),
    *,
    head: Example | None = None,
    devices: tuple[DeviceReading, ...] = (),
    at: datetime | None = None,
) -> Situation:
    at = at or datetime.now(UTC)
    return Situation(head=head or province(at=at), units=units, devices=devices, at=at)


def view(
    units: tuple[Example, ...] = (),
    *,
    head: Example | None = None,
    catalogue: tuple[KpiDefinition, ...] = CATALOGUE,
    scope: str = "province",
) -> View:
    """What the dashboards hold of a situation."""
    now = situation(units, head=head)
    shown = now.within(scope)
    return View(
        catalogue=catalogue,
        scope=scope,
        revision=1,
        computed_at=now.at,
        places=tuple(each.place for each in shown),
        readings={(r.scope, r.kpi): r for each in shown for r in each.readings},
    )


def silent(shown: Example) -> Example:
    """The same place before anything was heard of it."""
    nothing = (
        replace(r, n=0, value=None, parts=None, low=None, high=None, observed_at=None,
                withheld=Withheld.NO_DATA)
        for r in shown.readings
    )  # fmt: skip
    return replace(shown, readings=tuple(nothing))


def aged(shown: Example, age: timedelta) -> Example:
    """The same readings, observed `age` ago."""
    at = datetime.now(UTC) - age
    return replace(shown, readings=tuple(replace(r, observed_at=at) for r in shown.readings))
