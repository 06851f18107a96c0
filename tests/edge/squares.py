"""A world of grey squares that walk over a dark floor, and models that can see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import cv2
import numpy as np

from edge.assembly import Assembly
from edge.capture.masks import MaskPainter
from edge.pipeline import Pipeline
from edge.scene import Box, Detection, ExpressionReading, Frame
from edge.settings import read_settings
from edge.tracking import Tracker
from edge.vision.stages import StageClock

START = datetime(2026, 10, 5, 8, tzinfo=UTC)
WIDTH_PX, HEIGHT_PX, SIDE_PX = 320, 240, 40
FLOOR = 40
AWAY = (-1.0, 0.5)


class SquareDetector:
    """Finds connected bright areas."""

    name = "squares"

    def detect(self, image):
        bright = (image[..., 0] > 2 * FLOOR).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(bright)
        return [
            Detection(box=Box(left=x, top=y, right=x + w, bottom=y + h), score=0.9)
            for x, y, w, h, area in stats[1:].tolist()
            if area > 50
        ]


class BrightnessReader:
    """Takes brightness for joy; counts how many faces it was asked for."""

    name = "brightness"

    def __init__(self):
        self.asked = 0

    def read(self, image, faces):
        self.asked += len(faces)
        return [self._read(image, face.box) for face in faces]

    def _read(self, image, box):
        x, y = (round(value) for value in box.centre)
        joy = round(float(image[min(y, HEIGHT_PX - 1), min(x, WIDTH_PX - 1), 0]) / 255, 3)
        return ExpressionReading(negative=0.0, neutral=1 - joy, positive=joy)


def draw(*places, level=150):
    """Return a picture with a square around each (x, y), given as shares."""
    rng = np.random.default_rng(sum(int(1e6 * (x + y)) & 0xFFFF for x, y in places))
    image = rng.integers(FLOOR - 8, FLOOR + 8, (HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    for left in range(0, WIDTH_PX, 40):  # dark tiles: an empty room is no covered lens
        image[::, left : left + 20] //= 8
    for x, y in places:
        left, top = round(x * WIDTH_PX) - SIDE_PX // 2, round(y * HEIGHT_PX) - SIDE_PX // 2
        cv2.rectangle(image, (left, top), (left + SIDE_PX, top + SIDE_PX), (level,) * 3, -1)
    return image


def frames(where, *, until, fps=10, first_index=0, start=START, masks=()):
    """Yield frames in which `where(second)` says the places of all squares."""
    painter = MaskPainter(masks)
    for index in range(round(until * fps)):
        second = index / fps
        yield Frame(
            image=painter.paint(draw(*where(second))),
            captured_at=start + timedelta(seconds=second),
            index=first_index + index,
        )


def walk(*points):
    """Return a function of the second that walks straight from one (second, x, y) to the next."""
    seconds, xs, ys = zip(*points, strict=True)

    def where(second):
        if not seconds[0] <= second <= seconds[-1]:
            return AWAY
        return float(np.interp(second, seconds, xs)), float(np.interp(second, seconds, ys))

    return where


def assemble_squares(settings=None, *, reader=None, detector=None):
    """Return a pipeline that sees squares, with the real tracker and analytics."""
    settings = settings or read_settings()
    every = settings.vision.detect_every or 1
    vision = settings.vision.model_copy(update={"detect_every": every})
    settings = settings.model_copy(update={"vision": vision})
    stages = StageClock()
    pipeline = Pipeline(
        settings=settings,
        detector=detector or SquareDetector(),
        expression=reader,
        tracker=Tracker(analysed_fps=settings.camera.fps / every),
        clock=stages,
    )
    return Assembly(
        pipelines={settings.camera.name: pipeline},
        detector=SquareDetector.name,
        expression_model="" if reader is None else reader.name,
        stages=stages,
    )
