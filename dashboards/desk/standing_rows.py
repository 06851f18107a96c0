"""The table of the rankings page: each member with its rank as a range, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from dash.development.base_component import Component

from contract.readings import Reading, Unit
from dashboards.api.rankings import Bounded, Ranked, RankedKind, Ranking
from dashboards.desk.grids import FIRST, Cell, Column, Row, cell, grid, row, sort_text
from dashboards.look import formats
from dashboards.look.texts import Bilingual, name_of, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows: one kind of a ranking, and what is known of its members.

    `names` are members' names, `simulated` units, `response` the response rate of units. `beside`
    are the same members in another period, by their names in the ranking.
    """

    ranking: Ranking
    kind: RankedKind | None
    names: Mapping[str, str]
    simulated: frozenset[str]
    response: Mapping[str, Reading]
    beside: Mapping[str, Ranked] = field(default_factory=lambda: MappingProxyType({}))


CHOSEN = ("group", "verdict", "value", "adjusted", "change", "n", "common", "response")
"""The columns that people may leave out."""


def standings_grid(name: str, shown: Shown, find: str) -> Component:
    """Return the grid, the best first; who has no rank comes last."""
    rows = () if shown.kind is None else shown.kind.rows
    columns = [
        Column(id=FIRST, name=say("column.unit"), width_px=215),
        Column(id="rank", name=say("rankings.column.rank"), width_px=140),
        Column(id="group", name=say("rankings.column.group"), numeric=True, width_px=85),
        Column(id="verdict", name=say("rankings.column.verdict"), width_px=165),
        Column(id="value", name=say("rankings.column.value"), numeric=True, width_px=140),
        Column(id="adjusted", name=say("rankings.column.adjusted"), numeric=True, width_px=130),
        Column(id="change", name=say("rankings.column.change"), numeric=True, width_px=150),
        Column(id="n", name=say("rankings.column.n"), numeric=True, width_px=110),
        Column(id="common", name=say("rankings.column.common"), numeric=True, width_px=120),
    ]
    if shown.response:
        response = Column(
            id="response", name=say("rankings.column.response"), numeric=True, width_px=115
        )
        columns.insert(8, response)
    if shown.beside:
        columns[2:2] = (
            Column(
                id="rank_beside",
                name=say("rankings.column.rank_beside"),
                numeric=True,
                width_px=130,
            ),
            Column(
                id="value_beside",
                name=say("rankings.column.value_beside"),
                numeric=True,
                width_px=130,
            ),
        )
    columns.append(Column(id="why", name=say("rankings.why"), width_px=75))
    table: Component = grid(
        name,
        columns,
        [_row(shown, each) for each in rows],
        order=("rank",),
        conditions={},
        find=find,
    )
    return table


def _row(shown: Shown, ranked: Ranked) -> Row:
    name = shown.names.get(ranked.member, ranked.member)
    level = shown.kind.level if shown.kind and shown.kind.level is not None else 0.0
    reading = shown.response.get(ranked.member)
    beside = shown.beside.get(ranked.member)
    return row(
        ranked.member,
        f"{name} {ranked.member}",
        {
            FIRST: _name_cell(shown, ranked, name),
            "rank": _rank_cell(ranked),
            "rank_beside": cell("") if beside is None else _rank_cell(beside),
            "value_beside": cell("") if beside is None else _share(beside.estimate),
            "group": _number(ranked.group),
            "verdict": _verdict(ranked, level),
            "value": _share(ranked.estimate),
            "adjusted": _share(ranked.adjusted),
            "change": _change(ranked.change),
            "n": _number(ranked.n),
            "common": _plain(ranked.common_work),
            "response": _plain(None if reading is None else reading.value),
            "why": cell(say("rankings.open").text),
        },
    )


def _name_cell(shown: Shown, ranked: Ranked, name: str) -> Cell:
    notes = []
    if ranked.suspect_n:
        notes.append(say("rankings.suspect", n=formats.number(ranked.suspect_n)).text)
    if ranked.founded:
        notes.append(say("rankings.founded").text)
    if ranked.closed:
        notes.append(say("rankings.closed").text)
    return cell(
        name,
        note=", ".join(notes),
        sort=sort_text(name),
        mark=say("wall.simulated").text if ranked.unit in shown.simulated else "",
    )


def _rank_cell(ranked: Ranked) -> Cell:
    if ranked.rank is None:
        return cell(say("rankings.unranked").text, state="withheld")
    rank, among = ranked.rank, ranked.among
    notes = [say("rankings.range_is", low=rank.low, high=rank.high).text]
    if among is not None:
        notes.append(say("rankings.among", count=formats.number(among)).text)
    return cell(
        say("rankings.rank_is", rank=round(rank.median)).text,
        note=", ".join(notes),
        sort=rank.median,
    )


def _verdict(ranked: Ranked, level: float) -> Cell:
    if ranked.rank is None or ranked.adjusted is None:
        return cell("")
    if not ranked.flagged:
        return cell(say("rankings.alike").text, state="withheld", sort=1.0)
    better = ranked.adjusted.value > level
    said = say("rankings.better" if better else "rankings.worse")
    return cell(said.text, state="online" if better else "problem", sort=0.0 if better else 2.0)


def _share(bounded: Bounded | None) -> Cell:
    if bounded is None:
        return cell(say("rankings.unranked").text, state="withheld")
    said = str(formats.share(bounded.value))
    return cell(said, note=_range(bounded), sort=bounded.value, figure=100 * bounded.value)


def _range(bounded: Bounded) -> str:
    return formats.share_range(bounded.low, bounded.high)


def _change(change: Bounded | None) -> Cell:
    if change is None:
        return cell("")
    low, high = _signed(change.low), _signed(change.high)
    sure = change.low > 0 or change.high < 0
    return cell(
        _signed(change.value),
        note=f"{low} … {high}",
        sort=change.value,
        figure=100 * change.value,
        state="" if sure else "withheld",
    )


def _signed(share: float) -> str:
    points = round(100 * share, 1)
    sign = "+" if points > 0 else "−" if points < 0 else ""
    return f"{sign}{formats.number(abs(points), 1)}"


def _plain(share: float | None) -> Cell:
    if share is None:
        return cell("")
    return cell(str(formats.share(share)), sort=share, figure=100 * share)


def _number(figure: int | None) -> Cell:
    if figure is None:
        return cell("")
    return cell(formats.number(figure), sort=float(figure), figure=float(figure))


def names_of(units: Sequence[Unit], ranking: Ranking) -> dict[str, str]:
    """Return the name of every member of a ranking."""
    named = {unit.id: name_of(unit).text for unit in units}
    rows = [each for kind in ranking.kinds for each in kind.rows]
    return {each.member: name_of_member(each, named) for each in rows}


def name_of_member(ranked: Ranked, units: Mapping[str, str]) -> str:
    """Return a member's own name, or that of its unit and what it is within it."""
    if ranked.name_vi or ranked.name_en:
        own = Bilingual(vi=ranked.name_vi or "", en=ranked.name_en or "")
        return f"{ranked.member} {own.text}"
    unit, _, part = ranked.member.partition("/")
    name = units.get(unit, unit)
    return f"{name} · {part}" if part else name


def place_of(ranking: Ranking, unit: str) -> tuple[RankedKind, Ranked] | None:
    """Return the kind and the row of a unit, None where the ranking does not know it."""
    found = ((kind, row) for kind in ranking.kinds for row in kind.rows if row.member == unit)
    return next(found, None)
