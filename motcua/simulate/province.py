"""The simulated units and counters, drawn from a seed, and their names for the import."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from pathlib import Path

from contract.topics import Address

_COUNTERS_IN_A_UNIT = (3, 7)
_SHARE_OF_WARDS = 1 / 3  # 33 wards among 99 units
_VISITORS_A_DAY = {True: (140.0, 260.0), False: (60.0, 110.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTraits:
    """How one unit works; every counter of the unit shares it."""

    visitors_a_day: float
    service_mean_s: float
    response_rate: float
    quality: float
    outages_a_day: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedUnit:
    """One unit with its counters."""

    id: str
    name_vi: str
    name_en: str
    is_ward: bool
    counters: int
    traits: UnitTraits


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedCounter:
    """One counter with its device; `visitors_a_day` is its part of the unit's."""

    address: Address
    visitors_a_day: float
    traits: UnitTraits


def province(counters: int, seed: int) -> tuple[SimulatedUnit, ...]:
    """Return units that have `counters` counters together; a larger province keeps the first."""
    units: list[SimulatedUnit] = []
    left = counters
    while left > 0:
        unit = _unit(len(units) + 1, seed, at_most=left)
        units.append(unit)
        left -= unit.counters
    return tuple(units)


def counters_of(units: tuple[SimulatedUnit, ...]) -> tuple[SimulatedCounter, ...]:
    """Return every counter of `units`."""
    return tuple(
        SimulatedCounter(
            address=Address(unit=unit.id, counter=f"quay-{number}", device=f"{unit.id}-{number}"),
            visitors_a_day=unit.traits.visitors_a_day / unit.counters,
            traits=unit.traits,
        )
        for unit in units
        for number in range(1, unit.counters + 1)
    )


def write_units(path: Path, counters: int, seed: int) -> None:
    """Write the names of the units as the CSV that `motcua import units` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "parent", "name_vi", "name_en", "kind"))
        for unit in province(counters, seed):
            kind = "ward" if unit.is_ward else "commune"
            rows.writerow((unit.id, "", unit.name_vi, unit.name_en, kind))


def _unit(number: int, seed: int, *, at_most: int) -> SimulatedUnit:
    # Each unit has its own source of chance: another number of units leaves it as it is.
    chance = random.Random(f"unit/{seed}/{number}")  # noqa: S311
    is_ward = chance.random() < _SHARE_OF_WARDS
    counters = chance.randint(*_COUNTERS_IN_A_UNIT)
    label = f"{number:02d}"
    traits = UnitTraits(
        visitors_a_day=chance.uniform(*_VISITORS_A_DAY[is_ward])
        * min(counters, at_most)
        / counters,
        service_mean_s=chance.uniform(260, 620),
        response_rate=chance.uniform(0.25, 0.85),
        quality=min(0.98, max(0.45, chance.gauss(0.86, 0.09))),
        outages_a_day=chance.uniform(0.5, 4.0),
    )
    return SimulatedUnit(
        id=f"sim-{label}",
        name_vi=f"{'Phường' if is_ward else 'Xã'} mô phỏng {label}",
        name_en=f"Simulated {'ward' if is_ward else 'commune'} {label}",
        is_ward=is_ward,
        counters=min(counters, at_most),
        traits=traits,
    )
