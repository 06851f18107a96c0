"""Writes docs/models.md from manifests and saved figures: what each model is, and how good."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from contract.manifest import ModelManifest, ModelTask, Sentiment, read_manifest
from models.lab.evaluation import figure_tables
from models.lab.evaluation.aims import ANNOTATIONS, aims
from models.lab.evaluation.bootstrap import RESAMPLES
from models.lab.evaluation.conditions import CONDITIONS
from models.lab.evaluation.duplicates import SAME
from models.lab.evaluation.face_report import FaceReport
from models.lab.evaluation.folder import LABEL
from models.lab.evaluation.judging import FEWEST_PEOPLE
from models.lab.evaluation.labels import SYNONYMS
from models.lab.evaluation.metrics import ECE_BINS
from models.lab.evaluation.report import ExpressionEvaluation, ExpressionReport
from models.lab.evaluation.results import Results, read_all_results
from models.lab.evaluation.tables import number

FILE = "models.md"
TEMPLATE = "models.md.jinja"
MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"

_Report = TypeVar("_Report", ExpressionReport, FaceReport)


def render(manifests: Sequence[ModelManifest], results: Sequence[Results]) -> str:
    """Return the document for these models and figures."""
    digests = {manifest.name: manifest.sha256 for manifest in manifests}
    shown = [_as_listed(result, digests) for result in results]
    expressions = [result.expressions for result in shown if result.expressions]
    faces = [result.faces for result in shown if result.faces]
    benches = [result.bench for result in shown if result.bench]
    judging = [evaluation for evaluation in expressions if not evaluation.is_of_calibration]
    found = aims(faces, judging, benches)
    text = _template().render(
        manifests=manifests,
        aims=found,
        missed={aim.reason for aim in found if aim.reason and not aim.is_reached},
        judging=judging,
        calibrating=[(e, f) for e in expressions if e.is_of_calibration and (f := _three(e))],
        negatives=[_negatives(e) for e in judging if _three(e)],
        faces=faces,
        benches=benches,
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def product_manifests(folder: Path = MANIFESTS) -> list[ModelManifest]:
    """Return the manifests that travel with the product: by task, the most preferred first."""
    tasks = list(ModelTask)
    manifests = [read_manifest(path) for path in folder.glob("*.toml")]
    return sorted(manifests, key=lambda m: (tasks.index(m.task), -m.preference, m.name))


def _template() -> Template:
    environment = Environment(  # noqa: S701  Markdown of our own texts, no page for a browser
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": number,
        "capital": lambda text: text[:1].upper() + text[1:],
        "quoted": '"{}"'.format,
    }
    environment.globals |= {
        "tables": figure_tables,
        "annotations": ANNOTATIONS,
        "folded": [(name, label) for name, label in SYNONYMS.items() if name != label],
        "conditions": [c for c in CONDITIONS if not c.width_px],
        "ece_bins": ECE_BINS,
        "resamples": RESAMPLES,
        "fewest_people": FEWEST_PEOPLE,
        "fewest_faces": figure_tables.FEWEST_FACES,
        "same": SAME,
        "negatives_of": _negatives,
    }
    return environment.get_template(TEMPLATE)


def _three(evaluation: ExpressionEvaluation) -> list[str]:
    """Return each model's macro-F1 of three classes against the column `label`."""
    reports = figure_tables.against(evaluation, LABEL)
    return [f"{model} {number(found.three.macro_f1)}" for model, found in reports]


def _negatives(evaluation: ExpressionEvaluation) -> int:
    """Return how many faces the column `label` calls negative."""
    (_, found), *_ = figure_tables.against(evaluation, LABEL)
    return sum(each.n for each in found.three.classes if each.label == Sentiment.NEGATIVE)


def _as_listed(result: Results, digests: Mapping[str, str]) -> Results:
    """Return the figures in the order of the manifests, those of other weights called so."""

    def name(model: str, sha256: str) -> str:
        is_of_others = digests.get(model) and digests[model] != sha256
        return f"{model} (other weights)" if is_of_others else model

    def ordered(reports: Sequence[_Report]) -> tuple[_Report, ...]:
        places = {model: place for place, model in enumerate(digests)}
        listed = sorted(reports, key=lambda r: places.get(r.model, len(places)))
        return tuple(replace(r, model=name(r.model, r.sha256)) for r in listed)

    if (e := result.expressions) is not None:
        names = {r.model: name(r.model, r.sha256) for r in e.models}
        pairs = tuple(
            replace(c, model=names.get(c.model, c.model), other=names.get(c.other, c.other))
            for c in e.comparisons
        )
        return Results(expressions=replace(e, models=ordered(e.models), comparisons=pairs))
    if (f := result.faces) is not None:
        return Results(faces=replace(f, models=ordered(f.models)))
    if (b := result.bench) is not None:
        names = {t.model: name(t.model, t.sha256) for t in b.timings}
        timings = tuple(
            replace(t, model=names[t.model], peer=names.get(t.peer, t.peer)) for t in b.timings
        )
        return Results(bench=replace(b, timings=timings))
    return result


def main(arguments: Sequence[str]) -> None:
    """Write the document into the folder named by the one argument."""
    (folder,) = arguments
    text = render(product_manifests(), read_all_results())
    Path(folder, FILE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
