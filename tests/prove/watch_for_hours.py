"""Watching for hours does not grow: pipeline, picture checks and viewpoint over scripted hours."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random

import numpy as np
import psutil

from contract.messages import CameraState, Visit
from edge.capture.sources import EPOCH
from edge.pipeline import Pipeline
from edge.scene import Box, Detection, Frame, Image
from edge.sections import CameraSettings
from edge.settings import EdgeSettings
from edge.tracking import Tracker
from edge.watch.views import View
from tests.prove.proofs import Proof

FRAMES_PER_S = 2
WIDTH_PX, HEIGHT_PX, FACE_PX = 160, 120, 16
STEP_S = 600
MOST_GROWTH_MB = 8.0
WAITS_S, SERVED_S, APART_S = 120, 180, 200


class ScriptedDetector:
    """Sees one citizen after another wait and be served, by the time that it is told."""

    name = "script"

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.now_s = 0.0

    def detect(self, image: Image) -> list[Detection]:
        """Return whoever is in view now, jittered as detections are."""
        found = []
        for citizen in range(int(self.now_s / APART_S) - 2, int(self.now_s / APART_S) + 1):
            age_s = self.now_s - citizen * APART_S
            if citizen >= 0 and 0 <= age_s < WAITS_S + SERVED_S:
                x = (0.3 + 0.2 * (citizen % 3)) * WIDTH_PX + self._random.gauss(0, 0.4)
                y = (0.25 if age_s < WAITS_S else 0.6) * HEIGHT_PX + self._random.gauss(0, 0.4)
                half = FACE_PX / 2
                box = Box(left=x - half, top=y - half, right=x + half, bottom=y + half)
                found.append(Detection(box=box, score=0.9))
        return found


def measure(scale: int, seed: int, folder: Path) -> Mapping[str, str]:
    """Watch `scale` times ten minutes; compare the memory at a quarter of that and at the end."""
    detector = ScriptedDetector(seed)
    settings = EdgeSettings(camera=CameraSettings(fps=FRAMES_PER_S))
    view = View(
        Pipeline(
            settings=settings,
            detector=detector,
            expression=None,
            tracker=Tracker(analysed_fps=FRAMES_PER_S),
        )
    )
    process = psutil.Process()
    frames = scale * STEP_S * FRAMES_PER_S
    visits = messages = 0
    early_mb = 0.0
    for frame in _frames(frames, seed):
        detector.now_s = (frame.captured_at - EPOCH).total_seconds()
        taken = view.take(frame)
        messages += len(taken)
        visits += sum(isinstance(message, Visit) for message in taken)
        assert view.state is CameraState.OK, view.state
        if frame.index == frames // 4:
            gc.collect()
            early_mb = process.memory_info().rss / 1e6
    gc.collect()
    growth_mb = process.memory_info().rss / 1e6 - early_mb
    expected = scale * STEP_S / APART_S
    assert abs(visits - expected) <= 3, f"{visits} visits instead of {expected:.0f}"
    assert growth_mb <= MOST_GROWTH_MB, f"grew by {growth_mb:.1f} MB"
    return {
        "hours, frames": f"{scale / 6:.1f}, {frames:,}",
        "visits, messages": f"{visits:,}, {messages:,}",
        "resident memory, from a quarter of the time to the end": f"{growth_mb:+.1f} MB",
    }


def _frames(count: int, seed: int) -> Iterator[Frame]:
    """Yield pictures of a room with things in it, and a sensor's noise."""
    rng = np.random.default_rng(seed)
    room = np.full((HEIGHT_PX, WIDTH_PX, 3), 130, np.int16)
    for _ in range(40):
        x, y = rng.integers((0, 0), (WIDTH_PX - 20, HEIGHT_PX - 20))
        room[y : y + rng.integers(5, 20), x : x + rng.integers(5, 20)] = rng.integers(40, 240)
    noise = [rng.normal(0, 3, room.shape).astype(np.int16) for _ in range(16)]
    pictures = [np.clip(room + one, 1, 255).astype(np.uint8) for one in noise]
    for index in range(count):
        at = EPOCH + timedelta(seconds=index / FRAMES_PER_S)
        yield Frame(image=pictures[index % len(pictures)], captured_at=at, index=index)


PROOF = Proof(
    claim=(
        "Watch's pipeline with tracker, zones, visits, windows and picture checks finds every "
        "visit of hours at two frames a second, and its memory does not grow. Detections are "
        "scripted: models hold no state."
    ),
    sources=(
        "edge/watch/views.py",
        "edge/analytics/*.py",
        "edge/vision/viewpoint.py",
        "tests/prove/watch_for_hours.py",
    ),
    measure=measure,
    small=1,
    full=432,
)
