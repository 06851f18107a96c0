"""Whether camera and models work: pictures come, and the models can be opened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contract.manifest import ModelTask
from edge.analytics.pictures import BLACK_MEAN, BLACK_SPREAD
from edge.check.findings import Finding, fail, ok, warn
from edge.errors import CaptureError, VisionError
from edge.settings import EdgeSettings
from runtime.stream_urls import without_secrets

if TYPE_CHECKING:
    from edge.vision.registry import ModelRegistry

SAMPLE_S = 3.0
FIRST_PICTURE_WITHIN_S = 10.0

_SLOW_SHARE = 0.7
_RATES_ONLY = "until then the device takes ratings, but counts nobody"


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
        yield fail(
            "detector", str(error), "until then the device takes ratings, but does not count"
        )
        return
    if vision.people != NONE:
        yield _check_people(registry, vision.people, beside=task)
    if vision.expression == NONE:
        yield ok("expression", "switched off in [vision] expression")
        return
    counts_without = "until then the device counts without expressions"
    try:
        registry.choose(
            ModelTask.EXPRESSION, vision.expression
        )  # raises the reason where there is none
        reader = load_expression_reader(registry, vision.expression)
    except VisionError as error:
        yield warn("expression", str(error), counts_without)
        return
    if reader is None:
        yield warn("expression", "no model fits its manifest: motcua models verify", counts_without)
    else:
        yield ok("expression", reader.name)


def _check_people(registry: ModelRegistry, name: str, *, beside: ModelTask) -> Finding:
    from edge.vision.adapters import load_detector

    if beside is not ModelTask.FACE_DETECTION:
        return fail(
            "people", "[vision] detector finds people already", 'set [vision] people to "none"'
        )
    try:
        return ok("people", load_detector(registry, name, task=ModelTask.PERSON_DETECTION).name)
    except VisionError as error:
        return fail("people", str(error), _RATES_ONLY)


def check_camera(settings: EdgeSettings) -> Finding:
    """Appearance at the camera for a few seconds; pictures stay in memory and are forgotten."""
    from edge.capture.sources import NONE

    source = settings.camera.source
    if source == NONE:
        return ok("camera", "switched off in [camera] source")
    try:
        sample = _sample(settings)
    except CaptureError as error:
        return fail("camera", str(error))
    if sample is None:
        return fail(
            "camera",
            f"{without_secrets(source)} gave no picture within {FIRST_PICTURE_WITHIN_S:.0f} s",
            "check the cable, that no other program (such as a running watch) holds it, and "
            "[camera] source",
        )
    return _judge(sample, source=without_secrets(source), wanted_fps=settings.camera.fps)


def _judge(sample: _CameraSample, *, source: str, wanted_fps: float) -> Finding:
    fps = sample.frames / sample.span_s if sample.span_s > 0 else 0.0
    detail = (
        f"{source}: {sample.size}, {fps:.1f} pictures/s, brightness {sample.brightness:.0f}/255"
    )
    if sample.is_black:
        return warn("camera", f"{detail}: black", "take the cover off, or switch a light on")
    if fps < wanted_fps * _SLOW_SHARE:
        return warn(
            "camera",
            f"{detail}, [camera] fps is {wanted_fps:g}",
            "more light shortens the exposure; or lower [camera] fps",
        )
    return ok("camera", detail)


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
