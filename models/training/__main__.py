"""Trains the bundled models anew and writes them with their hashes: `make train`.

python -m models.training --data ../shared/data                    as they were trained
python -m models.training --images DIR --from-bundled      going on with one's own faces
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click
import cv2
import torch

from contract.manifest import ModelTask
from edge.errors import EdgeError
from edge.scene import Detector
from edge.vision.adapters import load_detector
from edge.vision.registry import AUTO, Condition, open_registry
from models.evaluation.errors import EvaluationError
from models.training.curves import write_curves
from models.training.detector import train_detector
from models.training.export import export_detector, export_expression, set_hash
from models.training.expression import adapt, open_collections, train_both
from models.training.teacher import faces_csv

_MODELS = Path(__file__).resolve().parents[1]
_BUNDLED = _MODELS / "bundled"
_TEACHER = "yunet-n"
_EXPRESSION, _FACE = "motcua-expression.onnx", "motcua-face.onnx"
# The clips in which nobody is seen from the front stay unseen: false faces are counted in them.
_CLIPS = (
    "classroom.gif",
    "face-demographics-walking-and-pause.gif",
    "head-pose-face-detection-female-and-male.gif",
    "worker-zone-detection.gif",
)


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), help="Folder of the set.")
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="A folder of one's own pictures with labels.csv (file, label, person).",
)
@click.option(
    "--from-bundled",
    is_flag=True,
    help="Go on from the bundled weights: for pictures of one's own.",
)
@click.option("--only", type=click.Choice(["expression", "face"]), help="Train just one of them.")
@click.option(
    "--teacher", help="Model that labels faces; default: yunet-n, the best one where it is absent."
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("training"))
@click.option("--bundle", type=click.Path(path_type=Path), default=_BUNDLED)
@click.option("--seed", default=1, show_default=True)
@click.option("--threads", type=int, help="Default: all cores.")
@click.option("--epochs", type=int, help="For a short trial.")
def main(
    data: Path | None,
    images: tuple[Path, ...],
    from_bundled: bool,
    only: str | None,
    teacher: str | None,
    out: Path,
    bundle: Path,
    seed: int,
    threads: int | None,
    epochs: int | None,
) -> None:
    """Train, go on after a stop, and write ONNX files whose hashes go into the manifests."""
    if threads:
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
    try:
        detector = load_detector(
            open_registry(), teacher or _teacher(), task=ModelTask.FACE_DETECTION
        )
        folders = _folders(data, images, detector, out)
        files: list[Path] = []
        if only != "expression":
            clips = [data / "video" / name for name in _CLIPS] if data else []
            train_detector(
                folders,
                clips,
                detector,
                out / "face",
                seed=seed,
                epochs=epochs,
                start=_BUNDLED / _FACE if from_bundled else None,
            )
            files += export_detector(out / "face", folders, bundle)
        if only != "face":
            npz = data / "fer2013" / "fer2013_train_public.npz" if data else None
            collections = open_collections(npz, folders)
            for collection in collections:
                click.echo(collection)
            train = partial(adapt, start=_BUNDLED / _EXPRESSION) if from_bundled else train_both
            train(collections, out / "expression", seed=seed, epochs=epochs)
            files += export_expression(out / "expression", collections, bundle)
    except (EvaluationError, EdgeError) as error:
        raise click.ClickException(str(error)) from error
    write_curves(out)
    for file in files:
        set_hash(_MODELS / "manifests" / f"{file.stem}.toml", file)
        click.echo(f"{file}: {file.stat().st_size} bytes")


def _teacher() -> str:
    """Return the model that did not learn from itself, where its weights are at hand."""
    registry = open_registry()
    usable = registry.status(registry.find(_TEACHER)).condition is Condition.USABLE
    return _TEACHER if usable else AUTO


def _folders(
    data: Path | None, images: tuple[Path, ...], detector: Detector, out: Path
) -> Mapping[Path, Path]:
    """Return each labelled folder and the file that says where its faces are."""
    given = ([data / "expressions"] if data else []) + list(images)
    if not given:
        raise click.UsageError("name --data or --images: there is nothing to train on")
    return {folder: faces_csv(folder, detector, out) for folder in given}


if __name__ == "__main__":
    main()
