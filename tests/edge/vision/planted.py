"""A tiny YuNet file that sees the same face in every picture."""

from __future__ import annotations

import math

import numpy as np

from tests.edge.vision.graphs import constant_graph

SIDE_PX = 64
KINDS = (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10))


def outputs_with_a_face(*, x_px=20.0, y_px=36.0, width_px=16.0, height_px=24.0, side_px=SIDE_PX):
    """Two overlapping candidates for one face, in cells of stride 8; the second is better."""
    columns = side_px // 8
    outputs = {
        f"{kind}_{stride}": np.zeros((1, (side_px // stride) ** 2, size), np.float32)
        for kind, size in KINDS
        for stride in (8, 16, 32)
    }
    for cell, score in ((4 * columns + 1, 0.64), (4 * columns + 2, 0.81)):
        row, column = divmod(cell, columns)
        outputs["cls_8"][0, cell] = score
        outputs["obj_8"][0, cell] = score
        outputs["bbox_8"][0, cell] = (
            x_px / 8 - column,
            y_px / 8 - row,
            math.log(width_px / 8),
            math.log(height_px / 8),
        )
        outputs["kps_8"][0, cell] = np.tile((x_px / 8 - column, y_px / 8 - row), 5)
    return outputs


def face_graph(outputs=None, *, side=SIDE_PX):
    return constant_graph(
        input_name="input", input_shape=(1, 3, side, side), outputs=outputs or outputs_with_a_face()
    )
