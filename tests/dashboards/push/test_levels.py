from __future__ import annotations

from dataclasses import replace

from contract.readings import Direction, Reading, Withheld
from dashboards.push.grid import Spot, arrange, columns_for
from dashboards.push.levels import Level, compare, ends
from tests.dashboards.provinces import BY_ID

SHARE, QUEUE = BY_ID["share_satisfied"], BY_ID["people_waiting"]
WHOLE = Reading(kpi="x", version=1, scope="province", period="now", n=900, value=0.9)


def read(scope: str, value: float | None, spread: float | None = 0.001) -> Reading:
    if value is None:
        return replace(WHOLE, scope=scope, value=None, withheld=Withheld.SMALL_SAMPLE)
    bounds = {} if spread is None else {"low": value - spread, "high": value + spread}
    return replace(WHOLE, scope=scope, value=value, **bounds)


def written(level: Level) -> str:
    return f"{level.value:.3f}"


def test_fifths_go_from_best_to_worst_whichever_way_is_better() -> None:
    readings = [read(str(n), n / 10) for n in range(10)]
    levels = [each.level for each in compare(SHARE, readings, None)]
    assert levels == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert QUEUE.direction is Direction.LOWER
    assert [each.level for each in compare(QUEUE, readings, None)] == levels[::-1]


def test_equal_values_have_one_level_and_without_a_value_there_is_none() -> None:
    levels = compare(SHARE, [read("a", 0.5), read("b", 0.5), read("c", None)], None)
    assert [each.level for each in levels] == [3, 3, None]


def test_who_may_be_as_good_as_the_whole_is_uncertain_and_never_called_out() -> None:
    readings = [read("best", 0.99), read("wide", 0.97, 0.1), read("mid", 0.9), read("low", 0.5)]
    levels = compare(SHARE, readings, WHOLE)
    assert [each.uncertain for each in levels] == [False, True, True, False]
    best, worst = ends(levels, 3, written)
    assert [each.scope for each in best.named] == ["best"]
    assert [each.scope for each in worst.named] == ["low"]


def test_ends_begin_with_the_extreme_whichever_way_is_better() -> None:
    readings = [read(str(n), float(n), None) for n in range(10)]
    best, worst = ends(compare(QUEUE, readings, None), 3, written)
    assert [each.scope for each in best.named] == ["0", "1", "2"]
    assert [each.scope for each in worst.named] == ["9", "8", "7"]


def test_nobody_is_called_out_before_another_that_is_written_alike() -> None:
    readings = [read(str(n), 1.0 if n < 5 else 0.9 - n / 100) for n in range(20)]
    best, worst = ends(compare(SHARE, readings, WHOLE), 3, written)
    assert (best.named, best.equal) == ((), 5)
    assert [each.scope for each in worst.named] == ["19", "18", "17"]
    assert worst.equal == 0
    doubtful = [read("first", 0.99), read("wide", 0.99, 0.2), read("low", 0.5), read("mid", 0.9)]
    best, _ = ends(compare(SHARE, doubtful, WHOLE), 3, written)
    assert (best.named, best.equal) == ((), 2)


def test_the_map_keeps_north_above_and_west_left_and_unplaced_units_last() -> None:
    spots = {
        f"{row}{column}": Spot(latitude=21.5 - row / 10, longitude=106 + column / 10)
        for row in range(3)
        for column in range(columns_for(13))
    }
    scopes = ["nowhere", *sorted(spots, reverse=True)][:13]
    order = arrange(scopes, spots)
    assert sorted(order) == sorted(scopes)
    assert order[-1] == "nowhere"
    columns = columns_for(len(scopes))
    rows = [order[at : at + columns] for at in range(0, 12, columns)]
    for row in rows:
        longitudes = [spots[scope].longitude for scope in row if scope in spots]
        assert longitudes == sorted(longitudes)
    assert spots[rows[0][0]].latitude > spots[rows[-1][0]].latitude
