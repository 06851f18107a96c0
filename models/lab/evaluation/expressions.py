"""Models that read expressions, side by side on the same labelled faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.lab.evaluation.bootstrap import RESAMPLES
from models.lab.evaluation.comparing import compare
from models.lab.evaluation.conditions import CONDITIONS
from models.lab.evaluation.entries import ExpressionModel
from models.lab.evaluation.faces import FaceSource
from models.lab.evaluation.labels import LabelMap
from models.lab.evaluation.predictions import predict
from models.lab.evaluation.report import ExpressionEvaluation, ExpressionReport
from models.lab.evaluation.trial import Trial


def evaluate_expressions(
    source: FaceSource,
    models: Sequence[ExpressionModel],
    *,
    command: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> ExpressionEvaluation:
    """Return every figure of every model on the faces of `source`.

    Raises NothingUsable where no face can be used, LabelUnknown where a model lacks a label.
    """
    for model in models:
        require_labels(model, source)
    predictions = predict(source, models, CONDITIONS, progress=progress)
    annotations = [
        a for a in source.annotations if any(a in face.labels for face in predictions.facts)
    ]
    trials = {
        model.name: [
            Trial(
                predictions, model, annotation, others=[a for a in annotations if a != annotation]
            )
            for annotation in annotations
        ]
        for model in models
    }
    first, *others = trials
    return ExpressionEvaluation(
        data=source.name,
        command=command,
        faces=len(predictions.facts),
        rejected=predictions.rejected,
        models=tuple(
            ExpressionReport(
                model=model.name,
                sha256=model.sha256,
                annotations=tuple(trial.report() for trial in trials[model.name]),
            )
            for model in models
        ),
        comparisons=tuple(
            compare(annotation, first, mine.judged(), name, theirs.judged())
            for name in others
            for annotation, mine, theirs in zip(
                annotations, trials[first], trials[name], strict=True
            )
        ),
        resamples=RESAMPLES,
        trained_on=sum(left.is_trained_on for left in predictions.rejected),
    )


def require_labels(model: ExpressionModel, source: FaceSource) -> None:
    """Raise LabelUnknown where the model lacks a label of `source`, before it is shown any face."""
    known = LabelMap(model.name, model.labels, model.sentiment)
    for label, file in source.label_examples.items():
        known.truth(label, source=file)
