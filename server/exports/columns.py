"""Columns of files for analysts: numbers, times and texts as Arrow keeps them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from arro3.core import Array, DataType

from server.exports.flat import FORMULA

TIME = DataType.timestamp("us", tz="UTC")


def numbers(values: np.ndarray) -> Array:
    """Return counts; a negative one stands for what is missing."""
    if (values >= 0).all():
        return Array.from_numpy(values)
    return Array([None if value < 0 else value for value in values.tolist()], DataType.int32())


def times(microseconds: np.ndarray) -> Array:
    """Return instants, from microseconds since 1970 in UTC."""
    return Array.from_numpy(microseconds).cast(TIME)


def column(values: Sequence[Any], kind: type) -> Array:
    """Return a column of texts, floats, integers or instants; None is missing."""
    if kind is str:
        said = [None if value is None else safe_text(str(value)) for value in values]
        return Array(said, DataType.string())
    if kind is datetime:
        epoch = [None if value is None else round(value.timestamp() * 1e6) for value in values]
        return Array(epoch, DataType.int64()).cast(TIME)
    return Array(values, DataType.float64() if kind is float else DataType.int64())


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
