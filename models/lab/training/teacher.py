"""What a teacher sees of known faces, at several sizes and mirrored: better than one look.

One look of YuNet's at a face differs from the mean of its looks by 5 to 7 per cent of the distance
between the eyes (measured on 60 photographs), most where the face fills the picture.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import structlog

from edge.scene import Detector
from edge.scene import Image as ColourImage
from models.lab.evaluation.boxes import LANDMARK_COLUMNS, DetectedFaces, MarkedFace
from models.lab.evaluation.csv_rows import read_rows
from models.lab.evaluation.errors import DataInvalid, ModelUnfit
from models.lab.evaluation.pictures import Unreadable, read_picture
from models.lab.training.photographs import (
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
_MOST_FACES = 40  # looked for in one picture

log = structlog.get_logger()


def consensus(photograph: Photograph, detector: Detector) -> Photograph | None:
    """Return the photograph with the mean box and landmarks of its largest face.

    None, and a line in the log, where the teacher loses the face in many looks. What is known of
    other faces stays.
    """
    image = decoded(photograph.file, 1)
    known = photograph.boxes[0]
    looks = [
        found
        for width, mirrored in product(_WIDTHS_PX, (False, True))
        if (found := _look(image, known, width / float(known[2]), detector, mirrored=mirrored))
    ]
    if len(looks) < _FEWEST:
        reason = f"{detector.name} finds its face in {len(looks)} of {2 * len(_WIDTHS_PX)} looks"
        log.warning("picture_left_out", file=photograph.name, reason=reason)
        return None
    box = np.mean([look[0] for look in looks], axis=0)
    points = np.mean([look[1] for look in looks], axis=0)
    boxes, landmarks = photograph.boxes.copy(), photograph.landmarks.copy()
    boxes[0] = *box[:2], *(box[2:] - box[:2])
    landmarks[0] = points
    return replace(photograph, boxes=boxes, landmarks=landmarks)


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

    It then holds all faces that the detector finds in each picture of labels.csv, largest first.
    Pictures without any, or that cannot be read, are named in the log. Raises DataInvalid where
    there is no other.
    """
    if (folder / "faces.csv").is_file():
        return folder / "faces.csv"
    rows = read_rows(folder / "labels.csv", columns=("file",))
    found = {row["file"]: _found_in(folder / row["file"], detector) for row in rows}
    if not any(found.values()):
        raise DataInvalid(
            f"{folder}: {detector.name} finds a face in none of its {len(found)} pictures: write "
            f"their boxes into faces.csv, or name another model with --teacher"
        )
    out.mkdir(parents=True, exist_ok=True)
    place = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    path = out / f"{folder.resolve().name}-{place}-faces.csv"
    _write(path, list(found.items()))
    return path


def _found_in(path: Path, detector: Detector) -> list[list[float]]:
    """Return x, y, w, h and the landmarks of each face that is found in a picture, largest first.

    Where there is none, the log says why.
    """
    try:
        image = read_picture(path)
    except Unreadable as error:
        log.warning("picture_left_out", file=str(path), reason=str(error))
        return []
    faces = [_values(face) for face in _faces_in(image, detector)]
    if not faces:
        reason = f"{detector.name} finds no face in it"
        log.warning("picture_left_out", file=str(path), reason=reason)
    return faces


def _faces_in(image: ColourImage, detector: Detector) -> Iterator[MarkedFace]:
    """Yield the largest face of a picture, then what is the largest with that one painted over."""
    image, finder = image.copy(), DetectedFaces(detector)
    shade = image.mean(axis=(0, 1))
    for _ in range(_MOST_FACES):
        face = finder.find("", image)
        if not isinstance(face, MarkedFace):
            return
        yield face
        left, top = (max(int(low), 0) for low in (face.box.left, face.box.top))
        image[top : max(int(face.box.bottom) + 1, 0), left : max(int(face.box.right) + 1, 0)] = (
            shade
        )


def write_consensus(folder: Path, detector: Detector, path: Path) -> int:
    """Write a faces.csv with the consensus on each photograph of a folder that has one.

    Return how many there are. It judges landmarks better than single looks do. Raises DataInvalid
    where there is none, or where the file cannot be written.
    """
    agreed = all_agreed(photographs(folder, None), detector)
    if not agreed:
        raise DataInvalid(f"{folder}: {detector.name} agrees with itself on none of its faces")
    _write(path, [(p.name, [[*p.boxes[0], *p.landmarks[0].ravel()]]) for p in agreed])
    return len(agreed)


def _write(path: Path, pictures: Sequence[tuple[str, Sequence[Sequence[float]]]]) -> None:
    """Write each picture's faces, of x, y, w, h and landmarks, numbered from 0."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "face", "x", "y", "w", "h", *LANDMARK_COLUMNS])
            for name, faces in pictures:
                for number, values in enumerate(faces):
                    writer.writerow([name, number, *(round(float(v), 3) for v in values)])
    except OSError as error:
        raise DataInvalid(f"{path} cannot be written: {error.strerror}") from error


def _values(face: MarkedFace) -> list[float]:
    box = face.box
    if face.landmarks is None:
        raise ModelUnfit("the teacher gives no landmarks: name another with --teacher")
    points = face.landmarks.ravel().tolist()
    return [box.left, box.top, box.width, box.height, *points]
