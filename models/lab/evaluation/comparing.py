"""By how much one model is better than another on the same faces, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from contract.manifest import Sentiment
from models.lab.evaluation import metrics
from models.lab.evaluation.bootstrap import confusion_sums, interval, resample
from models.lab.evaluation.judging import FEWEST_PEOPLE, Classified, Judged
from models.lab.evaluation.labels import EXPRESSIONS, SENTIMENTS
from models.lab.evaluation.metrics import Array
from models.lab.evaluation.report import Comparison, Figure

_NEUTRAL = SENTIMENTS.index(Sentiment.NEUTRAL)


def compare(
    annotation: str, model: str, judged: Judged, other_model: str, other: Judged
) -> Comparison:
    """Return the figures of `model` less those of `other_model`.

    Each resample draws the same people for both, so the interval is that of the difference: where
    it lies above 0, the model is better beyond the chance of who happens to be in the data.
    """
    seven = Figure(value=None)
    if judged.seven is not None and other.seven is not None:
        seven = _difference(judged.seven, other.seven, len(EXPRESSIONS), metrics.accuracy)
    return Comparison(
        annotation=annotation,
        model=model,
        other=other_model,
        seven_accuracy=seven,
        three_macro_f1=_difference(judged.three, other.three, len(SENTIMENTS), metrics.macro_f1),
        neutral_recall=_difference(judged.three, other.three, len(SENTIMENTS), _neutral_recall),
    )


def _difference(
    one: Classified, other: Classified, classes: int, figure: Callable[[Array], Array]
) -> Figure:
    groups = np.unique(one.groups, return_inverse=True)[1]
    counts, drawn = [], []
    for classified in (one, other):
        sums = confusion_sums(groups, classified.truth, classified.predicted, classes)
        counts.append(sums.sum(axis=0).reshape(classes, classes))
        drawn.append(resample(sums).reshape(-1, classes, classes))
    value = float(figure(counts[0]) - figure(counts[1]))
    if np.isnan(value):
        return Figure(value=None)
    if groups.max() + 1 < FEWEST_PEOPLE:
        return Figure(value=round(value, 5))
    low, high = interval(figure(drawn[0]) - figure(drawn[1]))
    return Figure(value=round(value, 5), low=round(low, 5), high=round(high, 5))


def _neutral_recall(counts: Array) -> Array:
    recall: Array = metrics.recalls(counts)[..., _NEUTRAL]
    return recall
