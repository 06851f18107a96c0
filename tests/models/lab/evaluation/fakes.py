"""Faces whose grey level is their expression, and models that see nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from contract.manifest import Abstention, Sentiment
from edge.scene import Box, Detection, Image
from edge.vision.expression import ExpressionOutputs
from models.lab.evaluation.faces import Face, UnusablePicture, face_in, tight_face
from models.lab.evaluation.labels import SENTIMENTS

SEVEN = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
COUNTED_AS = {
    **dict.fromkeys(SEVEN, Sentiment.NEGATIVE),
    "happy": Sentiment.POSITIVE,
    "surprise": Sentiment.NEUTRAL,
    "neutral": Sentiment.NEUTRAL,
}
STEP = 30


def picture(label: str, side_px: int = 48) -> Image:
    """Return a plain picture whose grey level stands for the label."""
    return np.full((side_px, side_px, 3), SEVEN.index(label) * STEP + STEP // 2, np.uint8)


@dataclass
class Faces:
    """A source of faces, from (label, person) pairs; a label "" stands for a bad picture."""

    pairs: Sequence[tuple[str, str]]
    name: str = "made faces"
    annotations: tuple[str, ...] = ("label",)
    width_px: int = 0

    @property
    def label_examples(self) -> Mapping[str, str]:
        pairs = enumerate(self.pairs)
        return {label: f"{index}.png" for index, (label, _) in pairs if label}

    def faces(self) -> Iterator[Face | UnusablePicture]:
        for index, (label, person) in enumerate(self.pairs):
            file = f"{index}.png"
            if not label:
                yield UnusablePicture(file=file, reason="is empty")
                continue
            shown = label if label in SEVEN else {"positive": "happy", "negative": "sad"}[label]
            labels = {"label": label}
            if not self.width_px:
                yield tight_face(picture(shown), file=file, labels=labels, person=person)
                continue
            box = Box(left=20, top=20, right=20 + self.width_px, bottom=20 + self.width_px)
            image = picture(shown, side_px=self.width_px + 40)
            yield face_in(image, box, None, file=file, labels=labels, person=person)


@dataclass
class GreyReader:
    """Reads a label off the grey level, and is wrong about `mistaken` labels."""

    name: str = "grey-reader"
    sha256: str = "0" * 64
    labels: tuple[str, ...] = SEVEN
    sentiment: Mapping[str, Sentiment] = field(default_factory=lambda: COUNTED_AS)
    abstention: Abstention = field(default_factory=Abstention)
    minimum_face_px: float = 0.0
    mistaken: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 0.9
    legible_above: float = 0.0
    seen_px: list[int] = field(default_factory=list)

    def crop(self, image: Image, face: Detection) -> Image:
        left, top = int(face.box.left), int(face.box.top)
        return image[top : int(face.box.bottom), left : int(face.box.right)]

    def outputs(self, crops: Sequence[Image]) -> ExpressionOutputs:
        self.seen_px += [crop.shape[1] for crop in crops]
        means = np.array([np.median(crop) for crop in crops])
        at = np.clip(means // STEP, 0, len(SEVEN) - 1).astype(int)
        told = [self.mistaken.get(SEVEN[index], SEVEN[index]) for index in at]
        labels = np.full(
            (len(crops), len(self.labels)),
            (1 - self.confidence) / (len(self.labels) - 1),
            np.float32,
        )
        for row, label in zip(labels, told, strict=True):
            row[self.labels.index(label if label in self.labels else self.labels[0])] = (
                self.confidence
            )
        groups = np.array(
            [[self.sentiment[label] is s for s in SENTIMENTS] for label in self.labels], np.float32
        )
        legibility = np.ones(len(crops), np.float32)
        if self.legible_above:
            legibility = np.where(means > self.legible_above, 0.9, 0.1).astype(np.float32)
        return ExpressionOutputs(labels=labels, sentiments=labels @ groups, legibility=legibility)


@dataclass
class CentreFinder:
    """Sees one face of `width_px` in the middle of every frame that is not plain grey."""

    width_px: float
    name: str = "centre-finder"

    def detect(self, image: Image) -> list[Detection]:
        if image.min() == image.max():
            return []
        y, x = (size / 2 for size in image.shape[:2])
        half = self.width_px / 2
        box = Box(left=x - half, top=y - half, right=x + half, bottom=y + half)
        marks = np.array([[x - 5, y], [x + 5, y], [x, y], [x, y], [x, y]], np.float32)
        return [Detection(box=box, score=0.9, landmarks=marks)]
