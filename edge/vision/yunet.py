"""YuNet: faces with five landmarks. Tensors as in libfacedetection's training export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from contract.manifest import ModelManifest
from edge.vision.candidates import Candidates
from edge.vision.cells import STRIDES_PX, cell_boxes, cell_grid
from edge.vision.pixels import Layout, fit_inside, shrink_to_width, tensor_shape
from edge.vision.session import Floats, Tensor

_LANDMARKS = 5
_KINDS = (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 2 * _LANDMARKS))


@dataclass(frozen=True, slots=True, kw_only=True)
class YuNet:
    """Reads the twelve outputs of a YuNet file, of free or fixed input size."""

    manifest: ModelManifest
    input_width_px: int
    fill: int = 0

    def layout_for(self, frame_width_px: int, frame_height_px: int) -> Layout:
        """Return where a frame lies in the input."""
        spec = self.manifest.input
        if spec.width_px:
            return fit_inside(
                frame_width_px, frame_height_px, width_px=spec.width_px, height_px=spec.height_px
            )
        return shrink_to_width(
            frame_width_px,
            frame_height_px,
            width_px=self.input_width_px,
            multiple_of_px=spec.multiple_of_px,
        )

    def tensors(self, layout: Layout) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the input, and the outputs in the order that `decode` takes them."""
        outputs = tuple(
            Tensor(
                name=f"{kind}_{stride_px}",
                shape=(
                    None,
                    (layout.height_px // stride_px) * (layout.width_px // stride_px),
                    size,
                ),
            )
            for kind, size in _KINDS
            for stride_px in STRIDES_PX
        )
        shape = tensor_shape(layout.width_px, layout.height_px, self.manifest.input)
        return Tensor(name="input", shape=(None, *shape)), outputs

    def decode(self, outputs: Sequence[Floats], layout: Layout) -> Candidates:
        """Return the faces whose score reaches the manifest's threshold."""
        return decode_yunet(
            outputs, layout.width_px, layout.height_px, self.manifest.score_threshold
        )


def decode_yunet(
    outputs: Sequence[Floats], width_px: int, height_px: int, score_threshold: float
) -> Candidates:
    """Return the faces in cls, obj, bbox and kps, each of the strides 8, 16 and 32.

    Score = sqrt(cls * obj); point = (cell + k) * s; boxes as in `cell_boxes`.
    """
    squared = np.concatenate(
        [(cls[0] * obj[0])[:, 0] for cls, obj in zip(outputs[:3], outputs[3:6], strict=True)]
    )
    at = np.flatnonzero(squared >= score_threshold**2)
    cells, strides = (column[at] for column in cell_grid(width_px, height_px))
    offsets = np.concatenate([bbox[0] for bbox in outputs[6:9]])[at]
    points = np.concatenate([kps[0] for kps in outputs[9:]])[at].reshape(-1, _LANDMARKS, 2)
    return Candidates(
        boxes=cell_boxes(cells, strides, offsets),
        scores=np.sqrt(squared[at]),
        landmarks=(points + cells[:, None]) * strides[:, None],
    )
