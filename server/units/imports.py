"""The tables of units and of counters: their columns, and how they are stored."""

from __future__ import annotations

from server.tabular import cells
from server.tabular.days import day
from server.tabular.imports import Kind
from server.tabular.records import Column, Record
from server.units.counters import CounterRecord, check_counter
from server.units.records import ROOM, UnitKind, UnitRecord, check
from server.units.store import store_counters, store_units

_KINDS = {
    "tỉnh": UnitKind.PROVINCE,
    "sở": UnitKind.DEPARTMENT,
    "ban": UnitKind.DEPARTMENT,
    "huyện": UnitKind.DISTRICT,
    "quận": UnitKind.DISTRICT,
    "thị xã": UnitKind.DISTRICT,
    "thành phố": UnitKind.DISTRICT,
    "xã": UnitKind.COMMUNE,
    "thị trấn": UnitKind.COMMUNE,
    "phường": UnitKind.WARD,
    "trung tâm": UnitKind.OFFICE,
    "văn phòng": UnitKind.OFFICE,
}

UNIT = Record(
    kind="units",
    room=ROOM,
    columns=(
        Column(name="id", parse=cells.name, required=True, example="phuong-vo-cuong"),
        Column(name="parent", parse=cells.name, example="bac-ninh"),
        Column(name="name_vi", parse=cells.text(), required=True, example="Phường Võ Cường"),
        Column(name="name_en", parse=cells.text(), example="Vo Cuong Ward"),
        Column(name="kind", parse=cells.choice(UnitKind, _KINDS), example="ward"),
        Column(name="valid_from", parse=day, example="2025-07-01"),
        Column(name="valid_to", parse=day, example=""),
        Column(name="parent_since", parse=day, example=""),
        Column(name="successor", parse=cells.name, example=""),
        Column(name="calendar", parse=cells.name, example=""),
        Column(name="latitude", parse=cells.number(-90, 90), example="21.1861"),
        Column(name="longitude", parse=cells.number(-180, 180), example="106.0763"),
    ),
    make=UnitRecord,
    check=check,
    key=("id",),
)

# The whole file at once: a unit may stand above the one that it belongs to.
UNITS = Kind(record=UNIT, store=store_units, batch_rows=None)

COUNTER = Record(
    kind="counters",
    room=ROOM,
    columns=(
        Column(name="unit", parse=cells.name, required=True, example="phuong-vo-cuong"),
        Column(name="id", parse=cells.name, required=True, example="quay-1"),
        Column(name="name_vi", parse=cells.text(), example="Quầy 1 – Hộ tịch"),
        Column(name="name_en", parse=cells.text(), example="Counter 1, civil status"),
        Column(name="valid_from", parse=day, example=""),
        Column(name="valid_to", parse=day, example=""),
    ),
    make=CounterRecord,
    check=check_counter,
    key=("unit", "id"),
)

COUNTERS = Kind(record=COUNTER, store=store_counters)
