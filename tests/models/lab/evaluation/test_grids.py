"""Tables on a terminal and in a document."""

from __future__ import annotations

import pytest

from models.lab.evaluation.grids import Grid, number_with_interval, percent, percent_with_interval
from models.lab.evaluation.report import Figure

GRID = Grid(title="Title", heading=("model", "n"), rows=(("one", "5"), ("longer", "1000")))


def test_columns_are_aligned():
    assert GRID.as_text().splitlines() == [
        "Title",
        "  model      n",
        "  one        5",
        "  longer  1000",
    ]


def test_markdown_has_a_rule_below_its_heading():
    assert GRID.as_markdown().splitlines() == [
        "| model | n |",
        "| --- | ---: |",
        "| one | 5 |",
        "| longer | 1000 |",
    ]


@pytest.mark.parametrize(
    ("figure", "share", "plain"),
    [
        (Figure(value=0.5, low=0.25, high=0.75), "50.0 % (25.0–75.0)", "0.500 (0.250–0.750)"),
        (Figure(value=-0.5, low=-1, high=0), "-50.0 % (-100.0 to 0.0)", "-0.500 (-1.000 to 0.000)"),
        (Figure(value=0.5), "50.0 %", "0.500"),
        (Figure(value=None), "–", "–"),
    ],
)  # fmt: skip
def test_a_figure_has_its_interval_where_there_is_one(figure, share, plain):
    assert percent_with_interval(figure) == share
    assert number_with_interval(figure) == plain


def test_missing_is_not_zero():
    assert percent(None) == "–"
    assert percent(0.0) == "0.0 %"
