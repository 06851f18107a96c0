"""What can be wrong with the data to train on."""

from __future__ import annotations


class TrainingDataInvalid(ValueError):
    """A file is missing, cannot be read, or says what the models do not know."""
