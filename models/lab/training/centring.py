"""Takes the constant part out of a detector's landmarks: the last thing that is done to it.

Faces squeezed, covered and turned teach a net to draw landmarks together; at a counter most faces
are none of that. It is to points what calibration is to probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch

from models.lab.training.faces import STRIDES_PX, FaceNet, assign, grid
from models.lab.training.photographs import Photograph, Scene, decoded, resized
from models.lab.training.scenes import SIDE_PX

_WIDTHS_PX = (28.0, 128.0)
_MOST = 3000
_AT_ONCE = 24
_SURE = 0.5


def centre(net: FaceNet, photographs: Sequence[Photograph], random: np.random.Generator) -> None:
    """Move the points that `net` writes so that at each stride their mean error is none.

    It is measured on the photographs as they are, of faces at many sizes and places.
    """
    corners, strides = grid()
    errors: dict[int, list[torch.Tensor]] = {stride: [] for stride in STRIDES_PX}
    chosen = random.permutation(len(photographs))[:_MOST]
    for start in range(0, len(chosen), _AT_ONCE):
        at = chosen[start : start + _AT_ONCE]
        scenes = [plain(photographs[index], random) for index in at]
        pictures = torch.from_numpy(np.stack([scene.image for scene in scenes])[:, None]).float()
        with torch.no_grad():
            values = torch.cat(net(pictures), dim=1)
        for value, scene in zip(values, scenes, strict=True):
            face = assign(torch.from_numpy(scene.boxes), corners, strides).face
            learnt = (face >= 0) & (value[:, 0].sigmoid() > _SURE)
            wanted = torch.from_numpy(scene.landmarks).reshape(1, 10) / strides
            error = value[:, 5:] + corners.repeat(1, 5) - wanted
            for stride, found in errors.items():
                cells = learnt & (strides[:, 0] == stride)
                if cells.any():
                    found.append(error[cells].mean(dim=0))
    with torch.no_grad():
        for output, found in zip(net.outputs, errors.values(), strict=True):
            if found:
                output.bias[5:] -= torch.stack(found).mean(dim=0)  # type: ignore[union-attr,index]


def plain(photograph: Photograph, random: np.random.Generator) -> Scene:
    """Return the photograph with its first face at some width and place, and nothing else done."""
    image, box = decoded(photograph.file, 1), photograph.boxes[0]
    width = float(np.exp(random.uniform(*np.log(_WIDTHS_PX))))
    scale = width / float(box[2])
    small, scales = resized(image, scale)
    middle = (box[:2] + box[2:] / 2) * scales
    half = box[2:] * scales / 2
    shift = np.round(random.uniform(half, np.maximum(SIDE_PX - half, half)) - middle)
    moved = cv2.warpAffine(
        small,
        np.array([[1, 0, shift[0]], [0, 1, shift[1]]]),
        (SIDE_PX, SIDE_PX),
        borderValue=float(small.mean()),
    )
    corners = np.stack([middle - half, middle + half]) + shift
    return Scene(
        image=np.asarray(moved, np.uint8),
        boxes=corners.reshape(1, 4).astype(np.float32),
        landmarks=(photograph.landmarks[:1] * scales + shift).astype(np.float32),
    )
