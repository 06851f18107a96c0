"""Photographs of known faces, the values that scenes are made of, and how both are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import structlog
from numpy.typing import NDArray

from models.lab.evaluation.boxes import LANDMARK_COLUMNS
from models.lab.evaluation.csv_rows import read_rows
from models.lab.evaluation.errors import DataInvalid
from models.lab.evaluation.pictures import Unreadable, decode_picture, read_file
from models.lab.splits import Part, person_of
from models.lab.training.people import parts_of

Image = NDArray[np.uint8]
"""Grey, height x width."""

Points = NDArray[np.float32]

log = structlog.get_logger()

MIRRORED = (1, 0, 2, 4, 3)
"""Order of the landmarks in a mirror: eyes and corners of the mouth change sides."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Photograph:
    """An encoded picture with box (x, y, w, h) and five landmarks of each face, largest first.

    Scenes show the first and hide the others.
    """

    name: str
    file: bytes
    boxes: Points
    landmarks: Points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A grey picture, boxes [k, 4] (left, top, right, bottom) and landmarks [k, 5, 2]."""

    image: Image
    boxes: Points
    landmarks: Points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    """What scenes are made of: photographs of faces, pictures without any, labelled frames."""

    photographs: Sequence[Photograph]
    empty: Sequence[Image]
    frames: Sequence[Scene]


def photographs(folder: Path, part: Part | None, faces: Path | None = None) -> list[Photograph]:
    """Return the photographs of the people of one part, or of all, as labels.csv names them.

    `faces` (by default faces.csv of the folder) has the columns file, face, x, y, w, h and the
    landmarks reye, leye, nose, rmouth, lmouth, each with _x and _y. Pictures that cannot be read
    are left out, and named in the log. Raises DataInvalid where none is left, or too few people for
    two parts.
    """
    labels = folder / "labels.csv"
    rows = read_rows(labels, columns=("file",))
    people = {row["file"]: person_of(row["person"], row["file"]) for row in rows}
    listed = _listed(faces or folder / "faces.csv")
    kept = [
        photograph
        for name, values in listed.items()
        if name in people and (photograph := _photograph(folder, name, values))
    ]
    if not kept:
        raise DataInvalid(f"{labels}: none of its pictures shows a face")
    if part is None:
        return kept
    parts = parts_of([people[photograph.name] for photograph in kept], labels)
    return [photograph for photograph in kept if parts[people[photograph.name]] is part]


def _listed(faces: Path) -> dict[str, list[list[float]]]:
    """Return x, y, w, h and the landmarks of each picture's faces, largest first."""
    columns = ("x", "y", "w", "h", *LANDMARK_COLUMNS)
    listed: dict[str, list[list[float]]] = {}
    for row in read_rows(faces, columns=("file", *columns)):
        listed.setdefault(row["file"], []).append([row.number(column) for column in columns])
    for values in listed.values():
        values.sort(key=lambda face: face[2] * face[3], reverse=True)
    return listed


def _photograph(folder: Path, name: str, values: Sequence[Sequence[float]]) -> Photograph | None:
    """Return a picture with its faces; None, and a line in the log, where it cannot be read."""
    try:
        file = read_file(folder / name)
        decode_picture(np.frombuffer(file, np.uint8))
    except Unreadable as error:
        log.warning("picture_left_out", file=str(folder / name), reason=str(error))
        return None
    boxes, landmarks = np.split(np.array(values, np.float32), [4], axis=1)
    return Photograph(name=name, file=file, boxes=boxes, landmarks=landmarks.reshape(-1, 5, 2))


def decoded(file: bytes, reduction: int) -> Image:
    """Return an encoded picture, grey, at 1, 1/2 or 1/4 of its size."""
    flags = {
        1: cv2.IMREAD_GRAYSCALE,
        2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
        4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    }
    return cv2.imdecode(np.frombuffer(file, np.uint8), flags[reduction])  # type: ignore[return-value]


def resized(image: Image, scale: float) -> tuple[Image, NDArray[np.float64]]:
    """Return a picture at about `scale`, and at which scale exactly, across and down."""
    rows, columns = (max(round(side * scale), 1) for side in image.shape)
    # Averaging when it shrinks; when it grows, OpenCV's averaging would shift it.
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(image, (columns, rows), interpolation=how)
    return np.asarray(small, np.uint8), np.array([columns, rows]) / image.shape[::-1]
