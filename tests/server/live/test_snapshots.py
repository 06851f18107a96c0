"""What the cache says of units, their parents and the province, and what a change changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from contract.readings import Unit
from server.facts.connections import Connection, ConnectionTotals
from server.facts.queues import CounterState, QueueTotals
from server.facts.ratings import RatingTotals
from server.facts.sources import Fact
from server.kpi.catalogue import LIVE
from server.live.snapshots import SnapshotCache
from server.scopes import PROVINCE, Scope
from server.units.units import UnitTree

NOW = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)


def unit(name: str, parent: str | None = None, *, simulated: bool = False) -> Unit:
    return Unit(
        id=name, parent=parent, kind="ward", name_vi=name, name_en=name, simulated=simulated
    )


def fact(name: str, totals: object) -> Fact:
    return Fact(unit=name, member=None, day=None, totals=totals)


def rated(name: str, n: int, at: datetime = NOW) -> Fact:
    return fact(name, RatingTotals(by_score=(0, 0, 0, 0, n), newest=at))


def online(name: str, at: datetime = NOW) -> Fact:
    return fact(name, ConnectionTotals(devices=(Connection(last_seen=at),)))


def waiting(name: str, length: int, at: datetime = NOW) -> Fact:
    return fact(name, QueueTotals(counters=(CounterState(observed_at=at, queue_length=length),)))


def cache_of(*units: Unit, **facts: list[Fact]) -> SnapshotCache:
    cache = SnapshotCache(first_revision=7)
    cache.replace_all(UnitTree.of(units), facts, NOW)
    return cache


def ratings(cache: SnapshotCache) -> dict[str, int]:
    return {
        scope: reading.n for (scope, kpi), reading in cache.readings.items() if kpi == "ratings"
    }


def test_every_unit_and_the_province_carry_the_live_catalogue_in_order():
    cache = cache_of(unit("a"), unit("b"), ratings=[rated("a", 1)])
    for scope in ("province", "subtree:a", "subtree:b"):
        kpis = [kpi for place, kpi in cache.readings if place == scope]
        assert kpis == [kpi.id for kpi in LIVE]


def test_parent_covers_everything_below_it_once():
    cache = cache_of(
        unit("root"), unit("a", "root"), unit("b", "root"), unit("a1", "a"),
        ratings=[rated("a", 2), rated("b", 3), rated("a1", 5)],
    )  # fmt: skip
    assert ratings(cache) == {
        "province": 10, "subtree:root": 10, "subtree:a": 7, "subtree:b": 3, "subtree:a1": 5,
    }  # fmt: skip


def test_a_unit_that_only_a_message_named_waits_to_be_accepted():
    waiting_unit = replace(unit("mistyped"), accepted=False)
    facts = {"ratings": [rated("a", 1), rated("mistyped", 4)]}
    cache = cache_of(unit("a"), waiting_unit, **facts)
    assert ratings(cache) == {"province": 1, "subtree:a": 1, "subtree:mistyped": 4}
    assert list(map(str, cache.within(PROVINCE))) == ["province", "subtree:a"]
    cache.replace_all(UnitTree.of([unit("a"), unit("mistyped")]), facts, NOW)
    assert ratings(cache)["province"] == 5
    assert "subtree:mistyped" in map(str, cache.within(PROVINCE))


def test_province_keeps_what_a_unit_that_is_no_longer_listed_has_given():
    cache = cache_of(unit("new"), ratings=[rated("old", 4), rated("new", 1)])
    assert ratings(cache)["province"] == 5
    cache.change(frozenset({"old"}), {"ratings": [rated("old", 6)]}, NOW, with_time=False)
    assert ratings(cache)["province"] == 7


def test_simulation_is_marked_on_the_unit_its_parent_and_the_province():
    cache = cache_of(
        unit("root"), unit("real", "root"), unit("toy", "root", simulated=True), unit("alone")
    )
    marked = {place.scope for place in cache.places(cache.within(PROVINCE)) if place.simulated}
    assert marked == {"province", "subtree:root", "subtree:toy"}


def test_circle_in_the_tree_does_not_hang():
    cache = cache_of(unit("a", "b"), unit("b", "a"), ratings=[rated("a", 1)])
    assert set(ratings(cache).values()) == {1}


def test_scope_of_a_unit_holds_what_lies_below_it_and_nothing_else():
    cache = cache_of(unit("root"), unit("a", "root"), unit("a1", "a"), unit("b", "root"))
    assert cache.within(Scope.subtree("a")) == (Scope.subtree("a"), Scope.subtree("a1"))


def test_change_touches_the_unit_what_lies_above_it_and_the_province():
    cache = cache_of(
        unit("root"), unit("a", "root"), unit("b", "root"),
        ratings=[rated("a", 2), rated("b", 3)],
    )  # fmt: skip
    delta = cache.change(frozenset({"a"}), {"ratings": [rated("a", 4)]}, NOW, with_time=False)
    assert {scope for scope, _ in delta.readings} == {"province", "subtree:root", "subtree:a"}
    assert ratings(cache)["province"] == 7
    assert delta.revision == cache.revision == 9


def test_newer_observation_of_the_same_figure_travels_as_a_time():
    cache = cache_of(unit("a"), queues=[waiting("a", 2)], connections=[online("a")])
    later = NOW + timedelta(seconds=5)
    delta = cache.change(
        frozenset({"a"}),
        {"queues": [waiting("a", 2, later)], "connections": [online("a", later)]},
        later,
        with_time=False,
    )
    assert delta.readings == {}
    assert set(delta.observed) == {
        (scope, kpi)
        for scope in ("province", "subtree:a")
        for kpi in ("people_waiting", "devices_online", "data_age")
    }
    assert set(delta.observed.values()) == {later}


def test_time_alone_takes_a_silent_device_offline():
    cache = cache_of(unit("a"), unit("b"), connections=[online("a")])
    later = NOW + timedelta(seconds=31)
    assert cache.change(frozenset({"b"}), {}, later, with_time=False).readings.keys() == {
        ("province", "devices_online")
    }
    delta = cache.change(frozenset(), {}, later, with_time=True)
    assert delta.readings["subtree:a", "devices_online"].value == 0


def test_growing_age_alone_is_no_change():
    cache = cache_of(unit("a"), connections=[online("a")])
    delta = cache.change(frozenset(), {}, NOW + timedelta(seconds=3), with_time=True)
    assert (delta.readings, delta.observed) == ({}, {})
