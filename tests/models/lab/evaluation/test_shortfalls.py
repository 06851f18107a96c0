"""What is said of missed aims: nothing of those that are reached, and figures from results only."""

from __future__ import annotations

import pytest

from models.lab.evaluation.aims import Aim, Reason, aims
from models.lab.evaluation.expressions import evaluate_expressions
from models.lab.evaluation.shortfalls import shortfalls
from tests.models.lab.evaluation.fakes import Faces, GreyReader

PAIRS = [(label, f"{label} {index}") for label in ("happy", "sad", "neutral") for index in range(5)]
WRONG = {"sad": "neutral"}
LEADS = {
    Reason.OWN_LABELS: "- **FER2013's own labels**",
    Reason.FEW_NEGATIVES: "- **Macro-F1 on the photographs**",
    Reason.LANDMARKS: "- **Landmarks**",
    Reason.MACHINE: "- **Milliseconds**",
}


def aim(reason, *, is_reached=False, data="data"):
    return Aim(what="it", data=data, wanted="", measured="", is_reached=is_reached, reason=reason)


def measured(part, *, mistaken=WRONG):
    readers = [GreyReader(name=name, mistaken=mistaken) for name in ("motcua-expression", "peer")]
    return evaluate_expressions(Faces(PAIRS, name=f"faces, {part}"), readers, command="motcua x")


@pytest.mark.parametrize("reason", list(Reason))
def test_a_paragraph_stands_where_its_aim_is_missed_and_nowhere_else(reason):
    others = [aim(other, is_reached=True) for other in Reason if other is not reason]
    text = shortfalls([aim(reason), *others, aim(None)], [])
    assert [other for other, lead in LEADS.items() if lead in text] == [reason]
    assert text.startswith("What is not reached")


def test_nothing_is_said_where_nothing_is_known():
    assert shortfalls([aim(None), *(aim(reason, is_reached=True) for reason in Reason)], []) == ""


def test_data_that_reach_the_aim_of_landmarks_are_named_beside_those_that_miss_it():
    of = [aim(Reason.LANDMARKS, data="faces"), aim(Reason.LANDMARKS, data="mean", is_reached=True)]
    assert 'miss the aim on "faces", and reach it on "mean".' in shortfalls(of, [])
    assert 'miss the aim on "faces". The' in shortfalls(of[:1], [])


def test_the_figures_of_people_who_calibrate_come_from_their_results():
    judging, calibrating = measured("validation"), measured("calibration")
    text = " ".join(shortfalls([aim(Reason.FEW_NEGATIVES)], [judging, calibrating]).split())
    assert "hangs on 5 negative faces" in text
    assert "on 15 faces, 5 of them negative" in text
    f1 = calibrating.models[0].annotations[0].three.macro_f1
    for name in ("motcua-expression", "peer"):
        assert f"{name} {f1.value:.3f} ({f1.low:.3f}–{f1.high:.3f})" in text
    assert "(`motcua x`)" in text
    alone = shortfalls([aim(Reason.FEW_NEGATIVES)], [judging])
    assert "calibration" not in alone


def test_people_who_calibrate_judge_no_aim():
    assert aims([], [measured("calibration")], []) == ()
    missed = {each.reason for each in aims([], [measured("validation")], []) if not each.is_reached}
    assert Reason.FEW_NEGATIVES in missed


def test_other_weights_than_the_bundled_ones_reach_and_miss_no_aim():
    readers = [GreyReader(name="motcua-expression (other weights)", mistaken=WRONG)]
    assert aims([], [evaluate_expressions(Faces(PAIRS), readers)], []) == ()
