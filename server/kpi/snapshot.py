"""Puts the KPIs of every unit and of the province into one snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contract.readings import DeviceReading, Reading, Snapshot, UnitReadings
from server.kpi.catalogue import CATALOGUE
from server.kpi.computations import Moment
from server.kpi.inputs import Inputs, combine

PROVINCE = "province"
PROVINCE_NAME_VI = "Toàn tỉnh"
PROVINCE_NAME_EN = "Whole province"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A node of the tree of units."""

    id: str
    parent: str | None
    kind: str
    name_vi: str
    name_en: str
    simulated: bool


def build_snapshot(
    units: Sequence[Unit],
    inputs: Mapping[str, Inputs],
    devices: Sequence[DeviceReading],
    *,
    now: datetime,
    revision: int,
) -> Snapshot:
    """Return all readings at `now`.

    `inputs` holds each unit's own counters; a unit's readings cover its whole subtree. The
    province covers every input, also of units that are not listed any more.
    """
    moment = Moment.at(now)
    below = subtrees(units)
    simulated = {unit.id for unit in units if unit.simulated}
    province = UnitReadings(
        unit=PROVINCE,
        name_vi=PROVINCE_NAME_VI,
        name_en=PROVINCE_NAME_EN,
        simulated=any(device.simulated for device in devices),
        readings=compute(combine(inputs.values()), moment),
    )
    readings = tuple(
        UnitReadings(
            unit=unit.id,
            name_vi=unit.name_vi,
            name_en=unit.name_en,
            simulated=not simulated.isdisjoint(below[unit.id]),
            readings=compute(_gather(below[unit.id], inputs), moment),
        )
        for unit in units
    )
    return Snapshot(
        revision=revision, computed_at=now, province=province, units=readings,
        devices=tuple(devices),
    )  # fmt: skip


def _gather(nodes: Iterable[str], inputs: Mapping[str, Inputs]) -> Inputs:
    return combine(inputs[node] for node in nodes if node in inputs)


def compute(inputs: Inputs, moment: Moment) -> tuple[Reading, ...]:
    """Return every KPI of the catalogue, in its order."""
    return tuple(kpi.reading(inputs, moment) for kpi in CATALOGUE)


def subtrees(units: Sequence[Unit]) -> dict[str, tuple[str, ...]]:
    """Return, for each unit, itself and everything below it."""
    children: dict[str, list[str]] = {}
    for unit in units:
        if unit.parent is not None:
            children.setdefault(unit.parent, []).append(unit.id)
    return {unit.id: _below(unit.id, children) for unit in units}


def _below(unit: str, children: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    found, waiting = [unit], list(children.get(unit, ()))
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.append(node)
            waiting.extend(children.get(node, ()))
    return tuple(found)
