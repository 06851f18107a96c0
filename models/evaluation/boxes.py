"""Where the face of a picture is: listed in a file, or found by a detector of the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from edge.scene import Box, Detector, Image
from models.evaluation.errors import DataInvalid
from models.evaluation.faces import Landmarks
from models.evaluation.tables import Row, read_table

_COLUMNS = ("file", "x", "y", "w", "h")
_POINTS = ("reye", "leye", "nose", "rmouth", "lmouth")
LANDMARK_COLUMNS = tuple(f"{point}_{axis}" for point in _POINTS for axis in "xy")
"""Five points, x and y of each; right and left are the subject's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkedFace:
    """A face's box in its picture, and its five points where they are known."""

    box: Box
    landmarks: Landmarks | None


class FaceFinder(Protocol):
    """Knows where the face of a picture is."""

    def find(self, file: str, image: Image) -> MarkedFace | str:
        """Return the largest face, or why there is none."""


class ListedFaces:
    """Faces from a CSV file with the columns file, x, y, w, h and, if known, five landmarks."""

    def __init__(self, path: Path, faces: Mapping[str, tuple[MarkedFace, ...]]) -> None:
        self.path = path
        self._faces = faces

    @property
    def files(self) -> tuple[str, ...]:
        """The pictures that are listed."""
        return tuple(self._faces)

    def largest(self, file: str) -> MarkedFace | None:
        """Return the largest listed face of a picture, None where there is none."""
        return next(iter(self._faces.get(file, ())), None)

    def find(self, file: str, image: Image) -> MarkedFace | str:
        """Return the largest listed face of the picture, or why there is none."""
        face = self.largest(file)
        if face is None:
            return f"has no face in {self.path.name}"
        height_px, width_px = image.shape[:2]
        box = face.box
        if min(box.right, width_px) <= max(box.left, 0) or (
            min(box.bottom, height_px) <= max(box.top, 0)
        ):
            return f"its face in {self.path.name} lies outside of the picture"
        return face


class DetectedFaces:
    """Faces as a detector finds them."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def find(self, file: str, image: Image) -> MarkedFace | str:
        """Return the largest face that the detector finds, or why there is none."""
        found = self._detector.detect(image)
        if not found:
            return f"{self._detector.name} finds no face in it"
        largest = max(found, key=lambda face: face.box.width * face.box.height)
        return MarkedFace(box=largest.box, landmarks=largest.landmarks)


def read_listed_faces(path: Path) -> ListedFaces:
    """Return the faces of each picture, largest first; raise DataMissing or DataInvalid."""
    table = read_table(path, columns=_COLUMNS)
    has_landmarks = all(column in table.columns for column in LANDMARK_COLUMNS)
    faces: dict[str, list[MarkedFace]] = {}
    for row in table.rows:
        if not row["file"]:
            raise DataInvalid(f"{path} line {row.line}: names no file")
        faces.setdefault(row["file"], []).append(_marked_face(row, has_landmarks=has_landmarks))
    return ListedFaces(
        path,
        {file: tuple(sorted(marked, key=_area, reverse=True)) for file, marked in faces.items()},
    )


def _marked_face(row: Row, *, has_landmarks: bool) -> MarkedFace:
    left, top, width, height = (row.number(column) for column in _COLUMNS[1:])
    if width <= 0 or height <= 0:
        raise DataInvalid(f"{row.path} line {row.line}: w and h must be above 0")
    landmarks = None
    if has_landmarks and row[LANDMARK_COLUMNS[0]]:
        points = [row.number(column) for column in LANDMARK_COLUMNS]
        landmarks = np.array(points, np.float32).reshape(5, 2)
    return MarkedFace(
        box=Box(left=left, top=top, right=left + width, bottom=top + height), landmarks=landmarks
    )


def _area(face: MarkedFace) -> float:
    return face.box.width * face.box.height
