"""How units compare on one KPI: five levels from best to worst, and who is as good as all. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from contract.readings import Direction, KpiDefinition, Reading
from dashboards.look.figures import reason

BEST, MIDDLE, WORST = 1, 3, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One unit's level, 1 the best and 5 the worst, None without a value.

    It is `uncertain` where its interval takes in the whole's value: it may be as good as all.
    """

    scope: str
    value: float | None
    level: int | None
    uncertain: bool = False


def compare(
    definition: KpiDefinition, readings: Sequence[Reading], whole: Reading | None
) -> tuple[Level, ...]:
    """Return the level of each reading: fifths of those that have a value, equal ones together.

    Where neither way is better, a greater value stands for a lower level.
    """
    values = {each.scope: _value(each) for each in readings}
    told = sorted(value for value in values.values() if value is not None)
    middle = None if whole is None else whole.value
    return tuple(
        Level(
            scope=each.scope,
            value=value,
            level=None if value is None else _fifth(value, told, definition.direction),
            uncertain=value is not None and _takes_in(each, middle),
        )
        for each in readings
        for value in (values[each.scope],)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Who is called out at one end, the extreme first.

    Behind them `equal` units are written alike, too many to call out one of them before the others.
    """

    named: tuple[Level, ...] = ()
    equal: int = 0
    example: Level | None = None


def ends(levels: Sequence[Level], count: int, written: Callable[[Level], str]) -> tuple[End, End]:
    """Return at most `count` of the best and of the worst that are certain.

    Nobody is called out before another unit whose value is `written` alike.
    """
    certain = [each for each in levels if each.level is not None and not each.uncertain]
    best = [each for each in certain if each.level is not None and each.level < MIDDLE]
    worst = [each for each in certain if each.level is not None and each.level > MIDDLE]
    values = {each.scope: each.value or 0.0 for each in certain}
    upward = bool(best and worst) and values[best[0].scope] < values[worst[0].scope]
    if not (best and worst):
        upward = _rises(certain, values)
    best.sort(key=lambda each: values[each.scope], reverse=not upward)
    worst.sort(key=lambda each: values[each.scope], reverse=upward)
    alike = Counter(written(each) for each in levels if each.level is not None)
    return _end(best, count, written, alike), _end(worst, count, written, alike)


def _end(
    ordered: Sequence[Level], count: int, written: Callable[[Level], str], alike: Counter[str]
) -> End:
    named: list[Level] = []
    for said, group in groupby(ordered, key=written):
        first, *others = group
        if len(named) == count:
            break
        if len(named) + alike[said] > count or alike[said] > 1 + len(others):
            return End(named=tuple(named), equal=alike[said], example=first)
        named += (first, *others)
    return End(named=tuple(named))


def _rises(certain: Sequence[Level], values: dict[str, float]) -> bool:
    """Return whether levels grow with values."""
    found = sorted((values[each.scope], each.level or 0) for each in certain)
    return len(found) > 1 and found[0][1] < found[-1][1]


def _value(reading: Reading) -> float | None:
    if reason(reading) is not None:
        return None
    if reading.value is None:
        return (reading.parts or {}).get("positive")
    return reading.value


def _fifth(value: float, told: Sequence[float], direction: Direction) -> int:
    """Return the fifth of `told` that the middle of all equal values stands in."""
    below = sum(each < value for each in told)
    equal = sum(each == value for each in told)
    share = (below + equal / 2) / len(told)
    fifth = min(int(share * WORST) + 1, WORST)
    return fifth if direction is Direction.LOWER else WORST + 1 - fifth


def _takes_in(reading: Reading, middle: float | None) -> bool:
    if middle is None or reading.low is None or reading.high is None:
        return False
    return reading.low <= middle <= reading.high
