"""An evaluation as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from models.lab.evaluation.faces import UnusablePicture
from models.lab.evaluation.figure_tables import (
    annotation_names,
    bench_tables,
    detail_tables,
    expression_tables,
    face_tables,
    fairness_tables,
)
from models.lab.evaluation.results import Results
from models.lab.evaluation.tables import Table

_FEW = 20


def lines_of(results: Results) -> Iterator[str]:
    """Yield what was measured, for people."""
    found = results.expressions or results.faces
    if found:
        yield f"{found.data}: {found.faces} faces, {len(found.rejected)} left out"
    if results.expressions:
        for annotation in annotation_names(results.expressions):
            yield f"\n=== against the labels {annotation!r}"
            for tables in (expression_tables, fairness_tables, detail_tables):
                yield from _texts(tables(results.expressions, annotation))
    if results.faces:
        yield from _texts(face_tables(results.faces))
    if found:
        yield from left_out(found.rejected)
    if results.bench:
        yield f"{results.bench.machine}, {results.bench.rounds} rounds"
        yield from _texts(bench_tables(results.bench))


def left_out(rejected: Sequence[UnusablePicture]) -> Iterator[str]:
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
