"""Tables and charts of members that are ranked. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from contract.readings import Withheld
from contract.texts import Language
from server.rankings.funnel import Funnel
from server.rankings.material import RankingQuestion
from server.rankings.measures import Ranked
from server.rankings.tables import RANK_MINIMUM_N
from server.rankings.tables import Row as RankedRow
from server.rankings.tables import Table as RankedTable
from server.reports.contents.wording import Wording, share
from server.reports.document import (
    Cell,
    CellKind,
    Column,
    FunnelChart,
    Interval,
    Line,
    Missing,
    Point,
    RankBar,
    RankChart,
    Row,
    Table,
)
from server.reports.figures import write_cell

MOST_BARS = 100
"""Of more members the chart shows the first and last half of so many: what one page holds."""

_FUNNEL_PLACES = 4
METHODS = ("interval", "rank", "adjusted", "group", "funnel")


def ranking_tables(
    found: Mapping[str, RankedTable], question: RankingQuestion, words: Wording
) -> tuple[Table, ...]:
    """Return a table of each kind, the best first; of procedures those of which a share is told."""
    return tuple(
        _table(kind, table, question, words)
        for kind, table in found.items()
        if _told(table, question)
    )


def left_out(
    found: Mapping[str, RankedTable], question: RankingQuestion, words: Wording
) -> tuple[str, ...]:
    """Return the note of how many members no table tells; none where all are told."""
    n = sum(len(table.rows) - len(_told(table, question)) for table in found.values())
    if not n:
        return ()
    return (words.texts.format("note.left_out", n=n, members=_members(question, words)),)


def _told(table: RankedTable, question: RankingQuestion) -> tuple[RankedRow, ...]:
    """Return the rows that a table tells: a place has hundreds of procedures that few ask for."""
    if question.by is not Ranked.PROCEDURE:
        return table.rows
    return tuple(row for row in table.rows if row.estimate is not None)


def _members(question: RankingQuestion, words: Wording) -> str:
    return words.texts[f"members.{question.by}"]


def rank_charts(
    found: Mapping[str, RankedTable], question: RankingQuestion, words: Wording
) -> tuple[RankChart, ...]:
    """Return a chart of the ranges of ranks of each kind that has ranked members."""
    charts = []
    for kind, table in found.items():
        rows = [row for row in sorted(table.rows, key=_order) if row.rank and not row.among]
        if len(rows) < 2:
            continue
        shown, left_out = rows, ""
        if len(rows) > MOST_BARS:
            shown = rows[: MOST_BARS // 2] + rows[-MOST_BARS // 2 :]
            left_out = words.texts.format("note.top", shown=len(shown), members=len(rows))
        charts.append(
            RankChart(
                title=words.texts.format(
                    "chart.ranks", kind=_kind(kind, table, words), kpi=words.kpi(question.kpi)
                ),
                axis=words.texts["chart.ranks_axis"],
                bars=tuple(
                    RankBar(
                        label=_member(row, question, words),
                        low=row.rank.low,
                        middle=row.rank.median,
                        high=row.rank.high,
                    )
                    for row in shown
                    if row.rank is not None
                ),
                members=len(rows),
                left_out=left_out,
            )
        )
    return tuple(charts)


def funnels(
    found: Mapping[str, RankedTable], question: RankingQuestion, words: Wording
) -> tuple[FunnelChart, ...]:
    """Return a funnel of each kind that has one."""
    return tuple(
        _funnel(kind, table, table.funnel, question, words)
        for kind, table in found.items()
        if table.funnel is not None
    )


def _table(kind: str, table: RankedTable, question: RankingQuestion, words: Wording) -> Table:
    said, notes = words.texts, _notes(table, question, words)
    told = _told(table, question)
    rows = sorted(told, key=lambda row: (*_order(row), _member(row, question, words)))
    return Table(
        id=f"ranking.{question.kpi}.{kind}",
        title=said.format(
            "section.ranking", kind=_kind(kind, table, words), kpi=words.kpi(question.kpi)
        ),
        columns=_columns(question, words),
        rows=tuple(_row(number, row, question, words) for number, row in enumerate(rows, 1)),
        notes=tuple(notes),
        empty=said["note.no_rows"],
    )


def _notes(table: RankedTable, question: RankingQuestion, words: Wording) -> list[str]:
    said, members = words.texts, _members(question, words)
    if table.level is None:
        enough = sum(row.n >= RANK_MINIMUM_N for row in table.rows)
        return [said.format("note.alone" if enough == 1 else "note.not_ranked", members=members)]
    level = write_cell(share(table.level), CellKind.SHARE, words.language)
    return [
        said.format("note.level", level=level, members=members),
        said.format("note.ranking", members=members),
    ]


def _columns(question: RankingQuestion, words: Wording) -> tuple[Column, ...]:
    said = words.texts
    columns = [
        Column(id="number", title=said["column.number"], kind=CellKind.COUNT, width=4),
        Column(
            id="member", title=said[f"column.member.{question.by}"], kind=CellKind.TEXT, width=24
        ),
        Column(
            id="share", title=words.kpi(question.kpi), kind=CellKind.SHARE, width=12,
            n_in="n", interval_in="interval",
        ),
        Column(id="interval", title=said["column.interval"], kind=CellKind.INTERVAL, width=15),
        Column(id="n", title=said["column.n"], kind=CellKind.COUNT, width=7),
        Column(id="adjusted", title=said["column.adjusted"], kind=CellKind.SHARE, width=9),
        Column(id="rank", title=said["column.rank"], kind=CellKind.COUNT, width=7),
        Column(id="ranks", title=said["column.ranks"], kind=CellKind.RANKS, width=8),
        Column(id="group", title=said["column.group"], kind=CellKind.COUNT, width=7),
    ]  # fmt: skip
    if question.compared:
        title = said["column.change"]
        columns.append(Column(id="change", title=title, kind=CellKind.NUMBER, width=10))
    columns.append(Column(id="remark", title=said["column.remark"], kind=CellKind.TEXT, width=27))
    return tuple(columns)


def _row(number: int, row: RankedRow, question: RankingQuestion, words: Wording) -> Row:
    estimate = row.estimate
    told: Cell = None
    if estimate is None:
        reason = row.withheld or (Withheld.SMALL_SAMPLE if row.n else Withheld.NO_DATA)
        told = Missing(reason=words.texts[f"missing.{reason}"])
    change: tuple[Cell, ...] = ()
    if question.compared:
        # In points of a hundred, as the screens say it.
        change = (None if row.change is None else round(100 * row.change.value, 2) + 0.0,)
    return Row(
        key=f"{row.unit}/{row.member}",
        cells=(
            number,
            _member(row, question, words),
            told if estimate is None else share(estimate.value),
            None if estimate is None else _interval(estimate.low, estimate.high),
            None if row.withheld is not None else row.n,
            None if row.adjusted is None else share(row.adjusted.value),
            None if row.rank is None else row.rank.median,
            None if row.rank is None else Interval(low=row.rank.low, high=row.rank.high),
            row.group,
            *change,
            _remarks(row, question, words),
        ),
    )


def _remarks(row: RankedRow, question: RankingQuestion, words: Wording) -> str:
    said, members = words.texts, _members(question, words)
    remarks = []
    if row.estimate is not None and row.rank is None:
        few = row.n < RANK_MINIMUM_N
        remarks.append(said.format("remark.unranked" if few else "remark.alone", members=members))
    if row.group_size is not None and row.group_size > 1:
        remarks.append(said.format("remark.tied", others=row.group_size - 1, members=members))
    if row.among is not None:
        remarks.append(said.format("remark.among", count=row.among, members=members))
    if row.suspect_n:
        remarks.append(said.format("remark.suspect", n=row.suspect_n))
    marks = ("flagged", "founded", "closed", "named")
    remarks += [said[f"remark.{name}"] for name in marks if getattr(row, name)]
    return "; ".join(remarks)


def _funnel(
    kind: str, table: RankedTable, funnel: Funnel, question: RankingQuestion, words: Wording
) -> FunnelChart:
    said, limits = words.texts, funnel.added
    xs = _rounded(limits.expected)
    lines = [
        Line(name=said[f"chart.{name}"], xs=xs, ys=_rounded(ys), broken=broken)
        for name, ys, broken in (
            ("limit_95", limits.low_95, True),
            ("limit_95", limits.high_95, True),
            ("limit_998", limits.low_998, False),
            ("limit_998", limits.high_998, False),
        )
    ]
    points = [
        Point(
            x=round(row.over_expected.expected, _FUNNEL_PLACES),
            y=round(row.over_expected.ratio, _FUNNEL_PLACES),
            label=_member(row, question, words),
            outside=_outside(row.over_expected.expected, row.over_expected.ratio, lines),
        )
        for row in table.rows
        if row.over_expected is not None
    ]
    return FunnelChart(
        title=said.format(
            "chart.funnel", kind=_kind(kind, table, words), kpi=words.kpi(question.kpi)
        ),
        x_axis=said["chart.funnel_x"],
        y_axis=said["chart.funnel_y"],
        points=tuple(points),
        lines=tuple(lines),
    )


def _outside(x: float, y: float, lines: list[Line]) -> bool:
    low, high = (_at(line, x) for line in lines[2:])
    return not low <= y <= high


def _at(line: Line, x: float) -> float:
    """Return the line's height at x, straight between its points and level beyond its ends."""
    if x <= line.xs[0]:
        return line.ys[0]
    for left in range(len(line.xs) - 1):
        x0, x1 = line.xs[left], line.xs[left + 1]
        if x <= x1:
            part = (x - x0) / (x1 - x0) if x1 > x0 else 0.0
            return line.ys[left] + part * (line.ys[left + 1] - line.ys[left])
    return line.ys[-1]


def _rounded(values: object) -> tuple[float, ...]:
    return tuple(round(float(value), _FUNNEL_PLACES) for value in values)  # type: ignore[attr-defined]


def _interval(low: float, high: float) -> Interval:
    return Interval(low=share(low), high=share(high))


def _order(row: RankedRow) -> tuple[bool, float, float]:
    """Order those that are ranked among others than the rest of the table after them."""
    place = row.rank.median if row.rank else float("inf")
    return row.among is not None, place, -(row.estimate.value if row.estimate else -1.0)


def _kind(kind: str, table: RankedTable, words: Wording) -> str:
    named = table.name_vi if words.language is Language.VI else table.name_en
    return named or words.kind(kind)


def _member(row: RankedRow, question: RankingQuestion, words: Wording) -> str:
    named = row.name_vi if words.language is Language.VI else row.name_en
    if named:
        return named
    if question.by is Ranked.COUNTER:
        unit, _, counter = row.member.partition("/")
        return counter if unit == question.scope.unit else f"{words.unit(unit)}: {counter}"
    return words.unit(row.member)
