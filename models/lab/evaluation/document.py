"""Writes docs/models.md from manifests and saved figures: what each model is, and how good."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from contract.manifest import ModelManifest, ModelTask, read_manifest
from models.lab.evaluation import prose
from models.lab.evaluation.aims import aims, aims_grid
from models.lab.evaluation.cards import card, list_of_models
from models.lab.evaluation.expression_grids import (
    annotation_names,
    beside,
    comparisons,
    conditions,
    overview,
    recalls,
    selection,
    strata,
)
from models.lab.evaluation.face_grids import face_grids
from models.lab.evaluation.face_report import FaceEvaluation, FaceReport
from models.lab.evaluation.grids import Grid
from models.lab.evaluation.report import ExpressionEvaluation, ExpressionReport
from models.lab.evaluation.results import Results, read_all_results
from models.lab.evaluation.shortfalls import shortfalls
from models.lab.evaluation.timing import BenchReport
from models.lab.evaluation.timing_grids import timing_grids
from models.lab.evaluation.trial import BRIGHTNESS, WIDTH

FILE = "models.md"
MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"

_Report = TypeVar("_Report", ExpressionReport, FaceReport)


def render(manifests: Sequence[ModelManifest], results: Sequence[Results]) -> str:
    """Return the document for these models and figures."""
    digests = {manifest.name: manifest.sha256 for manifest in manifests}
    expressions = [_current(r.expressions, digests) for r in results if r.expressions]
    faces = [_current_faces(r.faces, digests) for r in results if r.faces]
    benches = [_current_bench(r.bench, digests) for r in results if r.bench]
    judging = [evaluation for evaluation in expressions if not evaluation.is_of_calibration]
    judged = aims(faces, judging, benches)
    parts = [
        prose.HEAD,
        list_of_models(manifests).as_markdown(),
        prose.AIMS,
        aims_grid(judged).as_markdown(),
        shortfalls(judged, expressions),
        prose.EXPRESSIONS,
        *(part for evaluation in judging for part in _expressions(evaluation)),
        prose.FACES,
        *(part for evaluation in faces for part in _faces(evaluation)),
        prose.SPEED,
        *(part for report in benches for part in _speed(report)),
        "" if benches else prose.NO_BENCH,
        prose.FAIRNESS,
        *(part for evaluation in judging for part in _fairness(evaluation)),
        prose.NOT_MEASURED,
        prose.OWN_MEASUREMENT,
        prose.CARDS,
        *(card(manifest) for manifest in manifests),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _expressions(evaluation: ExpressionEvaluation) -> Iterator[str]:
    yield f"### {_title(evaluation.data)}"
    yield f"{evaluation.faces} faces{_left_out(evaluation)}; `{evaluation.command}`"
    for annotation in annotation_names(evaluation):
        yield f"#### {_title(evaluation.data)}: against {prose.ANNOTATIONS[annotation]}"
        yield from _tables(overview(evaluation, annotation))
        yield from _tables(comparisons(evaluation, annotation))
        yield from _tables(beside(evaluation, annotation))
        yield from _tables(recalls(evaluation, annotation))
        yield from _tables(conditions(evaluation, annotation))
        yield from _tables([selection(evaluation, annotation)])


def _left_out(evaluation: ExpressionEvaluation) -> str:
    if not evaluation.trained_on:
        return ""
    return (
        f", without the {evaluation.trained_on} pictures that are, or nearly are, one of the "
        "training split"
    )


def _faces(evaluation: FaceEvaluation) -> Iterator[str]:
    yield f"### Faces of {evaluation.data}"
    yield f"{evaluation.faces} faces; `{evaluation.command}`"
    yield from _tables(face_grids(evaluation))


def _speed(report: BenchReport) -> Iterator[str]:
    yield f"{report.machine}, {report.rounds} rounds; `{report.command}`"
    yield from _tables(timing_grids(report))


def _fairness(evaluation: ExpressionEvaluation) -> Iterator[str]:
    """Yield the figures by brightness and by width, against the main annotation."""
    main = annotation_names(evaluation)[0]
    yield f"### Fairness on {evaluation.data}"
    yield f"Against {prose.ANNOTATIONS[main]}."
    yield from _tables(strata(evaluation, main, BRIGHTNESS))
    yield from _tables(strata(evaluation, main, WIDTH))


def _tables(grids: Iterator[Grid] | Sequence[Grid]) -> Iterator[str]:
    for grid in grids:
        title = grid.title[:1].upper() + grid.title[1:]
        yield f"**{title}**\n\n{grid.as_markdown()}"


def _title(data: str) -> str:
    return data[:1].upper() + data[1:]


def _current(evaluation: ExpressionEvaluation, digests: dict[str, str]) -> ExpressionEvaluation:
    named = {r.model: _name(r.model, r.sha256, digests) for r in evaluation.models}
    return replace(
        evaluation,
        models=_in_order(evaluation.models, digests),
        comparisons=tuple(
            replace(c, model=named.get(c.model, c.model), other=named.get(c.other, c.other))
            for c in evaluation.comparisons
        ),
    )


def _current_faces(evaluation: FaceEvaluation, digests: dict[str, str]) -> FaceEvaluation:
    return replace(evaluation, models=_in_order(evaluation.models, digests))


def _current_bench(report: BenchReport, digests: dict[str, str]) -> BenchReport:
    named = {t.model: _name(t.model, t.sha256, digests) for t in report.timings}
    return replace(
        report,
        timings=tuple(
            replace(t, model=named[t.model], peer=named.get(t.peer, t.peer)) for t in report.timings
        ),
    )


def _in_order(reports: tuple[_Report, ...], digests: dict[str, str]) -> tuple[_Report, ...]:
    """Return the reports as the registry lists their models, called as `_name` says."""
    places = list(digests)
    ordered = sorted(
        reports, key=lambda r: places.index(r.model) if r.model in digests else len(places)
    )
    return tuple(
        replace(report, model=_name(report.model, report.sha256, digests)) for report in ordered
    )


def _name(model: str, sha256: str, digests: dict[str, str]) -> str:
    """Return the model's name; where figures are not of the manifest's weights, it says so."""
    is_of_others = digests.get(model) and digests[model] != sha256
    return f"{model} (other weights)" if is_of_others else model


def product_manifests(folder: Path = MANIFESTS) -> list[ModelManifest]:
    """Return the manifests that travel with the product: by task, the most preferred first."""
    tasks = list(ModelTask)
    manifests = [read_manifest(path) for path in folder.glob("*.toml")]
    return sorted(manifests, key=lambda m: (tasks.index(m.task), -m.preference, m.name))


def main(arguments: Sequence[str]) -> None:
    """Write the document into the folder named by the one argument."""
    (folder,) = arguments
    text = render(product_manifests(), read_all_results())
    Path(folder, FILE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
