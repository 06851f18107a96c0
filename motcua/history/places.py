"""The simulated province: units of four kinds, counters, officers, procedures in families."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motcua.simulate.province import SimulatedUnit, province

DEPARTMENTS, CENTRES, COMMUNES_AND_WARDS = 13, 1, 99
_COUNTERS = {"department": 5, "centre": 40}
_VISITORS_A_COUNTER = {"ward": 32.0, "commune": 17.0, "department": 12.0, "centre": 24.0}
_OFFICERS_A_COUNTER = 1.5
FAMILIES, PROCEDURES = 25, 300

_NAMES = (
    "Hộ tịch|Civil status", "Chứng thực|Certification", "Đất đai|Land", "Xây dựng|Construction",
    "Đăng ký kinh doanh|Business registration", "Lao động|Labour", "Người có công|Merit",
    "Bảo trợ xã hội|Social protection", "Y tế|Health", "Giáo dục|Education", "Văn hóa|Culture",
    "Môi trường|Environment", "Nông nghiệp|Agriculture", "Giao thông|Transport",
    "Tài chính|Finance", "Thuế|Tax", "Bảo hiểm|Insurance", "Cư trú|Residence",
    "Căn cước|Identity cards", "Hải quan|Customs", "Khoa học|Science", "Công thương|Trade",
    "Nội vụ|Home affairs", "Tư pháp|Justice", "Thông tin|Information",
)  # fmt: skip
_LEANINGS = {"ward": 0.0, "commune": 0.4, "department": -0.9, "centre": -0.4}
"""How far a kind of unit leans towards simple families: negative ones take the hard ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoricUnit:
    """One unit; `quality` and `response_rate` are those of the live simulation, where it has them.

    `officers` are codes, `mix` the share of each family among its visitors.
    """

    id: str
    name_vi: str
    name_en: str
    kind: str
    counters: int
    visitors_a_day: float
    response_rate: float
    officers: tuple[str, ...]
    mix: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of procedures with the median of its service times."""

    id: str
    name_vi: str
    name_en: str
    service_s: float
    hardness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoricProvince:
    """Every place of the history, in a fixed order on which all arrays rest."""

    units: tuple[HistoricUnit, ...]
    families: tuple[Family, ...]

    @property
    def counters(self) -> tuple[tuple[int, str], ...]:
        """The index of the unit and the name of each counter."""
        return tuple(
            (index, f"quay-{number}")
            for index, unit in enumerate(self.units)
            for number in range(1, unit.counters + 1)
        )

    @property
    def officers(self) -> tuple[tuple[int, str], ...]:
        """The index of the unit and the code of each officer."""
        return tuple(
            (index, code) for index, unit in enumerate(self.units) for code in unit.officers
        )


def draw_province(seed: int, scale: float) -> HistoricProvince:
    """Return the province of `seed`; `scale` (0..1) is its part of the whole one's units.

    Communes and wards are those of `motcua simulate` with the same seed, so that a live simulation
    goes on where the history ends.
    """
    chance = np.random.default_rng([seed, 1])
    families = tuple(_family(index, chance) for index in range(FAMILIES))
    local = _local_units(seed, scale)
    units = [_local_unit(unit, families, chance) for unit in local]
    for number in range(1, max(1, round(DEPARTMENTS * scale)) + 1):
        name = f"Sở mô phỏng {number:02d}|Simulated department {number:02d}"
        units.append(_unit(f"sim-so-{number:02d}", name, "department", 5, families, chance))
    counters = max(4, round(_COUNTERS["centre"] * scale))
    name = "Trung tâm hành chính công mô phỏng|Simulated public administration centre"
    units.append(_unit("sim-trung-tam", name, "centre", counters, families, chance))
    return HistoricProvince(units=tuple(units), families=families)


def local_counters(seed: int, scale: float) -> int:
    """Return how many counters communes and wards have: `motcua simulate` can go on with them."""
    return sum(unit.counters for unit in _local_units(seed, scale))


def _local_units(seed: int, scale: float) -> tuple[SimulatedUnit, ...]:
    return province(10_000, seed)[: max(3, round(COMMUNES_AND_WARDS * scale))]


def _family(index: int, chance: np.random.Generator) -> Family:
    vi, en = _NAMES[index].split("|")
    hardness = float(chance.normal())
    return Family(
        id=f"linh-vuc-{index + 1:02d}",
        name_vi=f"{vi} (mô phỏng)",
        name_en=f"{en} (simulated)",
        service_s=float(500 * np.exp(0.28 * hardness)),
        hardness=hardness,
    )


def _local_unit(
    unit: SimulatedUnit, families: tuple[Family, ...], chance: np.random.Generator
) -> HistoricUnit:
    kind = "ward" if unit.is_ward else "commune"
    name = f"{unit.name_vi}|{unit.name_en}"
    return _unit(unit.id, name, kind, unit.counters, families, chance, unit.traits.response_rate)


def _unit(
    id: str,  # noqa: A002 - the field's name
    name: str,
    kind: str,
    counters: int,
    families: tuple[Family, ...],
    chance: np.random.Generator,
    response_rate: float | None = None,
) -> HistoricUnit:
    vi, en = name.split("|")
    code = id.upper().replace("SIM-", "MP").replace("-", "")
    hardness = np.array([family.hardness for family in families])
    weights = chance.gamma(0.9, size=len(families)) * np.exp(-_LEANINGS[kind] * hardness)
    officers = int(np.ceil(counters * _OFFICERS_A_COUNTER))
    return HistoricUnit(
        id=id,
        name_vi=vi,
        name_en=en,
        kind=kind,
        counters=counters,
        visitors_a_day=counters * _VISITORS_A_COUNTER[kind] * float(chance.uniform(0.8, 1.2)),
        response_rate=float(chance.uniform(0.25, 0.6)) if response_rate is None else response_rate,
        officers=tuple(f"{code}-{number:02d}" for number in range(1, officers + 1)),
        mix=weights / weights.sum(),
    )
