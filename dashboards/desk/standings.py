"""The two figures of the rankings page: the funnel, and ranks with their ranges in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from dashboards.api.rankings import Funnel, Lines, Rank, Ranked, RankedKind
from dashboards.desk.charts import Figures
from dashboards.look import formats
from dashboards.look.texts import say, tell
from dashboards.look.theme import palette, plotly_template

_DASHED, _SOLID = "dot", "solid"
_BARS, _THIN_BARS, _MANY = 3, 1, 150
_STEPS, _MOST_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500), 7
_FUNNEL_COLUMNS = ("member", "observed", "expected", "ratio", "verdict")
_TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]


def colour_of(row: Ranked, level: float) -> str:
    """Return the colour of a member: only who clearly differs stands out."""
    if not row.flagged or row.adjusted is None:
        return palette().ink_soft
    return palette().live if row.adjusted.value > level else palette().mix_negative


def render_funnel(kind: RankedKind, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the funnel as a Dash graph takes it; empty for a kind of which nobody is ranked."""
    rows = [row for row in kind.rows if row.over_expected is not None]
    lines = [] if kind.funnel is None else _limits(kind.funnel)
    points = [(row, row.over_expected) for row in rows if row.over_expected is not None]
    most = max((each.ratio for _, each in points), default=1.0)
    return {
        "data": [
            *lines,
            {
                "type": "scatter",
                "mode": "markers",
                "x": [each.expected for _, each in points],
                "y": [each.ratio for _, each in points],
                "text": [
                    f"{names.get(row.member, row.member)}<br>"
                    + say(
                        "rankings.observed",
                        observed=formats.number(each.observed),
                        expected=formats.number(each.expected),
                    ).text
                    for row, each in points
                ],
                "hoverinfo": "text",
                "marker": {
                    "size": 11,
                    "color": [colour_of(row, kind.level or 0.0) for row, _ in points],
                    "line": {"width": 1, "color": palette().ground},
                },
            },
        ],
        "layout": {
            "template": plotly_template().to_plotly_json(),
            "margin": {"l": 8, "r": 56, "t": 8, "b": 8},
            "xaxis": {
                "type": "log",
                "title": {"text": say("rankings.expected").text, "font": {"size": 15}},
                "showgrid": False,
                "tickvals": _TICKS,
                "ticktext": [formats.number(tick) for tick in _TICKS],
            },
            "yaxis": {"range": [0, 1.1 * max(most, 1.6)], "tickformat": ".1f"},
            "annotations": [] if kind.funnel is None else _named(kind.funnel.added),
        },
    }


def funnel_figures(kind: RankedKind, names: Mapping[str, str]) -> Figures:
    """Return the funnel's points as a table, the fewest failures for the work first."""
    found = [(row, row.over_expected) for row in kind.rows]
    told = [(row, over) for row, over in found if over is not None]
    return Figures(
        heads=[tell(f"rankings.funnel_column.{each}") for each in _FUNNEL_COLUMNS],
        rows=[
            [
                names.get(row.member, row.member),
                formats.number(over.observed),
                formats.number(over.expected, 1),
                formats.number(over.ratio, 2),
                _judged(row, kind.level or 0.0),
            ]
            for row, over in sorted(told, key=lambda each: each[1].ratio)
        ],
    )


def rank_figures(kind: RankedKind, names: Mapping[str, str]) -> Figures:
    """Return ranks with their ranges as a table, in the order of the chart."""
    return Figures(
        heads=[
            tell("column.unit"),
            *(tell(f"rankings.column.{each}") for each in ("rank", "group", "verdict")),
        ],
        rows=[
            [
                names.get(row.member, row.member),
                tell("rankings.ranked", rank=round(rank.median), low=rank.low, high=rank.high),
                formats.number(row.group or 0),
                _judged(row, kind.level or 0.0),
            ]
            for row, rank in _ranked(kind)
        ],
    )


def _judged(row: Ranked, level: float) -> str:
    if not row.flagged or row.adjusted is None:
        return tell("rankings.alike")
    return tell("rankings.better" if row.adjusted.value > level else "rankings.worse")


def _ranked(kind: RankedKind) -> list[tuple[Ranked, Rank]]:
    """Return the members that are ranked among themselves, the best group first."""
    found = [(row, row.rank) for row in kind.rows if row.rank is not None and row.among is None]
    return sorted(found, key=lambda each: (each[0].group or 0, each[1].median))


def _limits(funnel: Funnel) -> list[dict[str, Any]]:
    drawn = [
        (lines, side, dash)
        for lines, dash in ((funnel.exact, _DASHED), (funnel.added, _SOLID))
        for side in ("low_95", "high_95", "low_998", "high_998")
    ]
    target = {"x": [funnel.exact.expected[0], funnel.exact.expected[-1]], "y": [1, 1]}
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "hoverinfo": "skip",
            "line": {"color": palette().ink, "width": 1},
            **target,
        },
        *(
            {
                "type": "scatter",
                "mode": "lines",
                "hoverinfo": "skip",
                "x": list(lines.expected),
                "y": list(getattr(lines, side)),
                "line": {"color": palette().mix_neutral, "width": 1.5, "dash": dash},
            }
            for lines, side, dash in drawn
        ),
    ]


def _named(lines: Lines) -> list[dict[str, Any]]:
    return [
        {
            "xref": "paper",
            "x": 1,
            "xanchor": "left",
            "y": side[-1],
            "text": name,
            "showarrow": False,
            "font": {"size": 14, "color": palette().ink_soft},
        }
        for side, name in ((lines.high_998, "99,8 %"), (lines.high_95, "95 %"))
    ]


def render_ranks(kind: RankedKind, names: Mapping[str, str]) -> dict[str, Any]:
    """Return ranks with their ranges, the best first, each group on a ground of its own."""
    found = _ranked(kind)
    rows, ranks = [row for row, _ in found], [rank for _, rank in found]
    places = list(range(1, len(rows) + 1))
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": places,
                "y": [rank.median for rank in ranks],
                "text": [
                    f"{names.get(row.member, row.member)}<br>"
                    + say(
                        "rankings.ranked", rank=round(rank.median), low=rank.low, high=rank.high
                    ).text
                    for row, rank in zip(rows, ranks, strict=True)
                ],
                "hoverinfo": "text",
                "marker": {
                    "size": 9 if len(rows) <= _MANY else 4,
                    "color": [colour_of(row, kind.level or 0.0) for row in rows],
                },
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [rank.high - rank.median for rank in ranks],
                    "arrayminus": [rank.median - rank.low for rank in ranks],
                    "color": palette().mix_neutral,
                    "thickness": _BARS if len(rows) <= _MANY else _THIN_BARS,
                    "width": 0,
                },
            }
        ],
        "layout": {
            "template": plotly_template().to_plotly_json(),
            "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
            "xaxis": {"visible": False, "range": [0.3, len(rows) + 0.7]},
            "yaxis": {
                "range": [len(rows) + 1, 0],
                "tickvals": _ticks(len(rows)),
                "title": {"text": say("rankings.rank_axis").text, "font": {"size": 15}},
            },
            **_grounds(rows),
        },
    }


def _ticks(members: int) -> list[int]:
    step = next((step for step in _STEPS if members / step <= _MOST_TICKS), _STEPS[-1])
    return sorted({1, *range(step, members + 1, step)})


def _grounds(rows: Sequence[Ranked]) -> dict[str, list[dict[str, Any]]]:
    shapes, names, at = [], [], 0.5
    for group, members in groupby(rows, key=lambda row: row.group or 0):
        size = len(list(members))
        shapes.append(
            {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                "x0": at,
                "x1": at + size,
                "y0": 0,
                "y1": 1,
                "line": {"width": 0},
                "fillcolor": palette().divider if group % 2 else palette().plane,
                "opacity": 0.55,
                "layer": "below",
            }
        )
        if size > 0.06 * len(rows):
            names.append(
                {
                    "xref": "x",
                    "yref": "paper",
                    "x": at + size / 2,
                    "y": 1.0,
                    "yanchor": "bottom",
                    "text": say("rankings.group", group=group).text,
                    "showarrow": False,
                    "font": {"size": 14, "color": palette().ink_soft},
                }
            )
        at += size
    return {"shapes": shapes, "annotations": names}
