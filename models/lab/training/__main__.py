"""Trains the bundled models anew, or models of one's own from them: `make train`.

python -m models.lab.training --data ../shared/data     as they were trained
python -m models.lab.training --images DIR --from-bundled --name NAME     on one's own faces
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import cv2
import torch

from contract.manifest import ModelTask
from edge.scene import Detector
from edge.vision.adapters import load_detector
from edge.vision.registry import AUTO, Availability, open_registry
from models.lab.evaluation.errors import DataInvalid
from models.lab.training.curves import write_curves
from models.lab.training.detector import train_detector
from models.lab.training.export import export_detector, export_expression
from models.lab.training.expression import adapt, open_collections, train_all
from models.lab.training.own import MANIFESTS, PRODUCT, check_name, set_hash, write_manifest
from models.lab.training.teacher import faces_csv
from runtime.reporting import reported

_BUNDLED = Path(__file__).resolve().parents[2] / "bundled"
_TEACHER = "yunet-n"
_EXPRESSION, _FACE = "motcua-expression.onnx", "motcua-face.onnx"
# Frames of people, and of worker-zone-detection, where nobody is seen from the front, backgrounds.
# The set's other such clips stay unseen: false faces are counted in them.
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
@click.option(
    "--name",
    help="Begins the new models' names, NAME-expression and NAME-face. Needed with --images: the "
    "product's names stand for the weights that it comes with.",
)
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the ONNX files go. Default: the product's folder; with --name, OUT/models.",
)
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
    name: str | None,
    bundle: Path | None,
    seed: int,
    threads: int | None,
    epochs: int | None,
) -> None:
    """Train, go on after a stop, and write ONNX files with their manifests.

    With --name the manifests lie beside the weights, ready for `motcua models` and its --models.
    """
    if images and not name:
        raise click.UsageError("name the models trained on --images with --name")
    if threads:
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
    with reported():
        bundle, prefix = _target(bundle, out, name)
        detector = load_detector(
            open_registry(), teacher or _teacher(), task=ModelTask.FACE_DETECTION
        )
        task = _Task(
            data=data,
            folders=_folders(data, images, detector, out),
            goes_on=from_bundled,
            out=out,
            bundle=bundle,
            name=prefix,
            seed=seed,
            epochs=epochs,
        )
        if only != "expression":
            task.faces(detector)
        if only != "face":
            task.expressions()
    write_curves(out)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What to train on and from, and where files go, by which names."""

    data: Path | None
    folders: Mapping[Path, Path]
    goes_on: bool
    out: Path
    bundle: Path
    name: str
    seed: int
    epochs: int | None

    def faces(self, detector: Detector) -> None:
        """Train the face detector, with `detector` as its teacher, and deliver its ONNX files."""
        run = self.out / "face"
        train_detector(
            self.folders,
            [self.data / "video" / name for name in _CLIPS] if self.data else [],
            detector,
            run,
            seed=self.seed,
            epochs=self.epochs,
            start=_BUNDLED / _FACE if self.goes_on else None,
        )
        self._deliver(partial(export_detector, run, self.folders, name=self.name))

    def expressions(self) -> None:
        """Train the expression classifier and deliver its ONNX files."""
        run = self.out / "expression"
        npz = self.data / "fer2013" / "fer2013_train_public.npz" if self.data else None
        collections = open_collections(npz, self.folders)
        for collection in collections:
            click.echo(collection)
        start = _BUNDLED / _EXPRESSION if self.goes_on else None
        train = partial(adapt, start=start) if start else train_all
        train(collections, run, seed=self.seed, epochs=self.epochs)
        self._deliver(partial(export_expression, run, collections, name=self.name, start=start))

    def _deliver(self, export: Callable[[Path], list[Path]]) -> None:
        """Put the weights that `export` writes into a folder, and returns, into the bundle.

        Nothing there changes before all are written, and each then comes with its manifest: the
        product refuses weights that are not its manifest's.
        """
        with TemporaryDirectory(dir=self.bundle, prefix=".new-") as folder:
            for weights in export(Path(folder)):
                self._describe(weights)
                for file in sorted(weights.parent.glob(f"{weights.stem}.*")):
                    file.replace(self.bundle / file.name)
                new = self.bundle / weights.name
                click.echo(f"{new}: {new.stat().st_size} bytes")

    def _describe(self, file: Path) -> None:
        """Bring the manifest of an ONNX file up to date; trials of the product's have none."""
        if self.name != PRODUCT:
            write_manifest(file, self.name, list(self.folders), goes_on=self.goes_on)
        elif self.bundle.resolve() == _BUNDLED:
            set_hash(MANIFESTS / f"{file.stem}.toml", file)


def _target(bundle: Path | None, out: Path, name: str | None) -> tuple[Path, str]:
    """Return the folder that the files go to, which is there then, and how their names begin."""
    prefix = check_name(name) if name else PRODUCT
    folder = bundle or (out / "models" if name else _BUNDLED)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataInvalid(f"{folder} cannot be made: {error.strerror}") from error
    return folder, prefix


def _teacher() -> str:
    """Return the model that did not learn from itself, where its weights are at hand."""
    registry = open_registry()
    usable = registry.status(registry.find(_TEACHER)).availability is Availability.USABLE
    return _TEACHER if usable else AUTO


def _folders(
    data: Path | None, images: tuple[Path, ...], detector: Detector, out: Path
) -> Mapping[Path, Path]:
    """Return each labelled folder, whole path, and the file that says where its faces are."""
    given = ([data / "expressions"] if data else []) + list(images)
    if not given:
        raise click.UsageError("name --data or --images: there is nothing to train on")
    folders = [folder.resolve() for folder in given]
    _check_names([*folders, data / "fer2013"] if data else folders)
    return {folder: faces_csv(folder, detector, out) for folder in folders}


def _check_names(folders: Sequence[Path]) -> None:
    """Raise DataInvalid where two have one name: the log tells their figures apart by it."""
    known: dict[str, Path] = {}
    for folder in folders:
        if (other := known.setdefault(folder.name, folder)) is not folder:
            raise DataInvalid(
                f"{other} and {folder} have one name, which the log tells them apart by: rename one"
            )


if __name__ == "__main__":
    main()
