"""Writes docs/models.md from manifests and saved figures: what each model is, and how good."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from contract.manifest import ModelManifest, ModelTask, read_manifest
from models.lab.evaluation import figure_tables
from models.lab.evaluation.aims import ANNOTATIONS, aims
from models.lab.evaluation.bootstrap import RESAMPLES
from models.lab.evaluation.conditions import CONDITIONS
from models.lab.evaluation.duplicates import SAME
from models.lab.evaluation.face_report import FaceEvaluation
from models.lab.evaluation.folder import LABEL
from models.lab.evaluation.judging import FEWEST_PEOPLE
from models.lab.evaluation.labels import SYNONYMS
from models.lab.evaluation.metrics import ECE_BINS
from models.lab.evaluation.report import ExpressionEvaluation
from models.lab.evaluation.results import Results, read_all_results
from models.lab.evaluation.tables import number

FILE = "models.md"
TEMPLATE = "models.md.jinja"
MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"

_Evaluation = TypeVar("_Evaluation", ExpressionEvaluation, FaceEvaluation)


def render(manifests: Sequence[ModelManifest], results: Sequence[Results]) -> str:
    """Return the document for these models and figures."""
    expressions = [_in_order(r.expressions, manifests) for r in results if r.expressions]
    faces = [_in_order(r.faces, manifests) for r in results if r.faces]
    benches = [result.bench for result in results if result.bench]
    judging = [evaluation for evaluation in expressions if not evaluation.is_of_calibration]
    found = aims(faces, judging, benches)
    text = _template().render(
        manifests=manifests,
        aims=found,
        missed={aim.reason for aim in found if aim.reason and not aim.is_reached},
        judging=judging,
        calibrating=[evaluation for evaluation in expressions if evaluation.is_of_calibration],
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
        "label": LABEL,
    }
    return environment.get_template(TEMPLATE)


def _in_order(evaluation: _Evaluation, manifests: Sequence[ModelManifest]) -> _Evaluation:
    """Return the evaluation with its models in the order of the manifests, others behind them."""
    places = {manifest.name: place for place, manifest in enumerate(manifests)}
    reports = sorted(evaluation.models, key=lambda r: places.get(r.model, len(places)))
    return replace(evaluation, models=tuple(reports))


def main(arguments: Sequence[str]) -> None:
    """Write the document into the folder named by the one argument."""
    (folder,) = arguments
    text = render(product_manifests(), read_all_results())
    Path(folder, FILE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
