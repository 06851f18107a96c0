"""Writes a file for analysts: Parquet, or CSV packed with gzip."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from arro3.core import RecordBatch, Table
from arro3.io import write_csv, write_parquet

from server.exports.columns import column
from server.exports.exports import FileFormat
from server.exports.flat import FlatFigure, as_csv

ROW_GROUP = 250_000
"""Rows that a reader has to unpack together."""

_KINDS = {
    "value": float,
    "low": float,
    "high": float,
    "n": int,
    "version": int,
    "observed_at": datetime,
}
"""The columns of figures that are no text."""

_ZIPPED = 1
"""Level 6 takes three times as long for a tenth less."""


def write_hours(path: Path, format_: FileFormat, batches: Iterable[RecordBatch]) -> int:
    """Write hours and return how many rows that were; without any there is no file."""
    if format_ is FileFormat.PARQUET:
        found = list(batches)
        if found:
            _write_parquet(path, Table.from_batches(found))
        return sum(batch.num_rows for batch in found)
    rows = 0
    with gzip.open(path, "wb", compresslevel=_ZIPPED) as file:
        for batch in batches:
            text = io.BytesIO()
            write_csv(batch, text, header=rows == 0)
            file.write(text.getvalue())
            rows += batch.num_rows
    return rows


def write_figures(path: Path, format_: FileFormat, figures: Sequence[FlatFigure]) -> int:
    """Write flat figures and return how many that were."""
    if format_ is FileFormat.CSV:
        with gzip.open(path, "wt", compresslevel=_ZIPPED, encoding="utf-8", newline="") as file:
            file.write(as_csv(figures, FlatFigure))
        return len(figures)
    names = [field.name for field in fields(FlatFigure)]
    columns = [
        column([getattr(figure, name) for figure in figures], _KINDS.get(name, str))
        for name in names
    ]
    _write_parquet(path, Table.from_arrays(columns, names=names))
    return len(figures)


def _write_parquet(path: Path, table: Table) -> None:
    with path.open("wb") as file:
        write_parquet(table, file, compression="zstd(3)", max_row_group_size=ROW_GROUP)
