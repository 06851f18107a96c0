"""What a call of `motcua models evaluate` asks for, turned into sources, models and figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from contract.manifest import ModelTask
from edge.vision.adapters import load_detector
from edge.vision.registry import AUTO, Availability, ModelRegistry
from models.lab.evaluation.boxes import DetectedFaces, FaceFinder, read_listed_faces
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
from models.lab.evaluation.faces import FaceSource
from models.lab.evaluation.fer2013 import Split, read_fer2013
from models.lab.evaluation.folder import read_faces, read_folder
from models.lab.evaluation.frames import add_false_faces, require_frames
from models.lab.evaluation.options import EvaluationRequest, located, require_consistent
from models.lab.evaluation.report import ExpressionEvaluation
from models.lab.evaluation.results import Results
from models.loading import refusal

_USUAL_FACES = "faces.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluator:
    """Models of a registry, and who is told of `progress`: how many faces are done.

    `leave_out` is told of each model that nobody named and that cannot be judged, and why.
    """

    registry: ModelRegistry
    threads: int = 1
    progress: Callable[[int], None]
    leave_out: Callable[[str], None]

    def evaluate(self, request: EvaluationRequest) -> Results:
        """Return the figures of the request's models; raise EvaluationError or EdgeError."""
        task, request = task_asked(request, self.registry), located(request)
        if task is ModelTask.EXPRESSION:
            return Results(expressions=self._expressions(request))
        return Results(faces=self._faces(request))

    def _expressions(self, request: EvaluationRequest) -> ExpressionEvaluation:
        names = request.model or usable(self.registry, (ModelTask.EXPRESSION,), self.leave_out)
        if not names:
            raise ModelUnfit("no usable expression model was found; name a folder with --models")
        source = self._source(request)
        models = [open_expression_model(self.registry, n, threads=self.threads) for n in names]
        if not request.model:
            models = self._comparable(models, source)
        return evaluate_expressions(source, models, command=request.command, progress=self.progress)

    def _comparable(
        self, models: Sequence[ExpressionModel], source: FaceSource
    ) -> list[ExpressionModel]:
        """Return the models that know every label of `source`."""
        kept = []
        for model in models:
            try:
                require_labels(model, source)
            except LabelUnknown as error:
                self.leave_out(f"{model.name}: {error}")
            else:
                kept.append(model)
        if not kept:
            raise ModelUnfit(f"{source.name}: no usable expression model knows all of its labels")
        return kept

    def _faces(self, request: EvaluationRequest) -> FaceEvaluation:
        models = [open_face_model(self.registry, n, threads=self.threads) for n in request.model]
        if request.images is None or request.faces is None:
            raise DataMissing(
                "face detectors are judged by labelled boxes: name pictures with --images and a "
                "CSV file (file, x, y, w, h, perhaps landmarks) with --faces"
            )
        listed = read_listed_faces(request.faces)
        source = read_faces(request.images, request.labels, listed, request.part)
        by = "" if request.faces.name == _USUAL_FACES else f", by {request.faces.name}"
        require_frames(request.without_faces)
        found = evaluate_faces(
            f"{source.name}{by}",
            source.faces(),
            models,
            command=request.command,
            progress=self.progress,
        )
        return add_false_faces(found, models, request.without_faces)

    def _source(self, request: EvaluationRequest) -> FaceSource:
        if request.fer2013 is not None:
            return read_fer2013(request.fer2013, request.split or Split.PUBLIC)
        if request.images is None or request.labels is None:
            raise DataMissing(
                "name the faces to evaluate with: --images DIR --labels CSV (file, label and "
                "perhaps person), or --fer2013 NPZ"
            )
        finder: FaceFinder | None = None
        if request.faces is not None:
            finder = read_listed_faces(request.faces)
        elif not request.cropped:
            finder = self._searcher(request.detector)
        return read_folder(request.images, request.labels, finder, request.part)

    def _searcher(self, name: str) -> FaceFinder:
        if ":" in name:
            raise OptionsUnfit(
                f"--detector {name}: it takes face detectors of the registry only; those of a "
                "family, as this one, are judged with --model"
            )
        task = ModelTask.FACE_DETECTION
        return DetectedFaces(load_detector(self.registry, name, task=task, threads=self.threads))


def resolve(registry: ModelRegistry, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names with "auto" replaced by the expression model that a device would take."""
    chosen = (
        registry.choose(ModelTask.EXPRESSION).manifest.name if name == AUTO else name
        for name in names
    )
    return tuple(dict.fromkeys(chosen))


def usable(
    registry: ModelRegistry,
    tasks: Collection[ModelTask],
    leave_out: Callable[[str], None],
    *,
    among: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Return the names of all models for `tasks` that load; `leave_out` is told why others do not.

    A model that is not here is spoken of only where it is `among` those that are wanted.
    """
    names: dict[ModelTask, list[str]] = {task: [] for task in tasks}
    for status in registry.statuses():
        manifest = status.manifest
        is_wanted = among is None or manifest.name in among
        is_missing = among is None and status.availability is Availability.MISSING
        if manifest.task not in names or not is_wanted or is_missing:
            continue
        if problem := status.problem if status.path is None else refusal(registry, manifest):
            leave_out(f"{manifest.name}: {problem}")
        else:
            names[manifest.task].append(manifest.name)
    return tuple(name for of_task in names.values() for name in of_task)


def task_asked(request: EvaluationRequest, registry: ModelRegistry) -> ModelTask:
    """Return what the request's models are for; raise ModelUnfit, ModelMissing or OptionsUnfit."""
    tasks = {name: task_of(registry, name) for name in request.model}
    if len(set(tasks.values())) > 1:
        listed = ", ".join(f"{name} ({task})" for name, task in tasks.items())
        raise ModelUnfit(f"these models are for different tasks: {listed}; evaluate one at a time")
    task = next(iter(tasks.values()), ModelTask.EXPRESSION)
    if task is ModelTask.PERSON_DETECTION:
        raise ModelUnfit(
            f"{', '.join(tasks)}: person detectors are not evaluated here, for want of labelled "
            "people; `motcua models bench` says how fast they are"
        )
    require_consistent(request, task)
    return task
