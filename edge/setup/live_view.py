"""Looks through one camera while a device is set up: a mosaic, and how many are in each zone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from edge.analytics.people import head_box
from edge.analytics.zones import Zone, ZoneKind, anchor, zone_at
from edge.capture.sources import NONE
from edge.errors import EdgeError
from edge.scene import Box, Detector, Frame
from edge.settings import EdgeSettings
from edge.setup.mosaics import Mosaic, make_mosaic
from edge.watch.process import open_camera

LOOK_EVERY_S = 0.4
TRY_AGAIN_S = 2.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the camera shows now; `counts` are heads by zone, `problem` is why it shows nothing."""

    mosaic: Mosaic | None = None
    heads: tuple[tuple[float, float], ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    problem: str = ""
    at_s: float = 0.0


class LiveView:
    """One camera at a time, seen from a thread of its own; pictures are dropped in it."""

    def __init__(self, settings: EdgeSettings, models: Path | None) -> None:
        self._models = models
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._settings = settings
        self._camera = settings.camera.name
        self._zones: tuple[Zone, ...] = ()
        self._look = Look()
        self._generation = 0
        self._thread: threading.Thread | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Look until the block ends."""
        self._start()
        try:
            yield
        finally:
            self._stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the camera to somebody else within the block."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def use(self, settings: EdgeSettings, camera: str, zones: Sequence[Zone]) -> None:
        """Look through `camera` and count in `zones` from now on."""
        with self._lock:
            changed = (settings.vision, settings.cameras, settings.camera, camera) != (
                self._settings.vision,
                self._settings.cameras,
                self._settings.camera,
                self._camera,
            )
            self._settings, self._camera, self._zones = settings, camera, tuple(zones)
            if changed:
                self._generation += 1
                self._look = Look()

    def look(self) -> Look:
        """Return what was seen last."""
        with self._lock:
            return self._look

    def _start(self) -> None:
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, name="setup-view", daemon=True)
        self._thread.start()

    def _stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join(30)

    def _run(self) -> None:
        while not self._ended.is_set():
            with self._lock:
                settings, camera, generation = self._settings, self._camera, self._generation
            try:
                self._watch(settings, camera, generation)
            except EdgeError as error:
                self._put(Look(problem=str(error), at_s=time.monotonic()), generation)
                self._ended.wait(TRY_AGAIN_S)

    def _watch(self, settings: EdgeSettings, camera: str, generation: int) -> None:
        view = next(one for one in settings.views() if one.camera.name == camera)
        if view.camera.source == NONE:
            self._put(Look(problem='[camera] source is "none"', at_s=time.monotonic()), generation)
            self._ended.wait(TRY_AGAIN_S)
            return
        detectors = _detectors(settings, self._models)
        # Masks that are being drawn apply at once, also where one is taken away again.
        plain = view.model_copy(update={"zones": ()})
        next_s = 0.0
        with open_camera(plain) as results:
            for result in results:
                if self._ended.is_set() or self._is_old(generation):
                    return
                if isinstance(result, Frame) and time.monotonic() >= next_s:
                    self._put(self._see(result, detectors), generation)
                    next_s = time.monotonic() + LOOK_EVERY_S

    def _see(self, frame: Frame, detectors: Sequence[Detector]) -> Look:
        with self._lock:
            zones = self._zones
        height_px, width_px = frame.image.shape[:2]
        masks = [zone for zone in zones if zone.kind is ZoneKind.MASK]
        found = [_heads(detector, frame) for detector in detectors]
        points = [anchor(head, width_px, height_px) for head in found[0]]
        seen = [point for point in points if not any(mask.contains(point) for mask in masks)]
        counts = {zone.name: 0 for zone in zones if zone.kind is not ZoneKind.MASK}
        for point in seen:
            zone = zone_at(zones, point)
            if zone is not None:
                counts[zone.name] += 1
        every = [head for heads in found for head in heads]
        return Look(
            mosaic=make_mosaic(frame.image, every, masks),
            heads=tuple((round(x, 3), round(y, 3)) for x, y in seen),
            counts=counts,
            at_s=time.monotonic(),
        )

    def _put(self, look: Look, generation: int) -> None:
        with self._lock:
            if generation == self._generation:
                self._look = look

    def _is_old(self, generation: int) -> bool:
        with self._lock:
            return generation != self._generation


def _detectors(settings: EdgeSettings, models: Path | None) -> list[Detector]:
    """Return the chosen detector, and one of people too, so that backs of heads are hidden."""
    from contract.manifest import ModelTask
    from edge.vision.adapters import load_detector
    from edge.vision.registry import AUTO, open_registry

    registry = open_registry(models)
    found = [
        load_detector(
            registry, settings.vision.detector, input_width_px=settings.vision.input_width_px
        )
    ]
    with suppress(EdgeError):  # a device may have none; the mosaic's cells are coarse all the same
        found.append(load_detector(registry, AUTO, task=ModelTask.PERSON_DETECTION))
    return found


def _heads(detector: Detector, frame: Frame) -> list[Box]:
    found = detector.detect(frame.image)
    return [one.box if one.landmarks is not None else head_box(one.box) for one in found]
