"""Puts the pipeline together: the models that the settings name, a tracker, the zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contract.manifest import ModelTask
from edge.pipeline import Pipeline
from edge.scene import Detector
from edge.settings import EdgeSettings
from edge.tracking import BodyTracker, Tracker
from edge.vision.adapters import NONE, load_detector, load_expression_reader
from edge.vision.registry import AUTO, ModelRegistry, open_registry
from edge.vision.stages import Stage, StageClock
from runtime.errors import SettingInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """A pipeline for each camera, by its name, and the names of the models that they share.

    `expression_model` and `people_detector` are "" where there is none.
    """

    pipelines: Mapping[str, Pipeline]
    detector: str
    expression_model: str
    stages: StageClock
    people_detector: str = ""
    body_zones: tuple[str, ...] = ()

    @property
    def pipeline(self) -> Pipeline:
        """The first camera's pipeline."""
        return next(iter(self.pipelines.values()))


def assemble(settings: EdgeSettings, *, models: Path | None = None) -> Assembly:
    """Return the pipelines of `settings`, with weights from `models` among other folders.

    Raises ModelMissing or ModelInvalid; without an expression model the pipeline still counts.
    """
    registry = open_registry(models)
    vision = settings.vision
    stages = StageClock()
    detector = load_detector(
        registry, vision.detector, input_width_px=vision.input_width_px, clock=stages
    )
    expression = load_expression_reader(registry, _reader_name(registry, settings), clock=stages)
    people = _people_detector(registry, settings, stages)
    pipelines = {
        view.camera.name: Pipeline(
            settings=view,
            detector=detector,
            expression=expression,
            tracker=Tracker(analysed_fps=_analysed_fps(view)),
            bodies=None if people is None else _bodies(people, view),
            clock=stages,
        )
        for view in settings.views()
    }
    return Assembly(
        pipelines=pipelines,
        detector=detector.name,
        expression_model="" if expression is None else expression.name,
        stages=stages,
        people_detector="" if people is None else people.name,
        body_zones=settings.body_zones,
    )


def _people_detector(
    registry: ModelRegistry, settings: EdgeSettings, stages: StageClock
) -> Detector | None:
    """Return the detector that looks for bodies beside faces, None where there is to be none."""
    vision = settings.vision
    wanted = vision.people
    if wanted == NONE and settings.body_zones and _finds_faces(registry, settings):
        wanted = AUTO  # a zone whose visits begin with a body needs one
    if wanted == NONE:
        return None
    if not _finds_faces(registry, settings):
        raise SettingInvalid(
            f'[vision] people = "{vision.people}" goes beside a detector of faces, and detector = '
            f'"{vision.detector}" finds people already; set people to "{NONE}"'
        )
    return load_detector(
        registry, wanted, task=ModelTask.PERSON_DETECTION, stage=Stage.PEOPLE, clock=stages
    )


def _bodies(detector: Detector, settings: EdgeSettings) -> BodyTracker:
    per_s = min(settings.vision.people_per_s, _analysed_fps(settings))
    return BodyTracker(detector, Tracker(analysed_fps=per_s), per_s=per_s)


def _analysed_fps(settings: EdgeSettings) -> float:
    fps = settings.camera.fps
    return fps / settings.vision.detection_interval(fps)


def _reader_name(registry: ModelRegistry, settings: EdgeSettings) -> str:
    """Return which reader to load: none for bodies, whose boxes hold no face to read."""
    return settings.vision.expression if _finds_faces(registry, settings) else NONE


def _finds_faces(registry: ModelRegistry, settings: EdgeSettings) -> bool:
    name = settings.vision.detector
    return name == AUTO or registry.find(name).task is ModelTask.FACE_DETECTION
