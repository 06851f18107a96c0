"""Any detector: draw the frame into the input, run the model, decode, keep the best boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from contract.manifest import ModelManifest
from edge.scene import Box, Detection, Image
from edge.vision.candidates import Candidates, drop_boxes_on_faces, fuse_boxes, non_max_suppression
from edge.vision.pixels import InputPlane, Layout
from edge.vision.session import Floats, Session, Tensor
from edge.vision.stages import Stage, StageClock

# One more than the largest stride: shows whether a free input size is rounded up far enough.
_TRIAL_PX = 33


class Decoder(Protocol):
    """What differs between detectors: the tensors, and how boxes are read off them."""

    @property
    def fill(self) -> int:
        """Grey level of the input around the frame."""

    def layout_for(self, frame_width_px: int, frame_height_px: int) -> Layout:
        """Return where a frame lies in the input."""

    def tensors(self, layout: Layout) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the input, and the outputs in the order that `decode` takes them."""

    def decode(self, outputs: Sequence[Floats], layout: Layout) -> Candidates:
        """Return the boxes above the manifest's score threshold, in input pixels."""


class OnnxDetector:
    """Finds faces or people with one ONNX file.

    Not for several threads: the input tensor is reused from frame to frame.
    """

    def __init__(self, session: Session, decoder: Decoder, *, clock: StageClock) -> None:
        self._session = session
        self._decoder = decoder
        self._clock = clock
        session.expect(*decoder.tensors(decoder.layout_for(_TRIAL_PX, _TRIAL_PX)))
        self._plane: InputPlane | None = None

    @property
    def name(self) -> str:
        """Name of the model, for health messages."""
        return self.manifest.name

    @property
    def manifest(self) -> ModelManifest:
        """The manifest of the model."""
        return self._session.manifest

    def detect(self, image: Image) -> list[Detection]:
        """Return what was found in `image`, in its own pixels, best first.

        Boxes may reach beyond the picture, as what they enclose does.
        """
        with self._clock.measure(Stage.RESIZE):
            plane = self._plane_for(image)
            tensor = plane.write(image)
        outputs = self._session.run(tensor)
        with self._clock.measure(Stage.BOXES):
            candidates = self._decoder.decode(outputs, plane.layout)
            return _detections(self._best(candidates), plane.layout)

    def _best(self, candidates: Candidates) -> Candidates:
        at = non_max_suppression(candidates, self.manifest.iou_threshold)
        if candidates.landmarks is None:
            return candidates.take(at)
        return fuse_boxes(candidates, drop_boxes_on_faces(candidates, at))

    def _plane_for(self, image: Image) -> InputPlane:
        """Return the plane for pictures of this size; only the latest size is kept."""
        height_px, width_px = image.shape[:2]
        plane = self._plane
        if plane is None or not plane.layout.is_for(width_px, height_px):
            layout = self._decoder.layout_for(width_px, height_px)
            plane = InputPlane(layout, self.manifest.input, fill=self._decoder.fill)
            self._plane = plane
        return plane


def _detections(candidates: Candidates, layout: Layout) -> list[Detection]:
    scale = np.array(layout.scale, np.float32)
    boxes = (candidates.boxes.reshape(-1, 2, 2) * scale).reshape(-1, 4).tolist()
    points = [None] * len(boxes) if candidates.landmarks is None else candidates.landmarks * scale
    return [
        Detection(
            box=Box(left=left, top=top, right=right, bottom=bottom), score=score, landmarks=five
        )
        for (left, top, right, bottom), score, five in zip(
            boxes, candidates.scores.tolist(), points, strict=True
        )
    ]
