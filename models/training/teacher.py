"""What a teacher sees of known faces, at several sizes and mirrored: better than one look.

One look of YuNet's at a face differs from the mean of its looks by 5 to 7 per cent of the distance
between the eyes (measured on 60 photographs), most where the face fills the picture.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import cv2
import numpy as np

from edge.scene import Detection, Detector
from models.evaluation.boxes import LANDMARK_COLUMNS
from models.evaluation.errors import DataInvalid, ModelUnfit
from models.evaluation.tables import read_table
from models.training.photographs import (
    MIRRORED,
    Image,
    Photograph,
    Points,
    decoded,
    photographs,
    resized,
)

_WIDTHS_PX = tuple(float(width) for width in range(64, 121, 8))
_PADDING_PX = 24
_FEWEST = 10  # of sixteen looks
_NEAR = 0.5  # how far a look's middle may lie from the known one, in widths


def consensus(photograph: Photograph, detector: Detector) -> Photograph | None:
    """Return the photograph with the mean box and landmarks of its largest face.

    None where the teacher loses the face in many looks.
    """
    image = decoded(photograph.file, 1)
    known = photograph.boxes[0]
    looks = [
        found
        for width, mirrored in product(_WIDTHS_PX, (False, True))
        if (found := _look(image, known, width / float(known[2]), detector, mirrored=mirrored))
    ]
    if len(looks) < _FEWEST:
        return None
    box = np.mean([look[0] for look in looks], axis=0)
    points = np.mean([look[1] for look in looks], axis=0)
    sized = np.concatenate([box[:2], box[2:] - box[:2]]).astype(np.float32)
    return replace(photograph, boxes=sized[None], landmarks=points[None].astype(np.float32))


def _look(
    image: Image, known: Points, scale: float, detector: Detector, *, mirrored: bool
) -> tuple[Points, Points] | None:
    small, scales = resized(image, scale)
    width = float(small.shape[1])
    if mirrored:
        small = small[:, ::-1]
    grey = cv2.copyMakeBorder(
        small,
        *(_PADDING_PX,) * 4,
        borderType=cv2.BORDER_CONSTANT,
        value=[float(small.mean())],
    )
    faces = detector.detect(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))  # type: ignore[arg-type]
    wanted = (known[:2] + known[2:] / 2) * scales
    for face in faces:
        box = np.array([[face.box.left, face.box.top], [face.box.right, face.box.bottom]])
        box = box - _PADDING_PX
        if face.landmarks is None:
            continue
        points = face.landmarks - _PADDING_PX
        if mirrored:
            box, points = _unmirrored(box, width), _unmirrored(points, width)[list(MIRRORED)]
            box = np.array([[box[1, 0], box[0, 1]], [box[0, 0], box[1, 1]]])
        if np.abs(box.mean(axis=0) - wanted).max() < _NEAR * known[2] * scales[0]:
            return (box / scales).ravel().astype(np.float32), (points / scales).astype(np.float32)
    return None


def _unmirrored(points: Points, width: float) -> Points:
    return np.stack([width - points[:, 0], points[:, 1]], axis=1)


def all_agreed(known: Sequence[Photograph], detector: Detector) -> list[Photograph]:
    """Return the consensus on each photograph that has one."""
    agreed = (consensus(photograph, detector) for photograph in known)
    return [photograph for photograph in agreed if photograph is not None]


def faces_csv(folder: Path, detector: Detector, out: Path) -> Path:
    """Return faces.csv of a labelled folder; where it has none, one written to `out`.

    It then holds the largest face that the detector finds in each picture of labels.csv.
    """
    if (folder / "faces.csv").is_file():
        return folder / "faces.csv"
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{folder.name}-faces.csv"
    found: list[tuple[str, list[float]]] = []
    for row in read_table(folder / "labels.csv", columns=("file",)).rows:
        image = cv2.imread(str(folder / row["file"]))
        faces = detector.detect(image) if image is not None else []  # type: ignore[arg-type]
        if faces:
            found.append((row["file"], _values(max(faces, key=_area))))
    _write(path, found)
    return path


def write_consensus(folder: Path, detector: Detector, path: Path) -> int:
    """Write a faces.csv with the consensus on each photograph of a folder that has one.

    Return how many there are. It judges landmarks better than single looks do. Raises DataInvalid
    where there is none, or where the file cannot be written.
    """
    agreed = all_agreed(photographs(folder, None), detector)
    if not agreed:
        raise DataInvalid(f"{folder}: {detector.name} agrees with itself on none of its faces")
    _write(path, [(p.name, [*p.boxes[0], *p.landmarks[0].ravel()]) for p in agreed])
    return len(agreed)


def _write(path: Path, faces: Sequence[tuple[str, Sequence[float]]]) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "face", "x", "y", "w", "h", *LANDMARK_COLUMNS])
            for name, values in faces:
                writer.writerow([name, 0, *(round(float(value), 3) for value in values)])
    except OSError as error:
        raise DataInvalid(f"{path} cannot be written: {error.strerror}") from error


def _area(face: Detection) -> float:
    return face.box.width * face.box.height


def _values(face: Detection) -> list[float]:
    box = face.box
    if face.landmarks is None:
        raise ModelUnfit("the teacher gives no landmarks: name another with --teacher")
    points = face.landmarks.ravel().tolist()
    return [box.left, box.top, box.width, box.height, *points]
