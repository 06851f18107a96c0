"""The table of aims: figures from the results, and a plain yes or no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.lab.evaluation.aims import Reason, aims, judge
from models.lab.evaluation.expressions import evaluate_expressions
from models.lab.evaluation.results import read_all_results
from models.lab.evaluation.tables import number, percent
from tests.models.lab.evaluation.fakes import COUNTED_AS, Faces, GreyReader

RESULTS = read_all_results()
FACES = [result.faces for result in RESULTS if result.faces]
EXPRESSIONS = [result.expressions for result in RESULTS if result.expressions]
BENCHES = [result.bench for result in RESULTS if result.bench]
KNOWN = aims(FACES, EXPRESSIONS, BENCHES)


@pytest.mark.parametrize(("value", "reached"), [(0.9, True), (0.88, True), (0.8799, False)])
def test_the_bound_itself_is_reached(value, reached):
    (above,) = judge("recall", "faces", value, 0.88, percent)
    (below,) = judge("error", "faces", -value, -0.88, number, is_most=True)
    assert (above.is_reached, below.is_reached) == (reached, reached)
    assert (above.wanted, below.wanted) == ("≥ 88.0 %", "≤ -0.880")


def test_what_was_not_measured_is_no_aim():
    assert not list(judge("recall", "faces", None, 0.88, percent))


def test_every_kind_of_aim_is_judged():
    judged = " ".join(aim.what for aim in KNOWN)
    for what in ("faces found", "without faces", "landmarks", "every peer", "macro-F1",
                 "recall of neutral", "ECE", "ms a face", "time a frame"):  # fmt: skip
        assert what in judged


def test_what_is_missed_is_said():
    (faces,) = [evaluation for evaluation in FACES if evaluation.without_faces]
    worse = tuple(
        replace(report, conditions=tuple(replace(c, recall=replace(c.recall, value=0.5))
                                         for c in report.conditions))
        for report in faces.models
    )  # fmt: skip
    missed = [
        aim.what for aim in aims([replace(faces, models=worse)], [], []) if not aim.is_reached
    ]
    assert {"faces found, width 32", "faces found, width 48"} <= set(missed)


def test_a_better_peer_is_named():
    ours = GreyReader(name="motcua-expression", mistaken={"happy": "neutral"})
    peer = GreyReader(name="a-peer")
    pairs = [(label, "") for label in COUNTED_AS for _ in range(3)]
    found = evaluate_expressions(Faces(pairs), [ours, peer])
    (aim,) = [aim for aim in aims([], [found], []) if "every peer" in aim.what]
    assert not aim.is_reached
    assert "a-peer" in aim.wanted


def test_people_who_calibrate_judge_no_aim():
    pairs = [(label, "") for label in ("happy", "sad", "neutral")]
    reader = GreyReader(name="motcua-expression", mistaken={"sad": "neutral"})
    for part, is_judged in (("calibration", False), ("validation", True)):
        found = evaluate_expressions(Faces(pairs, name=f"faces, {part}"), [reader])
        missed = {aim.reason for aim in aims([], [found], []) if not aim.is_reached}
        assert (Reason.FEW_NEGATIVES in missed) == is_judged
