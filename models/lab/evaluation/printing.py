"""Prints an evaluation: as lines for a terminal, or as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from models.lab.evaluation import figure_tables, results
from models.lab.evaluation.errors import NothingUsable
from models.lab.evaluation.faces import UnusablePicture
from models.lab.evaluation.results import Results
from models.lab.evaluation.tables import Table

_FEW = 20


def show(found: Results, *, as_json: bool, save: Path | None) -> None:
    """Print what was measured, then keep it where that is wanted."""
    text = results.as_json(found.figures).decode() if as_json else "\n".join(_lines_of(found))
    click.echo(text)
    if save is not None:
        results.save_results(save, found)


@contextmanager
def rejected_shown(*, as_json: bool) -> Iterator[None]:
    """Run the block; where no picture can be used, show why for each of them first.

    Programs look for it in standard output, people beside the error.
    """
    try:
        yield
    except NothingUsable as error:
        told = {"data": error.data, "faces": 0, "rejected": error.rejected}
        text = results.as_json(told).decode() if as_json else "\n".join(_left_out(error.rejected))
        click.echo(text, err=not as_json)
        raise


def _lines_of(found: Results) -> Iterator[str]:
    faces = found.expressions or found.faces
    if faces:
        yield f"{faces.data}: {faces.faces} faces, {len(faces.rejected)} left out"
    if e := found.expressions:
        for annotation in figure_tables.annotation_names(e):
            yield f"\n=== against the labels {annotation!r}"
            yield from _texts(figure_tables.expression_tables(e, annotation))
            yield from _texts(figure_tables.fairness_tables(e, annotation))
            yield from _texts(figure_tables.detail_tables(e, annotation))
    if found.faces:
        yield from _texts(figure_tables.face_tables(found.faces))
    if faces:
        yield from _left_out(faces.rejected)
    if found.bench:
        yield f"{found.bench.machine}, {found.bench.rounds} rounds"
        yield from _texts(figure_tables.bench_tables(found.bench))


def _left_out(rejected: Sequence[UnusablePicture]) -> Iterator[str]:
    """Yield how many pictures were left out, and why the first of them were."""
    if rejected:
        yield f"\nleft out: {len(rejected)}"
    for picture in rejected[:_FEW]:
        yield f"  {picture.file} {picture.reason}"
    if len(rejected) > _FEW:
        yield f"  and {len(rejected) - _FEW} more; --json lists all"


def _texts(tables: Iterable[Table]) -> Iterator[str]:
    for table in tables:
        yield f"\n{table.as_text()}"
