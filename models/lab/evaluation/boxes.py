"""Where the face of a picture is: listed in a file, or found by a detector of the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from edge.scene import Box, Detector, Image
from models.lab.evaluation.csv_rows import Row, plain_name, read_rows
from models.lab.evaluation.faces import Landmarks, scaled

_COLUMNS = ("file", "x", "y", "w", "h")
_POINTS = ("reye", "leye", "nose", "rmouth", "lmouth")
LANDMARK_COLUMNS = tuple(f"{point}_{axis}" for point in _POINTS for axis in "xy")
"""Five points, x and y of each; right and left are the subject's."""

_SMALLEST_PX = 64  # the shorter side of a picture in which a face is searched


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
        return next(iter(self._faces.get(plain_name(file), ())), None)

    def find(self, file: str, image: Image) -> MarkedFace | str:
        """Return the largest listed face of the picture, or why there is none."""
        face = self.largest(file)
        if face is None:
            return f"has no face in {self.path.name}"
        problem = _misplaced(face, image)
        return f"its face in {self.path.name} {problem}" if problem else face


class DetectedFaces:
    """Faces as a detector finds them, in the picture and in smaller ones of it.

    A detector has a largest face that it knows: of a larger one it finds nothing, or an eye.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def find(self, file: str, image: Image) -> MarkedFace | str:
        """Return the largest face that the detector finds at any size, or why there is none."""
        found = [face for smaller in _halved(image) for face in self._look(smaller, image)]
        return max(found, key=_area, default=f"{self._detector.name} finds no face in it")

    def _look(self, smaller: Image, image: Image) -> Iterator[MarkedFace]:
        """Yield the faces in a smaller copy of `image`, in pixels of `image`."""
        down, across = (np.array(image.shape[:2]) / smaller.shape[:2]).tolist()
        for face in self._detector.detect(smaller):
            yield MarkedFace(
                box=scaled(face.box, across, down),
                landmarks=None
                if face.landmarks is None
                else face.landmarks * np.array([across, down], np.float32),
            )


def read_listed_faces(path: Path) -> ListedFaces:
    """Return the faces of each picture, largest first; raise DataMissing or DataInvalid."""
    faces: dict[str, list[MarkedFace]] = {}
    for row in read_rows(path, columns=_COLUMNS):
        if not row.file:
            raise row.invalid("names no file")
        faces.setdefault(row.file, []).append(_marked_face(row))
    return ListedFaces(
        path,
        {file: tuple(sorted(marked, key=_area, reverse=True)) for file, marked in faces.items()},
    )


def _marked_face(row: Row) -> MarkedFace:
    left, top, width, height = (row.number(column) for column in _COLUMNS[1:])
    if width < 1 or height < 1:
        raise row.invalid("w and h must be at least 1 pixel")
    landmarks = None
    if row[LANDMARK_COLUMNS[0]] and row[LANDMARK_COLUMNS[-1]]:
        points = [row.number(column) for column in LANDMARK_COLUMNS]
        with np.errstate(over="ignore"):  # what is too large for float32 leaves the picture, too
            landmarks = np.array(points, np.float32).reshape(5, 2)
    return MarkedFace(
        box=Box(left=left, top=top, right=left + width, bottom=top + height), landmarks=landmarks
    )


def _halved(image: Image) -> Iterator[Image]:
    """Yield the picture, half of it, a quarter and so on, as long as a face has room in it."""
    while True:
        yield image
        height_px, width_px = (side_px // 2 for side_px in image.shape[:2])
        if min(height_px, width_px) < _SMALLEST_PX:
            return
        smaller = cv2.resize(image, (width_px, height_px), interpolation=cv2.INTER_AREA)
        image = np.asarray(smaller, np.uint8)


def _misplaced(face: MarkedFace, image: Image) -> str:
    """Return what is wrong with where a face, its corners and landmarks, lies; "" for nothing."""
    points = np.array([(face.box.left, face.box.top), (face.box.right, face.box.bottom)])
    height_px, width_px = image.shape[:2]
    start, end = points / (width_px, height_px)
    if (end <= 0).any() or (start >= 1).any():
        return "lies outside of the picture"
    if face.landmarks is not None:
        points = np.concatenate([points, face.landmarks])
    parts = points / (width_px, height_px)
    is_far = (parts < -1).any() or (parts > 2).any()
    return "leaves the picture by more than its size" if is_far else ""


def _area(face: MarkedFace) -> float:
    return face.box.width * face.box.height
