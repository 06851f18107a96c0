"""What a call of `motcua models evaluate` asks for, turned into sources, models and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from contract.manifest import ModelTask
from edge.vision.adapters import load_detector
from edge.vision.registry import AUTO, Condition, ModelRegistry
from models.evaluation.boxes import DetectedFaces, FaceFinder, ListedFaces, read_listed_faces
from models.evaluation.detection import evaluate_faces, find_false_faces
from models.evaluation.entries import open_expression_model, open_face_model, task_of
from models.evaluation.errors import DataMissing, ModelUnfit
from models.evaluation.expressions import evaluate_expressions
from models.evaluation.face_report import FaceEvaluation
from models.evaluation.faces import Face, FaceSource, Rejected
from models.evaluation.fer2013 import Split, read_fer2013
from models.evaluation.folder import Choice, read_labelled_folder, read_listed_folder
from models.evaluation.frames import read_frames
from models.evaluation.report import ExpressionEvaluation
from models.evaluation.results import Results

Progress = Callable[[int], None]


_USUAL_FACES = "faces.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The options of one call; `models` are names, none standing for all that are usable."""

    models: tuple[str, ...] = ()
    fer2013: Path | None = None
    split: Split = Split.PUBLIC
    images: Path | None = None
    labels: Path | None = None
    faces: Path | None = None
    is_cropped: bool = False
    part: Choice = Choice.ALL
    detector: str = AUTO
    without_faces: tuple[Path, ...] = ()
    threads: int = 1

    @property
    def command(self) -> str:
        """The call that measures the same again, with the names of files but not their places."""
        words = ["motcua models evaluate"]
        for option, path in (
            ("--fer2013", self.fer2013),
            ("--images", self.images),
            ("--labels", self.labels),
            ("--faces", self.faces),
        ):
            words += [f"{option} {path.resolve().name}"] if path else []
        words += [f"--split {self.split}"] if self.fer2013 and self.split != Split.PUBLIC else []
        words += ["--cropped"] if self.is_cropped else []
        words += [f"--part {self.part}"] if self.part is not Choice.ALL else []
        words += [f"--detector {self.detector}"] if self.detector != AUTO else []
        words += [f"--without-faces {path.resolve().name}" for path in self.without_faces]
        return " ".join(words)


def resolve(registry: ModelRegistry, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names with "auto" replaced by the expression model that a unit would take."""
    return tuple(
        registry.choose(ModelTask.EXPRESSION).manifest.name if name == AUTO else name
        for name in dict.fromkeys(names)
    )


def usable(registry: ModelRegistry, task: ModelTask) -> tuple[list[str], list[str]]:
    """Return the names of all usable models for `task`, and why others are damaged."""
    statuses = [status for status in registry.statuses() if status.manifest.task is task]
    names = [status.manifest.name for status in statuses if status.path is not None]
    damaged = [
        f"{status.manifest.name}: {status.problem}"
        for status in statuses
        if status.condition is Condition.DAMAGED
    ]
    return names, damaged


def common_task(registry: ModelRegistry, names: Sequence[str]) -> ModelTask:
    """Return what all the models are for; raise ModelUnfit where they cannot be compared."""
    tasks = {name: task_of(registry, name) for name in names}
    kinds = set(tasks.values())
    if len(kinds) > 1:
        listed = ", ".join(f"{name} ({task})" for name, task in tasks.items())
        raise ModelUnfit(f"these models are for different tasks: {listed}; evaluate one at a time")
    (task,) = kinds
    if task is ModelTask.PERSON_DETECTION:
        raise ModelUnfit(
            f"{', '.join(names)}: person detectors are not evaluated here, for want of labelled "
            "people; `motcua models bench` says how fast they are"
        )
    return task


def evaluate(request: Request, registry: ModelRegistry, progress: Progress) -> Results:
    """Return the figures of the request's models; raise EvaluationError or VisionError."""
    if common_task(registry, request.models) is ModelTask.EXPRESSION:
        return Results(expressions=_expressions(request, registry, progress))
    return Results(faces=_faces(request, registry, progress))


def _expressions(
    request: Request, registry: ModelRegistry, progress: Progress
) -> ExpressionEvaluation:
    source = _source(request, registry)
    models = [
        open_expression_model(registry, name, threads=request.threads) for name in request.models
    ]
    return evaluate_expressions(source, models, command=request.command, progress=progress)


def _faces(request: Request, registry: ModelRegistry, progress: Progress) -> FaceEvaluation:
    models = [open_face_model(registry, name, threads=request.threads) for name in request.models]
    if request.images is None or request.faces is None:
        raise DataMissing(
            "face detectors are judged by labelled boxes: name pictures with --images and a CSV "
            "file (file, x, y, w, h, perhaps landmarks) with --faces"
        )
    name, shown = _boxed(request, request.images, read_listed_faces(request.faces))
    if request.faces.name != _USUAL_FACES:
        name = f"{name}, by {request.faces.name}"
    evaluation = evaluate_faces(name, shown, models, command=request.command, progress=progress)
    if not request.without_faces:
        return evaluation
    false = find_false_faces(read_frames(request.without_faces), models)
    return replace(
        evaluation,
        models=tuple(
            replace(report, false_faces=false[report.model]) for report in evaluation.models
        ),
        without_faces=", ".join(path.resolve().name for path in request.without_faces),
    )


def _source(request: Request, registry: ModelRegistry) -> FaceSource:
    if request.fer2013 is not None:
        if request.images is not None:
            raise DataMissing("--fer2013 and --images are two collections: evaluate one at a time")
        return read_fer2013(request.fer2013, request.split)
    if request.images is None or request.labels is None:
        raise DataMissing(
            "name the faces to evaluate with: --images DIR --labels CSV (file, label and perhaps "
            "person), or --fer2013 NPZ"
        )
    finder: FaceFinder | None = None
    if not request.is_cropped:
        finder = (
            DetectedFaces(load_detector(registry, request.detector, threads=request.threads))
            if request.faces is None
            else read_listed_faces(request.faces)
        )
    return read_labelled_folder(request.images, request.labels, finder, request.part)


def _boxed(
    request: Request, images: Path, listed: ListedFaces
) -> tuple[str, Iterator[Face | Rejected]]:
    """Return the pictures with labelled boxes: those of one part of the people, or all."""
    if request.labels is None:
        if request.part is not Choice.ALL:
            raise DataMissing(f"--part {request.part} needs --labels, whose column person tells it")
        folder = read_listed_folder(images, listed)
    else:
        folder = read_labelled_folder(
            images, request.labels, listed, request.part, is_labelled=False
        )
    return folder.name, folder.faces()
