"""Why aims are missed, as far as it is known: a paragraph for each reason that applies."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import assert_never

from contract.manifest import Sentiment
from models.lab.evaluation.aims import Aim, Reason
from models.lab.evaluation.expression_grids import against
from models.lab.evaluation.folder import LABEL
from models.lab.evaluation.grids import number_with_interval
from models.lab.evaluation.report import Classification, ExpressionEvaluation

_LINE = 100
_HEAD = "What is not reached, and why, as far as it is known:"

_OWN_LABELS = """
**FER2013's own labels** are one annotator's, and no calibration gives both kinds of labels what
they want. Sentiments answer to the voters ([decision 0015](decisions/0015-sentiments-by-votes.md),
with what was tried); how near ten voters, taken as a model, come to the annotator stands under
"Beside people".
"""

_MACHINE = """
**Milliseconds** are those of the machine named beside them; ratios to a peer, under
[Speed](#speed), tell more of another one. What fewer multiplications would cost was measured
([decision 0016](decisions/0016-accuracy-before-milliseconds.md)).
"""


def shortfalls(found: Sequence[Aim], expressions: Sequence[ExpressionEvaluation]) -> str:
    """Return a list of what is known of the aims that are missed; "" where nothing is.

    `expressions` are the evaluations that judge, and those of the people who calibrate.
    """
    missed = {aim.reason for aim in found if not aim.is_reached}
    items = [_item(_why(reason, found, expressions)) for reason in Reason if reason in missed]
    return "\n".join([f"{_HEAD}\n", *items]) if items else ""


def _item(text: str) -> str:
    """Return an item of a list, broken into lines."""
    return fill(
        " ".join(text.split()),
        width=_LINE,
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _why(reason: Reason, found: Sequence[Aim], expressions: Sequence[ExpressionEvaluation]) -> str:
    match reason:
        case Reason.OWN_LABELS:
            return _OWN_LABELS
        case Reason.FEW_NEGATIVES:
            return " ".join([_photographs(expressions), *map(_calibrating, expressions)])
        case Reason.LANDMARKS:
            return _landmarks([aim for aim in found if aim.reason is reason])
        case Reason.MACHINE:
            return _MACHINE
        case _:
            assert_never(reason)


def _photographs(expressions: Sequence[ExpressionEvaluation]) -> str:
    counts = " and ".join(
        str(_negatives(figures[0][1]))
        for evaluation in expressions
        if not evaluation.is_of_calibration and (figures := _three(evaluation))
    )
    return f"""
        **Macro-F1 on the photographs** hangs on {counts} negative faces, whose labels come from few
        people. The net ranks too few of them above neutral ones: no bias between the classes lifts
        it to the aim, nor does a new linear head
        ([decision 0015](decisions/0015-sentiments-by-votes.md)).
    """


def _calibrating(evaluation: ExpressionEvaluation) -> str:
    """Return what models have on the faces that only the calibration has seen."""
    figures = _three(evaluation)
    if not evaluation.is_of_calibration or not figures:
        return ""
    negatives = _negatives(figures[0][1])
    listed = ", ".join(f"{model} {number_with_interval(f.macro_f1)}" for model, f in figures)
    return f"""
        How hard the people are decides as well: on {evaluation.faces} faces, {negatives} of them
        negative, of people of whom nothing but our calibration has seen a picture, it is {listed}
        (`{evaluation.command}`).
    """


def _landmarks(judged: Sequence[Aim]) -> str:
    missed, reached = (
        ", ".join(f'"{aim.data}"' for aim in judged if aim.is_reached is is_reached)
        for is_reached in (False, True)
    )
    but = f", and reach it on {reached}" if reached else ""
    return f"""
        **Landmarks** miss the aim on {missed}{but}. The photographs are labelled by single looks of
        YuNet-n, those by consensus.csv by the mean of sixteen;
        `python -m models.lab.training.consensus` prints how far single looks are from that mean.
    """


def _three(evaluation: ExpressionEvaluation) -> list[tuple[str, Classification]]:
    """Return each model's figures of three classes against the column `label`."""
    return [(report.model, found.three) for report, found in against(evaluation, LABEL)]


def _negatives(figures: Classification) -> int:
    return sum(each.n for each in figures.classes if each.label == Sentiment.NEGATIVE)
