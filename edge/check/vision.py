"""Whether camera and models work: pictures come, and the models can be opened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contract.manifest import ModelTask
from edge.analytics.pictures import BLACK_MEAN, BLACK_SPREAD
from edge.check.findings import Finding, fail, ok, told, warn
from edge.errors import CaptureError, VisionError
from edge.settings import EdgeSettings
from runtime.stream_urls import without_secrets

if TYPE_CHECKING:
    from edge.vision.registry import ModelRegistry

SAMPLE_S = 3.0
FIRST_PICTURE_WITHIN_S = 10.0

_SLOW_SHARE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class _CameraSample:
    frames: int
    span_s: float
    brightness: float
    is_black: bool
    size: str


def check_models(settings: EdgeSettings, models: Path | None) -> Iterator[Finding]:
    """Yield which models the device opens of those that the settings name, or why it cannot."""
    from edge.vision.adapters import NONE, load_detector, load_expression_reader
    from edge.vision.registry import AUTO, open_registry

    vision = settings.vision
    try:
        registry = open_registry(models)
        task = ModelTask.FACE_DETECTION
        if vision.detector != AUTO:
            task = registry.find(vision.detector).task
        yield ok("detector", load_detector(registry, vision.detector, task=task).name)
    except VisionError as error:
        yield fail("detector", str(error), told("counts_nobody"))
        return
    if vision.people != NONE:
        yield _check_people(registry, vision.people, beside=task)
    if vision.expression == NONE:
        yield ok("expression", told("expression_off"))
        return
    counts_without = told("counts_without")
    try:
        registry.choose(
            ModelTask.EXPRESSION, vision.expression
        )  # raises the reason where there is none
        reader = load_expression_reader(registry, vision.expression)
    except VisionError as error:
        yield warn("expression", str(error), counts_without)
        return
    if reader is None:
        yield warn("expression", told("expression_unfit"), counts_without)
    else:
        yield ok("expression", reader.name)


def _check_people(registry: ModelRegistry, name: str, *, beside: ModelTask) -> Finding:
    from edge.vision.adapters import load_detector

    if beside is not ModelTask.FACE_DETECTION:
        return fail("people", told("people_already"), told("set_people"))
    try:
        return ok("people", load_detector(registry, name, task=ModelTask.PERSON_DETECTION).name)
    except VisionError as error:
        return fail("people", str(error), told("counts_nobody"))


def check_camera(settings: EdgeSettings) -> Finding:
    """Appearance at the camera for a few seconds; pictures stay in memory and are forgotten."""
    from edge.capture.sources import NONE

    source = settings.camera.source
    if source == NONE:
        return ok("camera", told("camera_off"))
    try:
        sample = _sample(settings)
    except CaptureError as error:
        return fail("camera", str(error))
    if sample is None:
        return fail(
            "camera",
            told("camera_silent", source=without_secrets(source), wait_s=FIRST_PICTURE_WITHIN_S),
            told("check_camera"),
        )
    return _judge(sample, source=without_secrets(source), wanted_fps=settings.camera.fps)


def _judge(sample: _CameraSample, *, source: str, wanted_fps: float) -> Finding:
    fps = sample.frames / sample.span_s if sample.span_s > 0 else 0.0
    seen = {"source": source, "size": sample.size, "fps": fps, "brightness": sample.brightness}
    if sample.is_black:
        return warn("camera", told("camera_black", **seen), told("uncover"))
    if fps < wanted_fps * _SLOW_SHARE:
        return warn(
            "camera",
            told("camera_slow", wanted_fps=wanted_fps, **seen),
            told("more_light"),
        )
    return ok("camera", told("camera", **seen))


def _sample(settings: EdgeSettings) -> _CameraSample | None:
    """Return what the camera gives, None when it gives nothing."""
    from edge.capture.sources import open_source
    from edge.scene import Frame

    camera = settings.camera
    deadline_s = time.monotonic() + FIRST_PICTURE_WITHIN_S
    began_s = 0.0
    frames, brightness, spread, size = 0, 0.0, 0.0, ""
    with open_source(
        camera.source, fps=camera.fps, loop=True, masks=settings.views()[0].mask_zones()
    ) as results:
        for result in results:
            now_s = time.monotonic()
            if isinstance(result, Frame):
                if not size:
                    # The time it takes to open the source is no part of its speed.
                    height, width = result.image.shape[:2]
                    began_s, deadline_s, size = now_s, now_s + SAMPLE_S, f"{width}x{height}"
                else:
                    frames += 1
                brightness, spread = float(result.image.mean()), float(result.image.std())
            if now_s >= deadline_s:
                break
    if not size:
        return None
    return _CameraSample(
        frames=frames,
        span_s=time.monotonic() - began_s,
        brightness=brightness,
        is_black=brightness <= BLACK_MEAN and spread <= BLACK_SPREAD,
        size=size,
    )
