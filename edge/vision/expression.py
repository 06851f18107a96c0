"""Reads expressions off faces: squares in, probabilities of three sentiments out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from contract.manifest import ModelManifest, Sentiment
from edge.scene import Detection, ExpressionReading, Image
from edge.vision.crops import square_crop
from edge.vision.pixels import PixelWriter, empty_tensor, tensor_shape
from edge.vision.session import Floats, Session, Tensor
from edge.vision.stages import Stage, StageClock

# Batching gains nothing on one thread; the limit only bounds memory in a crowd.
_BATCH = 8
_ROUNDING = 1e-3
_SENTIMENTS = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)


class OnnxExpressionReader:
    """Reads expressions with one ONNX file whose output are the probabilities of its labels."""

    def __init__(self, session: Session, *, clock: StageClock) -> None:
        self._session = session
        self._clock = clock
        spec = self.manifest.input
        labels = len(self.manifest.labels)
        (trial,) = session.expect(
            Tensor(
                name=session.input.name,
                shape=(None, *tensor_shape(spec.width_px, spec.height_px, spec)),
            ),
            [Tensor(name=session.outputs[0].name, shape=(None, labels))],
        )
        total = float(trial.sum())
        if abs(total - 1) > _ROUNDING:
            raise session.invalid(f"its outputs add up to {total:.3f} instead of 1")
        self._tensor = empty_tensor(_BATCH, spec.width_px, spec.height_px, spec)
        self._writer = PixelWriter(spec.width_px, spec.height_px, spec)
        self._groups = _groups(self.manifest)

    @property
    def name(self) -> str:
        """Name of the model, for health messages."""
        return self.manifest.name

    @property
    def manifest(self) -> ModelManifest:
        """The manifest of the model."""
        return self._session.manifest

    def read(self, image: Image, faces: Sequence[Detection]) -> list[ExpressionReading | None]:
        """Return one reading for each face; None for one that is too small to tell."""
        readings: list[ExpressionReading | None] = [None] * len(faces)
        large = [
            index
            for index, face in enumerate(faces)
            if face.box.width >= self.manifest.minimum_face_px
        ]
        for start in range(0, len(large), _BATCH):
            batch = large[start : start + _BATCH]
            probabilities = self._probabilities(image, [faces[index] for index in batch])
            for index, reading in zip(batch, _readings(probabilities), strict=True):
                readings[index] = reading
        return readings

    def _probabilities(self, image: Image, faces: Sequence[Detection]) -> Floats:
        """Return the three sentiments' probabilities, len(faces) x 3."""
        spec = self.manifest.input
        with self._clock.measure(Stage.CROP):
            for face, target in zip(faces, self._tensor, strict=False):
                crop = square_crop(
                    image, face.box, margin=self.manifest.crop_margin, size_px=spec.width_px
                )
                self._writer.write(crop, target)
        labels = self._session.run(self._tensor[: len(faces)])[0]
        sums: Floats = labels @ self._groups
        return sums


def _groups(manifest: ModelManifest) -> Floats:
    """Return labels x 3: 1 where a label belongs to a sentiment."""
    rows = [
        [manifest.sentiment[label] is sentiment for sentiment in _SENTIMENTS]
        for label in manifest.labels
    ]
    return np.array(rows, np.float32)


def _readings(probabilities: Floats) -> list[ExpressionReading]:
    return [
        ExpressionReading(negative=negative, neutral=neutral, positive=positive)
        for negative, neutral, positive in probabilities.tolist()
    ]
