"""Trains the detector on labelled folders and clips: first for faces, then for their landmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from edge.scene import Detector, Image
from models.lab.evaluation.errors import DataInvalid
from models.lab.evaluation.frames import read_frames
from models.lab.splits import Part
from models.lab.training.centring import centre
from models.lab.training.faces import FIRST, REFINED, FaceNet, train
from models.lab.training.photographs import Material, Photograph, Scene, photographs
from models.lab.training.runs import Run, random_source
from models.lab.training.scenes import SceneMaker
from models.lab.training.start import load_exported
from models.lab.training.teacher import all_agreed

_KEPT_SCENES = 160


def train_detector(
    folders: Mapping[Path, Path],
    clips: Sequence[Path],
    detector: Detector,
    out: Path,
    *,
    seed: int,
    epochs: int | None = None,
    start: Path | None = None,
) -> None:
    """Train on labelled folders with their faces.csv, and on clips that the teacher labels.

    First come faces, then the net is refined for their landmarks, which are centred at last;
    `start`, an ONNX file that it was exported to, takes the place of the first part. A second start
    goes on where the first one stopped; `epochs` shortens both parts, for a trial.
    """
    first, refined = (replace(c, epochs=epochs or c.epochs) for c in (FIRST, REFINED))
    seen = frames(clips, detector)
    material = Material(
        photographs=_agreed(folders, Part.TRAINING, detector),
        empty=[scene.image for scene in seen if not len(scene.boxes)],
        frames=[scene for scene in seen if len(scene.boxes)],
    )
    others = _agreed(folders, Part.CALIBRATION, detector)
    maker = SceneMaker(Material(photographs=others, empty=[], frames=[]), random_source(0, 0))
    kept = [maker.make() for _ in range(_KEPT_SCENES)]
    if start:
        before = FaceNet(refined).eval()
        load_exported(before, start)
    else:
        before = train(Run(folder=out / "first", seed=seed), first, material, kept)
    net = train(Run(folder=out / "refined", seed=seed), refined, material, kept, before)
    centre(net, material.photographs, random_source(seed, 0))
    Run(folder=out / "centred", seed=seed).save(0, {"average": net})


def frames(clips: Sequence[Path], detector: Detector, *, every: int = 2) -> list[Scene]:
    """Return the clips' frames, grey, with the faces that the detector finds in them.

    Raises DataMissing or DataInvalid naming a clip that is not there or has no frame.
    """
    return [
        _labelled(image, detector)
        for clip in clips
        for image in islice(read_frames(clip, []), 0, None, every)
    ]


def _labelled(image: Image, detector: Detector) -> Scene:
    found = detector.detect(image)
    boxes = [[f.box.left, f.box.top, f.box.right, f.box.bottom] for f in found]
    points = [f.landmarks for f in found if f.landmarks is not None]
    return Scene(
        image=np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8),
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        landmarks=np.array(points, np.float32).reshape(-1, 5, 2),
    )


def _agreed(folders: Mapping[Path, Path], part: Part, detector: Detector) -> list[Photograph]:
    """Return the photographs of one part that the teacher agrees on; DataInvalid without any."""
    known = [p for folder, faces in folders.items() for p in photographs(folder, part, faces)]
    agreed = all_agreed(known, detector)
    if not agreed:
        raise DataInvalid(
            f"{', '.join(map(str, folders))}: {detector.name} agrees with itself on none of the "
            f"{len(known)} faces for {part}: name another model with --teacher"
        )
    return agreed
