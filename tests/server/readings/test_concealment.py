"""Figures that would name an officer, and what could be computed from their neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hypothesis import given
from hypothesis import strategies as st

from contract.readings import Unit
from server.facts.serving import FEWEST_OFFICERS
from server.readings.concealment import concealed_places
from server.scopes import PROVINCE, Scope
from server.units.units import UnitTree


def tree_of(parents: Mapping[str, str | None]) -> UnitTree:
    return UnitTree.of(
        [
            Unit(id=name, parent=parent, kind="ward", name_vi=name, name_en=name, simulated=False)
            for name, parent in parents.items()
        ]
    )


FLAT = tree_of({"a": None, "b": None, "c": None})


def people(**served: int) -> dict[str, frozenset[int]]:
    """Return so many officers in each unit, each of whom serves in no other."""
    return {
        unit: frozenset(range(number * 10, number * 10 + count))
        for number, (unit, count) in enumerate(served.items())
    }


def test_where_nobody_is_known_to_serve_nobody_is_named():
    assert concealed_places(FLAT, {}) == set()


def test_three_officers_name_none():
    assert concealed_places(FLAT, people(a=3, b=3, c=4)) == set()


def test_a_unit_of_two_takes_the_smallest_other_with_it():
    """Or the province less the two others would be its figure."""
    hidden = concealed_places(FLAT, people(a=2, b=9, c=3))
    assert hidden == {Scope.of_unit(u) for u in "ab"} | {Scope.subtree(u) for u in "ab"}


def test_two_units_that_have_three_together_take_nobody_with_them():
    hidden = concealed_places(FLAT, people(a=2, b=1, c=3))
    assert hidden == {Scope.of_unit(u) for u in "ab"} | {Scope.subtree(u) for u in "ab"}


def test_an_officer_of_two_units_counts_once():
    served = {"a": frozenset({1, 2}), "b": frozenset({1, 2}), "c": frozenset({5, 6, 7})}
    assert Scope.of_unit("c") in concealed_places(FLAT, served)


def test_a_province_of_two_tells_nothing():
    assert PROVINCE in concealed_places(FLAT, people(a=2))


@st.composite
def provinces(draw: st.DrawFn) -> tuple[UnitTree, dict[str, frozenset[int]]]:
    names = [f"u{number}" for number in range(draw(st.integers(1, 9)))]
    parents = {
        name: draw(st.sampled_from([None, *names[:number]])) for number, name in enumerate(names)
    }
    officers = st.frozensets(st.integers(0, 12), max_size=FEWEST_OFFICERS)
    return tree_of(parents), {name: draw(officers) for name in names}


def cells(tree: UnitTree, scope: Scope) -> Iterator[Scope]:
    """Yield the parts that add up to a place."""
    if scope == PROVINCE:
        yield from (Scope.subtree(unit) for unit, each in tree.units.items() if not each.parent)
        return
    yield Scope.of_unit(scope.unit)
    yield from (
        Scope.subtree(unit) for unit, each in tree.units.items() if each.parent == scope.unit
    )


def left_by_subtraction(tree: UnitTree, scope: Scope, hidden: frozenset[Scope]) -> set[str]:
    """Return the units whose sum whoever subtracts every released part of `scope` is left with."""
    left: set[str] = set()
    for part in cells(tree, scope):
        if part in hidden:
            unit_alone = part == Scope.of_unit(part.unit)
            left |= {part.unit} if unit_alone else left_by_subtraction(tree, part, hidden)
    return left


@given(provinces())
def test_no_released_sum_less_its_released_parts_names_an_officer(province):
    tree, served = province
    hidden = concealed_places(tree, served)
    for scope in [PROVINCE, *map(Scope.subtree, tree.units), *map(Scope.of_unit, tree.units)]:
        if scope in hidden:
            continue
        units = (
            {scope.unit} if scope == Scope.of_unit(scope.unit or "")
            else set(tree.units) if scope == PROVINCE else set(tree.below(scope.unit))
        )  # fmt: skip
        everybody = frozenset().union(*(served[unit] for unit in units))
        assert not 0 < len(everybody) < FEWEST_OFFICERS, scope
        if scope != Scope.of_unit(scope.unit or ""):
            left = left_by_subtraction(tree, scope, hidden)
            rest = frozenset().union(*(served[unit] for unit in left)) if left else frozenset()
            assert not 0 < len(rest) < FEWEST_OFFICERS, (scope, left)
