"""The table of aims: figures from the results, and a plain yes or no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.evaluation.aims import Aim, aims, aims_grid
from models.evaluation.expressions import evaluate_expressions
from models.evaluation.results import Results, read_all_results
from tests.models.evaluation.fakes import COUNTED_AS, Faces, GreyReader

KNOWN = read_all_results()


@pytest.mark.parametrize(("value", "reached"), [(0.9, True), (0.88, True), (0.8799, False)])
def test_the_bound_itself_is_reached(value, reached):
    above = Aim.at_least("recall", "faces", value, 0.88, share=True)
    below = Aim.at_most("error", "faces", -value, -0.88, share=False)
    assert (above.is_reached, below.is_reached) == (reached, reached)
    assert above.wanted == "≥ 88.0 %"


def test_every_kind_of_aim_is_judged():
    judged = " ".join(aim.what for aim in aims(KNOWN))
    for what in ("faces found", "without faces", "landmarks", "every peer", "macro-F1",
                 "recall of neutral", "ECE", "ms a face", "time a frame"):  # fmt: skip
        assert what in judged


def test_what_is_missed_is_said():
    grid = aims_grid(KNOWN)
    assert {row[-1] for row in grid.rows} <= {"yes", "**no**"}
    (result,) = [result for result in KNOWN if result.faces and result.faces.without_faces]
    faces = result.faces
    worse = tuple(
        replace(report, conditions=tuple(replace(c, recall=replace(c.recall, value=0.5))
                                         for c in report.conditions))
        for report in faces.models
    )  # fmt: skip
    missed = [
        aim.what
        for aim in aims([Results(faces=replace(faces, models=worse))])
        if not aim.is_reached
    ]
    assert {"faces found, width 32", "faces found, width 48"} <= set(missed)


def test_a_better_peer_is_named():
    ours = GreyReader(name="motcua-expression", mistaken={"happy": "neutral"})
    peer = GreyReader(name="a-peer")
    pairs = [(label, "") for label in COUNTED_AS for _ in range(3)]
    found = evaluate_expressions(Faces(pairs), [ours, peer])
    (aim,) = [aim for aim in aims([Results(expressions=found)]) if "every peer" in aim.what]
    assert not aim.is_reached
    assert "a-peer" in aim.wanted
