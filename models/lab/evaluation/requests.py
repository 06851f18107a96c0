"""What a call of `motcua models evaluate` asks for, turned into sources, models and figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from contract.manifest import ModelTask
from edge.scene import Detector
from edge.vision.adapters import load_detector
from edge.vision.registry import AUTO, Availability, ModelRegistry, ModelStatus
from models.lab.evaluation.boxes import DetectedFaces, FaceFinder, ListedFaces, read_listed_faces
from models.lab.evaluation.detection import evaluate_faces
from models.lab.evaluation.entries import (
    ExpressionModel,
    open_expression_model,
    open_face_model,
    task_of,
)
from models.lab.evaluation.errors import DataMissing, LabelUnknown, ModelUnfit, OptionsUnfit
from models.lab.evaluation.expressions import evaluate_expressions, require_labels
from models.lab.evaluation.face_report import FaceEvaluation
from models.lab.evaluation.faces import Face, FaceSource, UnusablePicture
from models.lab.evaluation.fer2013 import Split, read_fer2013
from models.lab.evaluation.folder import Choice, read_labelled_folder, read_listed_folder
from models.lab.evaluation.frames import add_false_faces, require_frames
from models.lab.evaluation.options import EvaluationRequest, located, require_consistent
from models.lab.evaluation.report import ExpressionEvaluation
from models.lab.evaluation.results import Kind, Results
from models.loading import refusal

Progress = Callable[[int], None]
LeaveOut = Callable[[str], None]

_USUAL_FACES = "faces.csv"


def resolve(registry: ModelRegistry, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names with "auto" replaced by the expression model that a device would take."""
    chosen = (
        registry.choose(ModelTask.EXPRESSION).manifest.name if name == AUTO else name
        for name in names
    )
    return tuple(dict.fromkeys(chosen))


def usable(registry: ModelRegistry, task: ModelTask, leave_out: LeaveOut) -> list[str]:
    """Return the names of all models for `task` that load; `leave_out` is told why others do not.

    A model that is not here is not spoken of.
    """
    names = []
    for status in registry.statuses():
        name = status.manifest.name
        if status.manifest.task is not task or status.availability is Availability.MISSING:
            continue
        if problem := _problem(registry, status):
            leave_out(f"{name}: {problem}")
        else:
            names.append(name)
    return names


def usable_peers(
    registry: ModelRegistry, peers: Collection[str], names: Sequence[str], leave_out: LeaveOut
) -> tuple[str, ...]:
    """Return which of the `peers` do the work of the models called `names`, and load.

    `leave_out` is told why others of that work do not, also of one that is not here.
    """
    tasks = {task_of(registry, name) for name in names}
    found = []
    for status in registry.statuses():
        manifest = status.manifest
        if manifest.name not in peers or manifest.task not in tasks:
            continue
        if problem := _problem(registry, status):
            leave_out(f"{manifest.name}: {problem}")
        else:
            found.append(manifest.name)
    return tuple(found)


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


def task_asked(request: EvaluationRequest, registry: ModelRegistry) -> ModelTask:
    """Return what the request's models are for; raise ModelUnfit, ModelMissing or OptionsUnfit."""
    task = common_task(registry, request.models) if request.models else ModelTask.EXPRESSION
    require_consistent(request, task)
    return task


def kind_of(task: ModelTask) -> Kind:
    """Return what an evaluation of models for `task` gives figures of."""
    return Kind.EXPRESSIONS if task is ModelTask.EXPRESSION else Kind.FACES


def evaluate(
    request: EvaluationRequest, registry: ModelRegistry, progress: Progress, leave_out: LeaveOut
) -> Results:
    """Return the figures of the request's models; raise EvaluationError or EdgeError.

    `leave_out` is told of each model that nobody named and that cannot be judged, and why.
    """
    task, request = task_asked(request, registry), located(request)
    if task is ModelTask.EXPRESSION:
        return Results(expressions=_expressions(request, registry, progress, leave_out))
    return Results(faces=_faces(request, registry, progress))


def _problem(registry: ModelRegistry, status: ModelStatus) -> str:
    return status.problem if status.path is None else refusal(registry, status.manifest)


def _expressions(
    request: EvaluationRequest, registry: ModelRegistry, progress: Progress, leave_out: LeaveOut
) -> ExpressionEvaluation:
    names = request.models or usable(registry, ModelTask.EXPRESSION, leave_out)
    if not names:
        raise ModelUnfit("no usable expression model was found; name a folder with --models")
    source = _source(request, registry)
    models = [open_expression_model(registry, name, threads=request.threads) for name in names]
    if not request.models:
        models = _comparable(models, source, leave_out)
    return evaluate_expressions(source, models, command=request.command, progress=progress)


def _comparable(
    models: Sequence[ExpressionModel], source: FaceSource, leave_out: LeaveOut
) -> list[ExpressionModel]:
    """Return the models that know every label of `source`."""
    kept = []
    for model in models:
        try:
            require_labels(model, source)
        except LabelUnknown as error:
            leave_out(f"{model.name}: {error}")
        else:
            kept.append(model)
    if not kept:
        raise ModelUnfit(f"{source.name}: no usable expression model knows all of its labels")
    return kept


def _faces(
    request: EvaluationRequest, registry: ModelRegistry, progress: Progress
) -> FaceEvaluation:
    models = [open_face_model(registry, name, threads=request.threads) for name in request.models]
    if request.images is None or request.faces is None:
        raise DataMissing(
            "face detectors are judged by labelled boxes: name pictures with --images and a CSV "
            "file (file, x, y, w, h, perhaps landmarks) with --faces"
        )
    name, shown = _boxed(request, request.images, read_listed_faces(request.faces))
    if request.faces.name != _USUAL_FACES:
        name = f"{name}, by {request.faces.name}"
    require_frames(request.without_faces)
    evaluation = evaluate_faces(name, shown, models, command=request.command, progress=progress)
    if not request.without_faces:
        return evaluation
    return add_false_faces(evaluation, models, request.without_faces)


def _source(request: EvaluationRequest, registry: ModelRegistry) -> FaceSource:
    if request.fer2013 is not None:
        return read_fer2013(request.fer2013, request.split or Split.PUBLIC)
    if request.images is None or request.labels is None:
        raise DataMissing(
            "name the faces to evaluate with: --images DIR --labels CSV (file, label and perhaps "
            "person), or --fer2013 NPZ"
        )
    finder: FaceFinder | None = None
    if not request.is_cropped:
        finder = (
            DetectedFaces(_detector(request, registry))
            if request.faces is None
            else read_listed_faces(request.faces)
        )
    return read_labelled_folder(request.images, request.labels, finder, request.part)


def _detector(request: EvaluationRequest, registry: ModelRegistry) -> Detector:
    if ":" in request.detector:
        raise OptionsUnfit(
            f"--detector {request.detector}: it takes face detectors of the registry only; those "
            "of a family, as this one, are judged with --model"
        )
    return load_detector(
        registry, request.detector, task=ModelTask.FACE_DETECTION, threads=request.threads
    )


def _boxed(
    request: EvaluationRequest, images: Path, listed: ListedFaces
) -> tuple[str, Iterator[Face | UnusablePicture]]:
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
