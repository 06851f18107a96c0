"""YOLOX: people, from a detector of the 80 COCO classes.

Its authors feed BGR without normalisation. OpenCV Zoo's demonstration swaps red and blue before the
very same yolox_s file; on recordings of rooms that lowered yolox-nano's scores by 3 to 13 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from contract.manifest import ModelManifest
from edge.vision.candidates import Candidates
from edge.vision.cells import cell_boxes, cell_grid
from edge.vision.pixels import Layout, fit_inside
from edge.vision.session import Floats, Tensor

_COLUMNS = 85
_OBJECTNESS, _PERSON = 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class YoloX:
    """Reads the one output of a YOLOX export that leaves decoding to us."""

    manifest: ModelManifest
    fill: int = 114  # the grey around its training pictures

    def layout_for(self, frame_width_px: int, frame_height_px: int) -> Layout:
        """Return where a frame lies in the input."""
        spec = self.manifest.input
        return fit_inside(
            frame_width_px, frame_height_px, width_px=spec.width_px, height_px=spec.height_px
        )

    def tensors(self, layout: Layout) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the input, and the outputs in the order that `decode` takes them."""
        cells, _ = cell_grid(layout.width_px, layout.height_px)
        return (
            Tensor(name="images", shape=(None, 3, layout.height_px, layout.width_px)),
            (Tensor(name="output", shape=(None, len(cells), _COLUMNS)),),
        )

    def decode(self, outputs: Sequence[Floats], layout: Layout) -> Candidates:
        """Return the people whose score reaches the manifest's threshold."""
        return decode_yolox(
            outputs[0], layout.width_px, layout.height_px, self.manifest.score_threshold
        )


def decode_yolox(
    output: Floats, width_px: int, height_px: int, score_threshold: float
) -> Candidates:
    """Return the people in a [1, cells, 85] array: score = objectness * person."""
    table = output[0]
    scores = table[:, _OBJECTNESS] * table[:, _PERSON]
    at = np.flatnonzero(scores >= score_threshold)
    cells, strides = (column[at] for column in cell_grid(width_px, height_px))
    return Candidates(boxes=cell_boxes(cells, strides, table[at, :4]), scores=scores[at])
