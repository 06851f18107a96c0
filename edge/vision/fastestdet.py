"""FastestDet: people, from a small detector of the 80 COCO classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from contract.manifest import ModelManifest
from edge.vision.candidates import Candidates
from edge.vision.pixels import Layout, stretch
from edge.vision.session import Floats, Tensor

_CHANNELS = 85
_OBJECTNESS, _PERSON = 0, 5
_STRIDE_PX = 16
# The weights of objectness and class in the score, from its authors' code.
_OBJECTNESS_POWER, _CLASS_POWER = 0.6, 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class FastestDet:
    """Reads the one feature map of a FastestDet export."""

    manifest: ModelManifest
    fill: int = 0

    def layout_for(self, frame_width_px: int, frame_height_px: int) -> Layout:
        """Return where a frame lies in the input."""
        spec = self.manifest.input
        return stretch(
            frame_width_px, frame_height_px, width_px=spec.width_px, height_px=spec.height_px
        )

    def tensors(self, layout: Layout) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the input, and the outputs in the order that `decode` takes them."""
        rows, columns = layout.height_px // _STRIDE_PX, layout.width_px // _STRIDE_PX
        return (
            Tensor(name="input.1", shape=(None, 3, layout.height_px, layout.width_px)),
            (Tensor(name="758", shape=(None, _CHANNELS, rows, columns)),),
        )

    def decode(self, outputs: Sequence[Floats], layout: Layout) -> Candidates:
        """Return the people whose score reaches the manifest's threshold."""
        return decode_fastestdet(
            outputs[0], layout.width_px, layout.height_px, self.manifest.score_threshold
        )


def decode_fastestdet(
    output: Floats, width_px: int, height_px: int, score_threshold: float
) -> Candidates:
    """Return the people in a [1, 85, rows, columns] map.

    Score = objectness^0.6 * person^0.4; centre = cell + tanh(t1,t2); size = sigmoid(t3,t4) of
    the whole input.
    """
    channels, rows, columns = output.shape[1:]
    table = output[0].reshape(channels, rows * columns)
    scores = table[_OBJECTNESS] ** _OBJECTNESS_POWER * table[_PERSON] ** _CLASS_POWER
    at = np.flatnonzero(scores >= score_threshold)
    row, column = np.divmod(at, columns)
    cells = np.stack((column, row), axis=1)
    grid_px = np.array((width_px / columns, height_px / rows), np.float32)
    centre = (cells + np.tanh(table[1:3, at].T)) * grid_px
    half = np.array((width_px, height_px), np.float32) * 0.5 / (1 + np.exp(-table[3:5, at].T))
    boxes = np.concatenate((centre - half, centre + half), axis=1)
    return Candidates(boxes=boxes.astype(np.float32), scores=scores[at])
