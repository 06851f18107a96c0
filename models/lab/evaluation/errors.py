"""
What an evaluation can fail at; each text says what, which file, and what to do next.

* EvaluationError
  x DataMissing    a file, column or split that the evaluation needs is not there
  x DataInvalid    a file is there, but truncated, empty or not what it should be
    x NothingUsable  each of the pictures was left out, and why
  x LabelUnknown   a label of the data or of a model is none that can be compared
  x ModelUnfit     no model, or none of the kind that the data are for
  x OptionsUnfit   options contradict one another, or do nothing for what is asked
  x ResultsInvalid a file of saved results cannot be read or written
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runtime.errors import ReportedError

if TYPE_CHECKING:
    from models.lab.evaluation.faces import UnusablePicture


class EvaluationError(ReportedError):
    """Base of everything that an evaluation reports to its user."""


class DataMissing(EvaluationError):
    """A file, column or split that the evaluation needs is not there."""


class DataInvalid(EvaluationError):
    """A file is truncated, empty or not what it should be."""


class NothingUsable(DataInvalid):
    """All pictures of `data` were `rejected`, each for its own reason."""

    def __init__(self, data: str, rejected: Sequence[UnusablePicture]) -> None:
        super().__init__(f"{data}: none of {len(rejected)} pictures can be used")
        self.data = data
        self.rejected = tuple(rejected)


class LabelUnknown(EvaluationError):
    """A label of the data or of a model is none that can be compared."""


class ModelUnfit(EvaluationError):
    """There is no model, or none of the kind that the data are for."""


class OptionsUnfit(EvaluationError):
    """Options contradict one another, or do nothing for what is asked."""


class ResultsInvalid(EvaluationError):
    """A file of saved results cannot be read or written."""
