"""The only picture that leaves a device, and only while it is set up: coarse cells, no faces.

A face that no detector finds must not be shown either. So the whole picture is pixelated, to cells
in which nobody can be recognised, and where a head is found its cells become one flat colour. What
a mask covers is black. It is made of whole numbers in Python lists: no encoder of pictures is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.analytics.zones import Zone
from edge.scene import Box, Image

COLUMNS = 96
"""Cells in a row: a face of a twentieth of the picture's width, as people at a counter have, is
five cells wide; a face so large that it could be recognised all the same is found and made flat."""

HEAD_MARGIN = 0.5
"""How far around a head its cells are made one colour, in sizes of its box: hair, chin, ears."""

_LEVELS = 16
"""Levels of each colour: enough to tell a counter from a floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mosaic:
    """Rows of cells, each a colour 0xRGB of four bits a channel, as hexadecimal digits."""

    columns: int
    rows: int
    cells: tuple[str, ...]


def make_mosaic(image: Image, heads: Sequence[Box], masks: Sequence[Zone]) -> Mosaic:
    """Return `image` (BGR) in coarse cells, without heads and without what `masks` cover."""
    height_px, width_px = image.shape[:2]
    columns = min(COLUMNS, width_px)
    rows = max(1, round(columns * height_px / width_px))
    means = _means(image, rows, columns)
    for head in heads:
        top, bottom = _span(head.top, head.bottom, height_px, rows)
        left, right = _span(head.left, head.right, width_px, columns)
        cells = means[top:bottom, left:right]
        if cells.size:
            cells[:] = cells.mean(axis=(0, 1))
    for row in range(rows):
        for column in range(columns):
            centre = ((column + 0.5) / columns, (row + 0.5) / rows)
            if any(mask.contains(centre) for mask in masks):
                means[row, column] = 0
    levels = np.clip(means * _LEVELS / 256, 0, _LEVELS - 1).astype(int)[..., ::-1]
    return Mosaic(
        columns=columns,
        rows=rows,
        cells=tuple("".join(f"{r:x}{g:x}{b:x}" for r, g, b in row) for row in levels.tolist()),
    )


def _means(image: Image, rows: int, columns: int) -> np.ndarray:
    """Return the mean colour of each cell, rows x columns x 3."""
    down = np.linspace(0, image.shape[0], rows + 1).astype(int)[:-1]
    across = np.linspace(0, image.shape[1], columns + 1).astype(int)[:-1]
    sums = np.add.reduceat(np.add.reduceat(image.astype(float), down, axis=0), across, axis=1)
    heights = np.diff(np.append(down, image.shape[0]))
    widths = np.diff(np.append(across, image.shape[1]))
    means: np.ndarray = sums / (heights[:, None, None] * widths[None, :, None])
    return means


def _span(begin_px: float, end_px: float, size_px: int, cells: int) -> tuple[int, int]:
    """Return the first cell and the one behind the last that a head and its margin touch."""
    margin = (end_px - begin_px) * HEAD_MARGIN
    first = math.floor((begin_px - margin) / size_px * cells)
    return max(0, first), min(cells, math.ceil((end_px + margin) / size_px * cells))
