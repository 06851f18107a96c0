"""The best of this month and who improved most: groups that cannot be told apart, with their n."""

from __future__ import annotations

from datetime import datetime

from contract.local_time import LOCAL_TIME
from dashboards.api.rankings import Ranked, RankedKind, Ranking
from dashboards.look import formats
from dashboards.look.texts import say_if_known, tell
from dashboards.push.improvement import Change, improved, leaders, ranked
from dashboards.push.nodes import Node, node
from dashboards.push.questions import CATALOGUE, RANKING, RANKING_BEFORE, Found, Question
from dashboards.push.sight import Sight
from dashboards.push.tiles import Tile, missing, note

_MOST_ROWS = 5


def asks(_: Sight) -> tuple[Question, ...]:
    """Return what the scene asks for."""
    return (CATALOGUE, RANKING, RANKING_BEFORE)


def draw(sight: Sight) -> tuple[Tile, ...]:
    """Return the two tiles, of another kind of unit each turn: like stands with like."""
    found, before = sight.found(RANKING), sight.found(RANKING_BEFORE)
    kinds = _kinds(found)
    kind = kinds[sight.turn % len(kinds)] if kinds else None
    named = tell("best.any") if kind is None else say_if_known(f"kind.{kind.kind}", kind.kind).text
    month = _month(sight.now)
    return (
        Tile(
            name="leaders",
            title=tell("best.leaders", kind=named, month=month),
            at=found.at,
            every_s=RANKING.every_s,
            body=_leaders(sight, found, kind),
        ),
        Tile(
            name="improved",
            title=tell("best.improved", kind=named, month=month),
            at=before.at and found.at,
            every_s=RANKING.every_s,
            body=_improved(sight, found, before, kind),
        ),
    )


def _kinds(found: Found) -> list[RankedKind]:
    """Return the kinds with somebody in a rank, the one with the most units first; else any with
    a unit of enough cases.
    """
    ranking = found.value
    if not isinstance(ranking, Ranking):
        return []
    shown = [kind for kind in ranking.kinds if any(row.estimate for row in kind.rows)]
    placed = [kind for kind in shown if ranked(kind.rows)]
    return sorted(placed or shown, key=lambda kind: (-len(kind.rows), kind.kind))


def _month(now: datetime) -> str:
    return f"{now.astimezone(LOCAL_TIME):%m/%Y}"


def _leaders(sight: Sight, found: Found, kind: RankedKind | None) -> tuple[Node, ...]:
    if found.refused:
        return missing("refused")
    group = leaders(kind.rows) if kind is not None else ()
    if kind is None or not group:
        return missing("small_sample")
    rows = ranked(kind.rows)
    tied = {row.unit for row in group}
    said = tell("best.tied" if len(group) > 1 else "best.alone", tied=len(group), ranked=len(rows))
    shown = (_placed(sight, row, leads=row.unit in tied) for row in rows[:_MOST_ROWS])
    return (*shown, note(said))


def _placed(sight: Sight, row: Ranked, *, leads: bool) -> Node:
    assert row.estimate is not None
    assert row.rank is not None
    low, high = formats.share(row.estimate.low), formats.share(row.estimate.high)
    ranks = formats.rank_range(row.rank.low, row.rank.high)
    return node(
        "div.placed",
        node("span.rank", f"{'● ' if leads else ''}{ranks}"),
        node("span.name", sight.name(f"subtree:{row.unit}")),
        node("b", str(formats.share(row.estimate.value))),
        node("span.note", f"{low.figure}–{high}"),
        node("span.note", f"n = {formats.number(row.n)}"),
    )


def _improved(
    sight: Sight, found: Found, before: Found, kind: RankedKind | None
) -> tuple[Node, ...]:
    if found.refused or before.refused:
        return missing("refused")
    if kind is None or not isinstance(before.value, Ranking):
        return missing()
    earlier = {row.unit: row for each in before.value.kinds for row in each.rows}
    changes = improved(kind.rows, earlier)
    if not changes:
        return (node("div.calm", tell("best.nobody_improved")),)
    return tuple(_change(sight, each) for each in changes[:_MOST_ROWS])


def _change(sight: Sight, change: Change) -> Node:
    gained = formats.number(100 * change.gained, 1)
    low, high = formats.number(100 * change.low, 1), formats.number(100 * change.high, 1)
    return node(
        "div.placed.gained",
        node("span.rank", "▲"),
        node("span.name", sight.name(f"subtree:{change.unit}")),
        node("b", f"+{gained}"),
        node("span.note", tell("best.points", low=low, high=high)),
        node("span.note", f"n = {formats.number(change.n)}"),
    )
