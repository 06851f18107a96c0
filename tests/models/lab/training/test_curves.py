"""Curves: what is measured alike shares an axis."""

from __future__ import annotations

from models.lab.training.curves import curves_of


def lines_of(figure):
    return [[line.get_label() for line in axes.lines] for axes in figure.axes]


def test_counts_of_false_cells_stand_beside_no_share():
    row = {"epoch": 0, "loss": 2.0, "kept_loss": 2.1, "recall": 0.9, "false": 31.0, "seconds": 1}
    assert lines_of(curves_of([row], "face")) == [["loss", "kept loss"], ["recall"], ["false"]]


def test_without_counts_there_is_no_axis_for_them():
    row = {"epoch": 0, "loss": 2.0, "own_accuracy": 0.5, "seconds": 1}
    assert lines_of(curves_of([row], "student")) == [["loss"], ["own accuracy"]]
