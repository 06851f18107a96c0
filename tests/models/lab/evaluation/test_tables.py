"""Tables on a terminal and in a document."""

from __future__ import annotations

import pytest

from models.lab.evaluation.report import Figure
from models.lab.evaluation.tables import Table, number, percent

TABLE = Table(title="Title", heading=("model", "n"), rows=(("one", "5"), ("longer", "1000")))


def test_columns_are_aligned():
    assert TABLE.as_text().splitlines() == [
        "Title",
        "  model      n",
        "  one        5",
        "  longer  1000",
    ]


def test_markdown_has_a_rule_below_its_heading():
    assert TABLE.as_markdown().splitlines() == [
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
    assert percent(figure) == share
    assert number(figure) == plain


def test_missing_is_not_zero():
    assert percent(None) == "–"
    assert percent(0.0) == "0.0 %"
