"""Snapshots for tests and screenshots: any number of units, fresh or stale, large or small."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from math import sqrt

from contract.readings import (
    DeviceReading,
    Reading,
    Snapshot,
    UnitReadings,
    Withheld,
)

_REVISIONS = count(1)
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


def reading(kpi: str, n: int, value: float | None, at: datetime, **rest: object) -> Reading:
    return Reading(kpi=kpi, version=1, n=n, value=value, observed_at=at, **rest)  # type: ignore[arg-type]


def unit_readings(
    unit: str,
    name: str,
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
) -> UnitReadings:
    """Readings as the server computes them, small samples withheld as it does."""
    at = at or datetime.now(UTC)
    satisfied = round(ratings * 0.962) if satisfied is None else satisfied
    shares = (0.01, 0.02, 0.08, 0.3, 0.59)
    levels = {str(level): float(round(ratings * share)) for level, share in enumerate(shares, 1)}
    share = Reading(kpi="share_satisfied_today", version=1, n=ratings, withheld=Withheld.NO_DATA)
    if 0 < ratings < 30:
        share = replace(share, withheld=Withheld.SMALL_SAMPLE, observed_at=at)
    elif ratings:
        low, high = wilson(satisfied, ratings)
        share = reading(
            "share_satisfied_today", ratings, satisfied / ratings, at, low=low, high=high
        )
    service = reading("median_service_today", visits, service_s, at)
    if visits < 30:
        why = Withheld.SMALL_SAMPLE if visits else Withheld.NO_DATA
        service = replace(service, value=None, withheld=why)
    vi, _, en = name.partition("|")
    parts = dict(zip(("negative", "neutral", "positive"), mix, strict=True))
    online = {"online": float(devices[0]), "known": float(devices[1])}
    return UnitReadings(
        unit=unit,
        name_vi=vi,
        name_en=en,
        simulated=simulated,
        readings=(
            reading("ratings_today", ratings, ratings, at, parts=levels),
            share,
            reading("people_waiting_now", devices[0], waiting, at),
            reading("visits_today", visits, visits, at),
            service,
            reading("expression_mix_today", visits, None, at, parts=parts),
            reading("devices_online", devices[1], devices[0], at, parts=online),
            reading("data_age", 1, 0.0, at),
        ),
    )


def wilson(successes: int, n: int) -> tuple[float, float]:
    z, p = 1.96, successes / n
    middle, spread = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)


def province(**figures: object) -> UnitReadings:
    defaults: dict[str, object] = {"ratings": 8412, "visits": 12408, "waiting": 137}
    return unit_readings("province", "Toàn tỉnh|Whole province", **(defaults | figures))  # type: ignore[arg-type]


def many_units(
    number: int, *, seed: int = 1, at: datetime | None = None
) -> tuple[UnitReadings, ...]:
    rng = random.Random(seed)
    units = []
    for index in range(number):
        name = _NAMES[index % len(_NAMES)]
        ratings = rng.choice((0, 7, 45, 120, 310, 812))
        negative = rng.uniform(0.02, 0.2)
        positive = rng.uniform(0.3, 0.6)
        units.append(
            unit_readings(
                f"unit-{index:03}",
                name,
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
        problems=() if online else ("camera missing: /dev/video0",),
    )


def snapshot(
    units: tuple[UnitReadings, ...] = (),
    *,
    whole: UnitReadings | None = None,
    devices: tuple[DeviceReading, ...] = (),
    at: datetime | None = None,
) -> Snapshot:
    return Snapshot(
        revision=next(_REVISIONS),
        computed_at=at or datetime.now(UTC),
        province=whole or province(at=at),
        units=units,
        devices=devices,
    )


def silent(unit: UnitReadings) -> UnitReadings:
    """The same unit before anything was heard of it."""
    nothing = (Reading(kpi=r.kpi, version=1, n=0, withheld=Withheld.NO_DATA) for r in unit.readings)
    return replace(unit, readings=tuple(nothing))


def aged(unit: UnitReadings, age: timedelta) -> UnitReadings:
    """The same readings, observed `age` ago."""
    at = datetime.now(UTC) - age
    return replace(unit, readings=tuple(replace(r, observed_at=at) for r in unit.readings))
