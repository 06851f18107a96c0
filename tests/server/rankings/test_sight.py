"""Whoever may see some of the members that others do not is told the ranks that everybody has."""

from __future__ import annotations

from contract.readings import Withheld
from server.kpi.statistics import Estimate
from server.rankings.changes import Parts
from server.rankings.ranks import Rank
from server.rankings.sight import with_named
from server.rankings.tables import Row, Table


def row(member: str, place: int | None = None, *, named: bool = False) -> Row:
    """Return a row of a unit, ranked unless without a place."""
    if place is None:
        return Row(member=member, unit=member, n=0, withheld=Withheld.FEW_OFFICERS)
    rank = Rank(median=place, low=1, high=place, in_top_decile=0.0, in_bottom_decile=0.0)
    estimate = Estimate(value=0.9, low=0.8, high=0.95)
    parts = Parts(total=0.1, by_factor={}, own=0.1)
    return Row(
        member=member, unit=member, n=200, estimate=estimate, rank=rank, group=1, group_size=2,
        shrunken=0.9, parts=parts, named=named,
    )  # fmt: skip


PUBLIC = {"ward": Table(rows=(row("a", 1), row("d", 2), row("b"), row("c")), level=0.8)}
WHOLE = {
    "ward": Table(
        rows=(row("a", 2), row("b", 1, named=True), row("c", 4, named=True), row("d", 3)),
        level=0.7,
    )
}


def test_ranks_of_others_are_those_that_anybody_sees_and_own_ones_are_among_all() -> None:
    table = with_named(PUBLIC, WHOLE, {"b"})["ward"]
    told = {each.member: (each.rank and each.rank.median, each.among) for each in table.rows}
    assert told == {"a": (1, None), "d": (2, None), "c": (None, None), "b": (1, 4)}
    assert table.level == 0.8


def test_a_row_of_its_own_tells_nothing_of_those_that_are_withheld() -> None:
    (own,) = (each for each in with_named(PUBLIC, WHOLE, {"b"})["ward"].rows if each.among)
    assert (own.parts, own.over_expected, own.shrunken, own.group) == (None, None, None, None)
    assert own.estimate is not None


def test_a_kind_of_which_nobody_sees_anything_is_told_by_right_alone() -> None:
    assert with_named({}, WHOLE, {"c"})["ward"].rows[0].member == "c"
    assert with_named({}, WHOLE, {"x"}) == {}
