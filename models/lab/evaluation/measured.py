"""Writes into each manifest what was measured of its weights, from the kept results.

python -m models.lab.evaluation.measured
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from contract.manifest import Measurement, ModelManifest, read_manifest
from models.lab.evaluation.document import MANIFESTS
from models.lab.evaluation.face_report import FaceEvaluation
from models.lab.evaluation.report import AnnotationReport, ExpressionEvaluation
from models.lab.evaluation.results import Results, read_all_results
from models.lab.evaluation.timing import BenchReport

HEADING = "# Measured of these weights; `sh setup.sh docs` writes it from models/lab/results/."

_FACE_WIDTHS = ("width 32", "width 48", "width 112")


def measurements(manifest: ModelManifest, results: Sequence[Results]) -> tuple[Measurement, ...]:
    """Return the figures of a model's weights: none of a result that was measured of others.

    Nor any of the people by whom our models were calibrated.
    """
    found: list[Measurement] = []
    for result in results:
        if result.expressions and not result.expressions.is_of_calibration:
            found += _of_expressions(manifest, result.expressions)
        if result.faces:
            found += _of_faces(manifest, result.faces)
        if result.bench:
            found += _of_bench(manifest, result.bench)
    return tuple(found)


def with_measurements(text: str, measured: Sequence[Measurement]) -> str:
    """Return the text of a manifest with these figures at its end, in the place of older ones."""
    tables = (
        f"[[measured]]\nfigure = {json.dumps(m.figure)}\nvalue = {m.value}\n"
        f"data = {json.dumps(m.data)}\ncommand = {json.dumps(m.command)}\n"
        for m in measured
    )
    written_by_hand = text.partition(HEADING)[0].rstrip()
    if not measured:
        return f"{written_by_hand}\n"
    return f"{written_by_hand}\n\n{HEADING}\n" + "\n".join(tables)


def _of_expressions(
    manifest: ModelManifest, evaluation: ExpressionEvaluation
) -> Iterator[Measurement]:
    for report in evaluation.models:
        if (report.model, report.sha256) != (manifest.name, manifest.sha256):
            continue
        for annotated in report.annotations:
            for figure, value in _figures(annotated):
                if value is not None:
                    yield Measurement(
                        figure=figure,
                        value=round(value, 4),
                        data=f"{evaluation.judged_by}, labels: {annotated.annotation}",
                        command=evaluation.command,
                    )


def _figures(report: AnnotationReport) -> Iterator[tuple[str, float | None]]:
    if report.seven:
        yield "accuracy of seven classes", report.seven.accuracy.value
    yield "macro-F1 of three classes", report.three.macro_f1.value
    yield "recall of neutral", report.three.recall_of("neutral").value
    yield "expected calibration error of three classes", report.three.calibration_error.value
    yield "share of faces told in use", report.as_used.coverage.value


def _of_faces(manifest: ModelManifest, evaluation: FaceEvaluation) -> Iterator[Measurement]:
    for report in evaluation.models:
        if (report.model, report.sha256) != (manifest.name, manifest.sha256):
            continue
        for condition in report.conditions:
            if condition.name not in _FACE_WIDTHS:
                continue
            for figure, value in (
                ("recall", condition.recall.value),
                ("landmark error in distances between the eyes", condition.landmark_error),
            ):
                if value is not None:
                    yield Measurement(
                        figure=f"{figure}, {condition.name}",
                        value=round(value, 4),
                        data=evaluation.data,
                        command=evaluation.command,
                    )


def _of_bench(manifest: ModelManifest, report: BenchReport) -> Iterator[Measurement]:
    for timing in report.timings:
        is_of_these = (timing.model, timing.sha256) == (manifest.name, manifest.sha256)
        if is_of_these and timing.threads == 1:
            yield Measurement(
                figure=f"median ms, one thread, {timing.work}",
                value=round(timing.median_ms, 3),
                data=report.machine,
                command=report.command,
            )


def main(folder: Path = MANIFESTS) -> None:
    """Rewrite the manifests of a folder, where anything is measured of their weights."""
    results = read_all_results()
    for path in sorted(folder.glob("*.toml")):
        measured = measurements(read_manifest(path), results)
        text = path.read_text(encoding="utf-8")
        path.write_text(with_measurements(text, measured), encoding="utf-8")


if __name__ == "__main__":
    main()
