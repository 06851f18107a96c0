"""DeepFace's expression model and face detectors, comparable with the registry's models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from contract.manifest import Abstention, ModelTask
from edge.scene import Box, Detection, Image
from edge.vision.expression import ExpressionOutputs
from edge.vision.registry import open_registry
from edge.vision.session import Floats
from models.lab.deepface.client import DeepFace, find_python
from models.lab.evaluation.entries import ExpressionModel, FamilyDetector
from models.lab.evaluation.errors import ModelUnfit

EMOTION = "emotion"
DETECTORS = (
    "opencv", "yunet", "retinaface", "ssd", "centerface", "mtcnn", "fastmtcnn", "mediapipe", "dlib",
    "yolov8n", "yolov8m", "yolov8l", "yolov11n", "yolov11s", "yolov11m", "yolov11l", "yolov12n",
    "yolov12s", "yolov12m", "yolov12l",
)  # fmt: skip
"""Those behind centerface need packages that our environment for deepface does not have."""

_MANIFEST = "deepface-emotion"
_SENTIMENTS = ("negative", "neutral", "positive")


def task(name: str) -> ModelTask:
    """Return what `name` is for; raise ModelUnfit that lists the names."""
    if name == EMOTION:
        return ModelTask.EXPRESSION
    if name in DETECTORS:
        return ModelTask.FACE_DETECTION
    known = ", ".join((EMOTION, *DETECTORS))
    raise ModelUnfit(f"deepface has no model called {name}; known: {known}")


def open_expression_model(name: str, *, python: Path | None = None) -> ExpressionModel:
    """Return the expression model `name`; raise ModelUnfit."""
    if task(name) is not ModelTask.EXPRESSION:
        raise ModelUnfit(f"deepface:{name} finds faces and reads no expressions")
    return DeepFaceExpression(name, python=python or find_python())


def open_face_detector(name: str, *, python: Path | None = None) -> FamilyDetector:
    """Return the face detector `name`; raise ModelUnfit."""
    if task(name) is not ModelTask.FACE_DETECTION:
        raise ModelUnfit(f"deepface:{name} reads expressions and finds no faces")
    return DeepFaceDetector(name, python=python or find_python())


class DeepFaceExpression:
    """Reads expressions through `DeepFace.analyze`, with the faces that we give it."""

    def __init__(self, name: str, *, python: Path) -> None:
        manifest = open_registry().find(_MANIFEST)
        self.name = f"deepface:{name}"
        self._library = DeepFace(self.name, python=python)
        opened = self._library.open("open_expression", name)
        self.close = self._library.close
        if set(opened.labels) != set(manifest.labels):
            raise ModelUnfit(
                f"model {self.name}: its labels are {', '.join(opened.labels)}, and the manifest "
                f"{_MANIFEST} has no sentiment for them"
            )
        self.sha256 = opened.sha256
        self.labels = opened.labels
        self.sentiment = manifest.sentiment
        self.abstention = Abstention()
        self.minimum_face_px = 0.0
        self._groups = np.array(
            [[self.sentiment[label] == one for one in _SENTIMENTS] for label in self.labels],
            np.float32,
        )

    def crop(self, image: Image, face: Detection) -> Image:
        """Return the face as DeepFace would cut it out."""
        return level_crop(image, face)

    def outputs(self, crops: Sequence[Image]) -> ExpressionOutputs:
        """Return what the model says of squares that show one face each."""
        read = [self._library.call("read", crop) for crop in crops]
        labels = np.concatenate([np.empty((0, len(self.labels)), np.float32), *read])
        return ExpressionOutputs(
            labels=labels,
            sentiments=labels @ self._groups,
            legibility=np.ones(len(labels), np.float32),
        )


class DeepFaceDetector:
    """Finds faces through `DeepFace.extract_faces`."""

    def __init__(self, name: str, *, python: Path) -> None:
        self.name = f"deepface:{name}"
        self._library = DeepFace(self.name, python=python)
        self.sha256 = self._library.open("open_detector", name).sha256
        self.close = self._library.close

    def detect(self, image: Image) -> list[Detection]:
        """Return the faces in `image`, best first; landmarks where the detector gives all five."""
        found = [_detection(row) for row in self._library.call("find", image)]
        return sorted(found, key=lambda face: -face.score)


def level_crop(image: Image, face: Detection) -> Image:
    """Return the box of `face`, turned until the eyes are level, in a black square.

    What DeepFace's detectors do by default, and its padding to the shape of its model.
    """
    width_px, height_px = max(1, round(face.box.width)), max(1, round(face.box.height))
    matrix = cv2.getRotationMatrix2D(face.box.centre, _roll_degrees(face), 1.0)
    x, y = face.box.centre
    matrix[:, 2] += np.array([width_px / 2 - x, height_px / 2 - y])
    level = cv2.warpAffine(image, matrix, (width_px, height_px), flags=cv2.INTER_CUBIC)
    side_px = max(width_px, height_px)
    square: Image = np.zeros((side_px, side_px, 3), np.uint8)
    top, left = (side_px - height_px) // 2, (side_px - width_px) // 2
    square[top : top + height_px, left : left + width_px] = level
    return square


def _roll_degrees(face: Detection) -> float:
    if face.landmarks is None:
        return 0.0
    right, left = face.landmarks[:2]
    return float(np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0])))


def _detection(row: Floats) -> Detection:
    left, top, right, bottom, score = row[:5].tolist()
    points = row[5:].reshape(-1, 2)
    return Detection(
        box=Box(left=left, top=top, right=right, bottom=bottom),
        score=min(max(score, 0.0), 1.0),
        landmarks=points if np.isfinite(points).all() else None,
    )
