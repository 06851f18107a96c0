"""One model against one kind of label: every figure of what it classified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contract.manifest import Sentiment
from models.lab.evaluation.bootstrap import groups_of
from models.lab.evaluation.conditions import CONDITIONS, PLAIN, ImageCondition
from models.lab.evaluation.entries import ExpressionModel
from models.lab.evaluation.judging import (
    Classified,
    Judged,
    classify,
    part,
    select,
    share,
    summarise,
)
from models.lab.evaluation.labels import EXPRESSIONS, SENTIMENTS, LabelMap
from models.lab.evaluation.metrics import Array, Indices
from models.lab.evaluation.predictions import AllPredictions, FaceFacts, Predictions
from models.lab.evaluation.report import (
    AnnotationReport,
    AsUsed,
    Beside,
    ConditionFigures,
    Stratum,
)

BRIGHTNESS = "brightness"
WIDTH = "face width"
_NEUTRAL = SENTIMENTS.index(Sentiment.NEUTRAL)
_STARTS = {
    BRIGHTNESS: (0.0, 70.0, 100.0, 130.0, 160.0),
    WIDTH: (0.0, 32.0, 48.0, 64.0, 112.0, 160.0),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Labels:
    """One kind of label of every face: whether it has one, and which of seven and of three."""

    known: NDArray[np.bool_]
    seven: Indices
    three: Indices


class Trial:
    """One model against one annotation; `others` are known of some of the faces too."""

    def __init__(
        self,
        predictions: AllPredictions,
        model: ExpressionModel,
        annotation: str,
        *,
        others: Sequence[str] = (),
    ) -> None:
        self._all = predictions
        self._model = model
        self._annotation = annotation
        self._map = LabelMap(model.name, model.labels, model.sentiment)
        self._groups = groups_of([face.person for face in predictions.facts])
        self._truth = self._labels(annotation)
        self._others = {other: self._labels(other) for other in others}
        # A collection in which one face has a sentiment only is one of sentiments.
        self._has_seven = bool((self._truth.seven[self._truth.known] >= 0).all())

    def judged(self) -> Judged:
        """Return truth and predictions for the faces as photographed."""
        return self._judged(self._predictions(PLAIN.name))

    def report(self) -> AnnotationReport:
        """Return all figures."""
        plain = self._predictions(PLAIN.name)
        judged = self._judged(plain)
        facts = self._facts(plain)
        certainty, signal = _certainty(plain, judged)
        named = {face.person for face in facts}
        return AnnotationReport(
            annotation=self._annotation,
            people=len(named) if "" not in named else None,
            seven=None if judged.seven is None else classify(judged.seven, EXPRESSIONS),
            three=classify(judged.three, SENTIMENTS),
            conditions=tuple(map(self._under, CONDITIONS)),
            strata=_strata(facts, judged),
            selection=select(certainty, judged.three.right, signal),
            as_used=self._as_used(PLAIN, plain, judged),
            beside=tuple(self._beside(other, plain.at, judged) for other in self._others),
        )

    def _under(self, condition: ImageCondition) -> ConditionFigures:
        predictions = self._predictions(condition.name)
        judged = self._judged(predictions)
        return ConditionFigures(
            name=condition.name,
            meaning=condition.meaning,
            figures=summarise(judged),
            as_used=self._as_used(condition, predictions, judged),
        )

    def _as_used(
        self, condition: ImageCondition, predictions: Predictions, judged: Judged
    ) -> AsUsed:
        covered = _covered(
            self._model, self._facts(predictions), predictions, width_px=condition.width_px
        )
        of = judged[covered]
        return AsUsed(
            coverage=share(covered, judged.three.groups),
            figures=summarise(of),
            called_neutral=part(of.three.predicted == _NEUTRAL),
            are_neutral=part(of.three.truth == _NEUTRAL),
        )

    def _facts(self, predictions: Predictions) -> list[FaceFacts]:
        return [self._all.facts[index] for index in predictions.at]

    def _labels(self, annotation: str) -> _Labels:
        truths = [
            self._map.truth(face.labels[annotation], source=face.file)
            if annotation in face.labels
            else (-1, -1)
            for face in self._all.facts
        ]
        seven, three = np.array(truths, np.intp).T
        return _Labels(known=three >= 0, seven=seven, three=three)

    def _beside(self, other: str, at: Indices, judged: Judged) -> Beside:
        labels = self._others[other]
        shared = labels.known[at]
        mine, at = judged[shared], at[shared]
        is_sure = np.ones(len(at))
        people = Judged(
            seven=None
            if mine.seven is None
            else replace(mine.seven, predicted=labels.seven[at], confidence=is_sure),
            three=replace(mine.three, predicted=labels.three[at], confidence=is_sure),
        )
        return Beside(annotation=other, model=summarise(mine), people=summarise(people))

    def _predictions(self, condition: str) -> Predictions:
        """Return the predictions of the faces that this annotation labels."""
        predictions = self._all.by[self._model.name, condition]
        return predictions[self._truth.known[predictions.at]]

    def _judged(self, predictions: Predictions) -> Judged:
        at = predictions.at
        seven = None
        if self._has_seven:
            predicted, confidence = self._map.expressions(predictions.labels)
            seven = Classified(
                groups=self._groups[at],
                truth=self._truth.seven[at],
                predicted=predicted,
                confidence=confidence.astype(np.float64),
            )
        return Judged(
            seven=seven,
            three=Classified(
                groups=self._groups[at],
                truth=self._truth.three[at],
                predicted=predictions.sentiments.argmax(axis=1),
                confidence=predictions.sentiments.max(axis=1, initial=0.0),
            ),
        )


def _certainty(predictions: Predictions, judged: Judged) -> tuple[Array, str]:
    if (predictions.legibility < 1).any():
        return predictions.legibility, "legibility"
    return judged.three.confidence, "maximum probability"


def _covered(
    model: ExpressionModel, facts: Sequence[FaceFacts], predictions: Predictions, *, width_px: int
) -> NDArray[np.bool_]:
    """Return which faces the product would count by the limits in the model's manifest.

    All are `width_px` wide; where that is 0, each is as wide as it was photographed.
    """
    limits = model.abstention
    most = np.inf if limits.maximum_turn is None else limits.maximum_turn
    turns = np.array([0.0 if face.turn is None else face.turn for face in facts])
    covered: NDArray[np.bool_] = (predictions.legibility >= limits.minimum_legibility) & (
        turns <= most
    )
    covered &= np.array([width_px or face.width_px for face in facts]) >= model.minimum_face_px
    return covered


def _strata(facts: Sequence[FaceFacts], judged: Judged) -> tuple[Stratum, ...]:
    values = {
        BRIGHTNESS: np.array([face.brightness for face in facts]),
        WIDTH: np.array([face.width_px for face in facts]),
    }
    strata = []
    for quantity, starts in _STARTS.items():
        at = np.digitize(values[quantity], starts) - 1
        ends = (*starts[1:], None)
        strata += [
            Stratum(
                quantity=quantity,
                start=start,
                end=end,
                figures=summarise(judged[at == index]),
            )
            for index, (start, end) in enumerate(zip(starts, ends, strict=True))
            if (at == index).any()
        ]
    return tuple(strata)
