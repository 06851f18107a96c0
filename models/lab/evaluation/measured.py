"""Writes into each manifest what was measured of its weights, from the kept results.

python -m models.lab.evaluation.measured
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from contract.manifest import Measurement, ModelManifest, read_manifest
from models.lab.evaluation.document import MANIFESTS
from models.lab.evaluation.report import AnnotationReport
from models.lab.evaluation.results import Results, read_all_results

HEADING = "# Measured of these weights; `sh setup.sh docs` writes it from models/lab/results/."

_FACE_WIDTHS = ("width 32", "width 48", "width 112")

_Figures: TypeAlias = tuple[tuple[str, str], str, str, Mapping[str, float | None]]
"""Model and digest of its weights; on which data, by what command; figures and their values."""


def measurements(manifest: ModelManifest, results: Sequence[Results]) -> tuple[Measurement, ...]:
    """Return the figures of a model's weights: none of a result that was measured of others.

    Nor any of the people by whom our models were calibrated.
    """
    return tuple(
        Measurement(figure=figure, value=round(value, 4), data=data, command=command)
        for result in results
        for weights, data, command, figures in _all_figures(result)
        for figure, value in figures.items()
        if weights == (manifest.name, manifest.sha256) and value is not None
    )


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


def _all_figures(result: Results) -> Iterator[_Figures]:
    if (e := result.expressions) and not e.is_of_calibration:
        for report, found in ((r, a) for r in e.models for a in r.annotations):
            data = f"{e.judged_by}, labels: {found.annotation}"
            yield (report.model, report.sha256), data, e.command, _of_expressions(found)
    if f := result.faces:
        for face, c in ((r, c) for r in f.models for c in r.conditions if c.name in _FACE_WIDTHS):
            error = f"landmark error in distances between the eyes, {c.name}"
            figures = {f"recall, {c.name}": c.recall.value, error: c.landmark_error}
            yield (face.model, face.sha256), f.data, f.command, figures
    if b := result.bench:
        for t in (timing for timing in b.timings if timing.threads == 1):
            times = {f"median ms, one thread, {t.work}": round(t.median_ms, 3)}
            yield (t.model, t.sha256), b.machine, b.command, times


def _of_expressions(found: AnnotationReport) -> Mapping[str, float | None]:
    return {
        "accuracy of seven classes": found.seven.accuracy.value if found.seven else None,
        "macro-F1 of three classes": found.three.macro_f1.value,
        "recall of neutral": found.three.neutral_recall.value,
        "expected calibration error of three classes": found.three.calibration_error.value,
        "coverage in use": found.as_used.coverage.value,
    }


def main(folder: Path = MANIFESTS) -> None:
    """Rewrite the manifests of a folder, where anything is measured of their weights."""
    results = read_all_results()
    for path in sorted(folder.glob("*.toml")):
        measured = measurements(read_manifest(path), results)
        text = path.read_text(encoding="utf-8")
        path.write_text(with_measurements(text, measured), encoding="utf-8")


if __name__ == "__main__":
    main()
