"""Photographs of known faces, the values that scenes are made of, and how both are read."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.splits import Part, part_of

Image = NDArray[np.uint8]
"""Grey, height x width."""

Points = NDArray[np.float32]

MIRRORED = (1, 0, 2, 4, 3)
"""Order of the landmarks in a mirror: eyes and corners of the mouth change sides."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Photograph:
    """An encoded picture with the box (x, y, w, h) and the five landmarks of each face in it."""

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


def photographs(folder: Path, part: Part) -> list[Photograph]:
    """Return the photographs that faces.csv of `folder` describes, of the people of one part.

    Its columns are file, face, x, y, w, h and the landmarks reye, leye, nose, rmouth, lmouth.
    """
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        people = {row["file"]: row["person"] for row in csv.DictReader(file)}
    faces: dict[str, list[dict[str, str]]] = {}
    with (folder / "faces.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["file"] in people and part_of(people[row["file"]]) is part:
                faces.setdefault(row["file"], []).append(row)
    names = ("reye", "leye", "nose", "rmouth", "lmouth")
    return [
        Photograph(
            file=(folder / name).read_bytes(),
            boxes=np.array([[float(row[k]) for k in "xywh"] for row in rows], np.float32),
            landmarks=np.array(
                [[[float(row[f"{n}_{axis}"]) for axis in "xy"] for n in names] for row in rows],
                np.float32,
            ),
        )
        for name, rows in faces.items()
    ]


def decoded(file: bytes, reduction: int) -> Image:
    """Return an encoded picture, grey, at 1, 1/2 or 1/4 of its size."""
    flags = {
        1: cv2.IMREAD_GRAYSCALE,
        2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
        4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    }
    return cv2.imdecode(np.frombuffer(file, np.uint8), flags[reduction])  # type: ignore[return-value]
