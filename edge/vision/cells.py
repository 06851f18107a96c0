"""The grid of cells that anchor-free detectors predict from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from edge.vision.session import Floats

STRIDES_PX = (8, 16, 32)
# 148 cells: more than any input has of stride 32. It keeps exp() from running away.
_LARGEST_LOG_SIZE = 5.0


@lru_cache(maxsize=8)
def cell_grid(width_px: int, height_px: int) -> tuple[Floats, Floats]:
    """Return each cell's (x, y), N x 2, and its stride, N x 1.

    Cells are row-major, those of the strides 8, 16 and 32 one after another.
    """
    cells, strides = [], []
    for stride_px in STRIDES_PX:
        rows, columns = np.mgrid[: height_px // stride_px, : width_px // stride_px]
        cells.append(np.stack((columns.ravel(), rows.ravel()), axis=1))
        strides.append(np.full((rows.size, 1), stride_px))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def cell_boxes(cells: Floats, strides: Floats, offsets: Floats) -> Floats:
    """Return left, top, right, bottom: centre = (cell + o0,o1) * s, size = exp(o2,o3) * s."""
    centre = (cells + offsets[:, :2]) * strides
    half = np.exp(np.minimum(offsets[:, 2:], _LARGEST_LOG_SIZE)) * (strides * 0.5)
    return np.concatenate((centre - half, centre + half), axis=1)
