"""
What an evaluation can fail at; each text says what, which file, and what to do next.

* EvaluationError
  x DataMissing    a file, column or split that the evaluation needs is not there
  x DataInvalid    a file is there, but truncated, empty or not what it should be
  x LabelUnknown   a label of the data or of a model is none that can be compared
  x ModelUnfit     no model, or none of the kind that the data are for
  x ResultsInvalid a file of saved results cannot be read or written
"""

from __future__ import annotations


class EvaluationError(Exception):
    """Base of everything that an evaluation reports to its user."""


class DataMissing(EvaluationError):
    """A file, column or split that the evaluation needs is not there."""


class DataInvalid(EvaluationError):
    """A file is truncated, empty or not what it should be."""


class LabelUnknown(EvaluationError):
    """A label of the data or of a model is none that can be compared."""


class ModelUnfit(EvaluationError):
    """There is no model, or none of the kind that the data are for."""


class ResultsInvalid(EvaluationError):
    """A file of saved results cannot be read or written."""
