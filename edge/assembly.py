"""Puts the pipeline together: the models that the settings name, a tracker, the zones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contract.manifest import ModelTask
from edge.pipeline import Pipeline
from edge.settings import EdgeSettings
from edge.tracking import Tracker
from edge.vision.adapters import NONE, load_detector, load_expression_reader
from edge.vision.registry import AUTO, ModelRegistry, open_registry
from edge.vision.stages import StageClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """A pipeline and the names of the models in it; `expression_model` is "" without one."""

    pipeline: Pipeline
    detector: str
    expression_model: str
    stages: StageClock


def assemble(settings: EdgeSettings, *, models: Path | None = None) -> Assembly:
    """Return the pipeline of `settings`, with weights from `models` among other folders.

    Raises ModelMissing or ModelInvalid; without an expression model the pipeline still counts.
    """
    registry = open_registry(models)
    vision = settings.vision
    stages = StageClock()
    detector = load_detector(
        registry, vision.detector, input_width_px=vision.input_width_px, clock=stages
    )
    expression = load_expression_reader(registry, _reader_name(registry, settings), clock=stages)
    pipeline = Pipeline(
        settings=settings,
        detector=detector,
        expression=expression,
        tracker=Tracker(analysed_fps=settings.camera.fps / vision.detect_every),
        clock=stages,
    )
    return Assembly(
        pipeline=pipeline,
        detector=detector.name,
        expression_model="" if expression is None else expression.name,
        stages=stages,
    )


def _reader_name(registry: ModelRegistry, settings: EdgeSettings) -> str:
    """Return which reader to load: none for bodies, whose boxes hold no face to read."""
    name = settings.vision.detector
    finds_faces = name == AUTO or registry.find(name).task is ModelTask.FACE_DETECTION
    return settings.vision.expression if finds_faces else NONE
