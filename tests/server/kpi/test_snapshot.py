"""What a snapshot says of units, their parents and the province."""

from __future__ import annotations

from datetime import UTC, datetime

from contract.readings import DeviceReading, UnitReadings
from server.kpi.catalogue import DEFINITIONS
from server.kpi.inputs import DeviceState, Inputs, RatingTotals
from server.kpi.snapshot import Unit, build_snapshot

NOW = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)


def unit(name: str, parent: str | None = None, *, simulated: bool = False) -> Unit:
    return Unit(
        id=name, parent=parent, kind="ward", name_vi=name, name_en=name, simulated=simulated
    )


def with_ratings(n: int) -> Inputs:
    return Inputs(
        ratings=RatingTotals(by_score=(0, 0, 0, 0, n), newest=NOW),
        devices=(DeviceState(last_seen=NOW),),
    )


def device(unit: str, *, simulated: bool) -> DeviceReading:
    return DeviceReading(
        unit=unit, counter="c", device="d", online=True, simulated=simulated, last_seen=NOW
    )


def ratings_of(readings: UnitReadings) -> int:
    return next(reading.n for reading in readings.readings if reading.kpi == "ratings_today")


def snapshot(units, inputs, devices=()):
    return build_snapshot(units, inputs, devices, now=NOW, revision=1)


def test_every_unit_and_the_province_carry_the_whole_catalogue_in_order():
    result = snapshot([unit("a"), unit("b")], {"a": with_ratings(1)})
    expected = [definition.id for definition in DEFINITIONS]
    for readings in (result.province, *result.units):
        assert [reading.kpi for reading in readings.readings] == expected


def test_parent_covers_everything_below_it_once():
    result = snapshot(
        [unit("root"), unit("a", "root"), unit("b", "root"), unit("a1", "a")],
        {"a": with_ratings(2), "b": with_ratings(3), "a1": with_ratings(5)},
    )
    counts = {readings.unit: ratings_of(readings) for readings in result.units}
    assert counts == {"root": 10, "a": 7, "b": 3, "a1": 5}
    assert ratings_of(result.province) == 10


def test_province_keeps_what_a_unit_that_is_no_longer_listed_has_given():
    result = snapshot([unit("new")], {"old": with_ratings(4), "new": with_ratings(1)})
    assert ratings_of(result.province) == 5


def test_simulation_is_marked_on_the_unit_its_parent_and_the_province():
    result = snapshot(
        [unit("root"), unit("real", "root"), unit("toy", "root", simulated=True), unit("alone")],
        {},
        [device("toy", simulated=True), device("real", simulated=False)],
    )
    marked = {readings.unit for readings in result.units if readings.simulated}
    assert marked == {"root", "toy"}
    assert result.province.simulated


def test_circle_in_the_tree_does_not_hang():
    result = snapshot([unit("a", "b"), unit("b", "a")], {"a": with_ratings(1)})
    assert {ratings_of(readings) for readings in result.units} == {1}
