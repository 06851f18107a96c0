"""Reads expressions off faces: squares in, probabilities of three sentiments out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from contract.manifest import ModelManifest
from edge.scene import Box, Detection, ExpressionReading, Image
from edge.vision.crops import face_crop, square_crop
from edge.vision.pixels import PixelWriter, empty_tensor, tensor_shape
from edge.vision.session import Floats, Session, Tensor
from edge.vision.stages import Stage, StageClock

# Batching gains nothing on one thread; the limit only bounds memory in a crowd. A file of fixed
# batch size gets that many, the last batch filled up with whatever was there before.
_BATCH = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExpressionOutputs:
    """What a model returns for n faces.

    `labels` are n x labels probabilities in the manifest's order, `sentiments` n x 3 ones
    (negative, neutral, positive), and `legibility` n values in 0..1: how much of the expression
    the picture lets one see, 1 where the model does not estimate it.
    """

    labels: Floats
    sentiments: Floats
    legibility: Floats

    def __getitem__(self, faces: slice) -> ExpressionOutputs:
        """Return the outputs of some of the faces."""
        return ExpressionOutputs(
            labels=self.labels[faces],
            sentiments=self.sentiments[faces],
            legibility=self.legibility[faces],
        )


class Head(Protocol):
    """Reads the tensors of one family of expression models."""

    def tensors(self, session: Session) -> list[Tensor]:
        """Return the outputs that the session must have, in the order of `decode`."""

    def check(self, outputs: Sequence[Floats]) -> None:
        """Raise ValueError where the outputs for an empty picture show that this head is wrong."""

    def decode(self, outputs: Sequence[Floats]) -> ExpressionOutputs:
        """Return what the outputs say; raise ValueError where they are not what they should be."""


class OnnxExpressionReader:
    """Reads expressions with one ONNX file and the head that its manifest's adapter names."""

    def __init__(self, session: Session, head: Head, *, clock: StageClock) -> None:
        self._session = session
        self._head = head
        self._clock = clock
        spec = self.manifest.input
        fixed = session.input.shape[0] if session.input.shape else None
        shape = (fixed, *tensor_shape(spec.width_px, spec.height_px, spec))
        trial = session.expect(Tensor(name=session.input.name, shape=shape), head.tensors(session))
        try:
            head.check(trial)
        except ValueError as error:
            raise session.invalid(str(error)) from error
        self._batch = fixed or _BATCH
        self._is_batch_fixed = fixed is not None
        self._tensor = empty_tensor(self._batch, spec.width_px, spec.height_px, spec)
        self._tensor.fill(0)
        self._writer = PixelWriter(spec.width_px, spec.height_px, spec)

    @property
    def name(self) -> str:
        """Name of the model, for health messages."""
        return self.manifest.name

    @property
    def manifest(self) -> ModelManifest:
        """The manifest of the model."""
        return self._session.manifest

    def read(self, image: Image, faces: Sequence[Detection]) -> list[ExpressionReading | None]:
        """Return one reading for each face; None for one that the picture does not let us read.

        That is a face which is too small, turned away, or too blurred or covered to tell.
        """
        readings: list[ExpressionReading | None] = [None] * len(faces)
        readable = [index for index, face in enumerate(faces) if self._is_readable(face)]
        for batch in _batches(readable, self._batch):
            with self._clock.measure(Stage.CROP):
                for index, target in zip(batch, self._tensor, strict=False):
                    self._writer.write(face_crop(image, faces[index], self.manifest), target)
            outputs = self._run(len(batch))
            for index, reading in zip(batch, self._readings(outputs), strict=True):
                readings[index] = reading
        return readings

    def outputs(self, crops: Sequence[Image]) -> ExpressionOutputs:
        """Return what the model says of squares that show one face each, BGR and of any size."""
        parts = []
        for batch in _batches(range(len(crops)), self._batch):
            for index, target in zip(batch, self._tensor, strict=False):
                self._writer.write(self._fit(crops[index]), target)
            parts.append(self._run(len(batch)))
        return ExpressionOutputs(
            labels=_stack([part.labels for part in parts], len(self.manifest.labels)),
            sentiments=_stack([part.sentiments for part in parts], 3),
            legibility=np.concatenate([np.empty(0, np.float32), *(p.legibility for p in parts)]),
        )

    def _is_readable(self, face: Detection) -> bool:
        if face.box.width < self.manifest.minimum_face_px:
            return False
        limit = self.manifest.abstention.maximum_turn
        return limit is None or face.landmarks is None or turn(face.landmarks) <= limit

    def _fit(self, crop: Image) -> Image:
        height_px, width_px = crop.shape[:2]
        size_px = self.manifest.input.width_px
        if height_px == width_px == size_px:
            return crop
        whole = Box(left=0, top=0, right=width_px, bottom=height_px)
        return square_crop(crop, whole, margin=0, size_px=size_px)

    def _run(self, count: int) -> ExpressionOutputs:
        tensor = self._tensor if self._is_batch_fixed else self._tensor[:count]
        try:
            return self._head.decode(self._session.run(tensor))[:count]
        except ValueError as error:
            raise self._session.invalid(str(error)) from error

    def _readings(self, outputs: ExpressionOutputs) -> Iterator[ExpressionReading | None]:
        limit = self.manifest.abstention.minimum_legibility
        for legibility, (negative, neutral, positive) in zip(
            outputs.legibility.tolist(), outputs.sentiments.tolist(), strict=True
        ):
            if legibility < limit:
                yield None
            else:
                yield ExpressionReading(negative=negative, neutral=neutral, positive=positive)


def turn(landmarks: Floats) -> float:
    """Return how far a head is turned aside, from its 5 x 2 landmarks; 0 looks at the camera.

    It is the distance of the nose's tip from the line that halves the eyes, in distances between
    the eyes: about 0.5 times the tangent of the yaw, as a nose stands half that distance out.
    """
    right, left, nose = landmarks[:3]
    between = left - right
    distance = float(np.hypot(*between))
    if distance == 0:
        return float("inf")  # both eyes at one point: a full profile
    along = float(np.dot(nose - (right + left) / 2, between)) / distance
    return abs(along) / distance


def _batches(indices: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(indices), size):
        yield indices[start : start + size]


def _stack(parts: Sequence[Floats], columns: int) -> Floats:
    return np.concatenate([np.empty((0, columns), np.float32), *parts])
