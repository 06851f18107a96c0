"""What was measured, as values that become JSON and tables; None is a figure that cannot be had."""

from __future__ import annotations

from dataclasses import dataclass

from models.lab.evaluation.faces import UnusablePicture
from models.lab.splits import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured value and its 95 % bootstrap interval."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """One class: how many faces show it, and how well it is told."""

    label: str
    n: int
    recall: Figure
    precision: float | None
    f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """The predictions whose confidence lies in one fifteenth of 0..1, ending at `upto`."""

    upto: float
    n: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """Answers in seven or in three classes; `confusion` has the truth in rows."""

    n: int
    accuracy: Figure
    macro_f1: Figure
    balanced_accuracy: Figure
    calibration_error: Figure
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: tuple[CalibrationBin, ...]

    @property
    def neutral_recall(self) -> Figure:
        """The recall of neutral; an empty figure where it is not among the classes."""
        recalls = (figures.recall for figures in self.classes if figures.label == "neutral")
        return next(recalls, Figure(value=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures that are followed through conditions; `seven_…` are None for three labels."""

    n: int
    seven_accuracy: Figure
    seven_macro_f1: Figure
    seven_calibration_error: Figure
    three_accuracy: Figure
    three_macro_f1: Figure
    three_calibration_error: Figure
    neutral_recall: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class AsUsed:
    """The faces that the product would count by the manifest's limits, and the figures of these.

    `called_neutral` is the share of them that is predicted neutral, `are_neutral` the share that is
    labelled so; None of no faces.
    """

    coverage: Figure
    figures: Summary
    called_neutral: float | None
    are_neutral: float | None

    @property
    def wrong(self) -> float | None:
        """The share of wrong sentiments among these faces."""
        right = self.figures.three_accuracy.value
        return None if right is None else 1 - right


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionFigures:
    """The figures under one condition, for instance faces 32 pixels wide."""

    name: str
    meaning: str
    figures: Summary
    as_used: AsUsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """The figures of the faces whose `quantity` lies in start <= value < end, None being no end."""

    quantity: str
    start: float
    end: float | None
    figures: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint:
    """The share of wrong sentiments among the most certain faces."""

    coverage: float
    risk: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What abstaining buys: risk against coverage, ordered by `signal`; `area` is AURC."""

    signal: str
    area: float | None
    points: tuple[RiskPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The faces that another kind of label is known of too: who tells the first kind how well.

    `model` are the model's figures, `people` those of the other labels, taken as predictions.
    """

    annotation: str
    model: Summary
    people: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationReport:
    """One model against one kind of annotation."""

    annotation: str
    people: int | None
    seven: Classification | None
    three: Classification
    conditions: tuple[ConditionFigures, ...]
    strata: tuple[Stratum, ...]
    selection: Selection
    as_used: AsUsed
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionReport:
    """One model on one collection of labelled faces."""

    model: str
    sha256: str
    annotations: tuple[AnnotationReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The figures of one model less those of another on the same faces."""

    annotation: str
    model: str
    other: str
    seven_accuracy: Figure
    three_macro_f1: Figure
    neutral_recall: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionEvaluation:
    """Models side by side on the same faces; the first is compared with each of the others.

    `trained_on` of the pictures were left out, as the collection's training split shows them too.
    """

    data: str
    command: str
    faces: int
    rejected: tuple[UnusablePicture, ...]
    models: tuple[ExpressionReport, ...]
    comparisons: tuple[Comparison, ...]
    resamples: int
    trained_on: int = 0

    @property
    def is_of_calibration(self) -> bool:
        """Whether the faces are those that our models are calibrated by: they judge no aim."""
        return self.data.endswith(f", {Part.CALIBRATION}")

    @property
    def judged_by(self) -> str:
        """The collection's name, and how many of its pictures did not judge."""
        if not self.trained_on:
            return self.data
        return f"{self.data}, without {self.trained_on} pictures of its training split"
