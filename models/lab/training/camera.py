"""What a counter's camera does to a face: turns, shifts, light, blur, noise, compression, masks."""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

SIDE_PX = 48
"""Side of the square that the expression model sees."""

_TURN = math.radians(16)
_ZOOM = 0.18
_SHIFT = 0.08
_ASPECT = 0.08


def crops(squares: Tensor, zoom: float, *, moved: bool) -> Tensor:
    """Return [n, 1, 48, 48] in 0..1, cut out of grey squares [n, side, side] of 0..255.

    `moved` turns, shifts, scales and mirrors each as detections do; else the middle is cut out.
    """
    n = len(squares)
    grid = functional.affine_grid(_placements(n, zoom, moved), [n, 1, SIDE_PX, SIDE_PX], False)
    grey = squares.float().unsqueeze(1) / 255
    return functional.grid_sample(
        grey, grid, mode="bilinear", padding_mode="border", align_corners=False
    )


def _placements(n: int, zoom: float, moved: bool) -> Tensor:
    if not moved:
        row = torch.tensor([[zoom, 0.0, 0.0], [0.0, zoom, 0.0]])
        return row.expand(n, 2, 3)
    scale = zoom * torch.exp(_spread(n, _ZOOM))
    mirror = torch.where(torch.rand(n) < 0.5, -1.0, 1.0) * torch.exp(_spread(n, _ASPECT))
    angle = _spread(n, _TURN)
    cosine, sine = torch.cos(angle) * scale, torch.sin(angle) * scale
    shift_x, shift_y = _spread(n, _SHIFT) * zoom, _spread(n, _SHIFT) * zoom
    upper = torch.stack([cosine * mirror, -sine, shift_x], dim=1)
    lower = torch.stack([sine * mirror, cosine, shift_y], dim=1)
    return torch.stack([upper, lower], dim=1)


def photographed(faces: Tensor, share: float = 1.0, *, covered: float = 0.25) -> Tensor:
    """Return the faces [n, 1, 48, 48] in 0..1 as a cheap camera in a badly lit hall shows them.

    `share` of them, chosen at random, are; the others stay as they are. Of those that are,
    something covers `covered`.
    """
    chosen = _some(len(faces), share)
    seen = _covered(faces[chosen], covered)
    seen = _blurred(_shrunk(seen))
    seen = _compressed(_noisy(_lit(seen)))
    result = faces.clone()
    result[chosen] = seen.clamp(0, 1)
    return result


def empty_faces(n: int) -> Tensor:
    """Return n pictures [n, 1, 48, 48] of noise, coarse or fine, as the camera shows it."""
    grain = [int(size) for size in torch.randint(2, 12, (2,))]
    return photographed(functional.interpolate(torch.rand(n, 1, *grain), SIDE_PX))


def _some(n: int, share: float) -> Tensor:
    return torch.randperm(n)[: int(n * share)]


def _spread(n: int, width: float) -> Tensor:
    return (torch.rand(n) * 2 - 1) * width


def _shrunk(faces: Tensor) -> Tensor:
    """Give half of the faces the detail of 10 to 35 px; the crop is 1.3 times as wide as a face."""
    for part in _some(len(faces), 0.55).chunk(6):
        side = int(torch.empty(1).uniform_(13, 46))
        small = functional.interpolate(faces[part], size=(side, side), mode="area")
        faces[part] = functional.interpolate(
            small, size=(SIDE_PX, SIDE_PX), mode="bilinear", align_corners=False
        )
    return faces


def _blurred(faces: Tensor) -> Tensor:
    """Blur a quarter along a line, as people move, or all round, as lenses are out of focus."""
    for part in _some(len(faces), 0.25).chunk(4):
        kernel = _kernel(float(torch.empty(1).uniform_(1, 7)), float(torch.rand(1) * math.pi))
        padded = functional.pad(faces[part], (4, 4, 4, 4), mode="replicate")
        # In reduced precision the convolution answers in bfloat16.
        faces[part] = functional.conv2d(padded, kernel).to(faces.dtype)
    return faces


def _kernel(length: float, angle: float) -> Tensor:
    axis = torch.arange(9.0) - 4
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    along = x * math.cos(angle) + y * math.sin(angle)
    across = -x * math.sin(angle) + y * math.cos(angle)
    width = 0.5 if torch.rand(1) < 0.6 else length / 3
    weight = torch.exp(-((along / (length / 2)) ** 2) - (across / width) ** 2)
    return (weight / weight.sum()).reshape(1, 1, 9, 9)


def _lit(faces: Tensor) -> Tensor:
    n = len(faces)
    shape = (-1, 1, 1, 1)
    seen = faces.clamp(0, 1) ** torch.exp(_spread(n, 0.6)).reshape(shape)
    # Light from one side: a slope over the picture.
    slope = torch.linspace(-1, 1, SIDE_PX)
    side = _spread(n, 0.35).reshape(shape) * slope + _spread(n, 0.2).reshape(shape) * slope[:, None]
    seen = seen * (1 + side)
    contrast = torch.exp(_spread(n, 0.5)).reshape(shape)
    return ((seen - 0.5) * contrast + 0.5 + _spread(n, 0.2).reshape(shape)).clamp(0, 1)


def _noisy(faces: Tensor) -> Tensor:
    strength = torch.rand(len(faces), 1, 1, 1) ** 3 * 0.1
    return faces + torch.randn_like(faces) * strength


def _compressed(faces: Tensor) -> Tensor:
    """Send a fifth through JPEG."""
    for index in _some(len(faces), 0.2).tolist():
        grey = (faces[index, 0].clamp(0, 1) * 255).byte().numpy()
        quality = int(torch.randint(20, 80, (1,)))
        _, file = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])
        grey = np.asarray(cv2.imdecode(file, cv2.IMREAD_GRAYSCALE), np.float32)
        faces[index, 0] = torch.from_numpy(grey / 255)
    return faces


def _covered(faces: Tensor, share: float) -> Tensor:
    """Put a patch, glasses or a mask on some of the faces."""
    for index in _some(len(faces), share).tolist():
        kind = float(torch.rand(1))
        face = faces[index, 0]
        if kind < 0.35:
            _patch(face)
        elif kind < 0.6:
            _glasses(face)
        else:
            mask(face)
    return faces


def mask(face: Tensor) -> None:
    """Cover nose to chin of a face [48, 48] as a mask or a hand does: any shade, flat or folded."""
    bridge, cheek, jaw, chin = (
        int(torch.randint(low, high, (1,)))
        for low, high in ((19, 31), (22, 35), (37, 46), (43, SIDE_PX))
    )
    middle = SIDE_PX // 2 + int(torch.randint(-3, 4, (1,)))
    wide, narrow = int(torch.randint(13, 22, (1,))), int(torch.randint(8, 15, (1,)))
    right = [[middle + wide, cheek], [middle + narrow, jaw]]
    left = [[middle - narrow, jaw], [middle - wide, cheek]]
    outline = np.array([[middle, bridge], *right, [middle, chin], *left], np.int32)
    inside = torch.from_numpy(
        cv2.fillPoly(np.zeros((SIDE_PX, SIDE_PX), np.uint8), [outline], 1).astype(np.bool_)
    )
    down = torch.linspace(-1, 1, SIDE_PX)[:, None].expand(SIDE_PX, SIDE_PX)
    shade = torch.rand(1) + float(_spread(1, 0.2)) * down
    folds = 0.1 * float(torch.rand(1)) * torch.sin(down * float(torch.empty(1).uniform_(15, 45)))
    face[inside] = (shade + folds)[inside]


def _patch(face: Tensor) -> None:
    height, width = (int(torch.randint(5, 18, (1,))) for _ in range(2))
    top, left = (
        int(torch.randint(0, SIDE_PX - height, (1,))),
        int(torch.randint(0, SIDE_PX - width, (1,))),
    )
    face[top : top + height, left : left + width] = torch.rand(1)


def _glasses(face: Tensor) -> None:
    """Draw two frames about where eyes lie in such a square; one in three is tinted."""
    top = 13 + int(torch.randint(0, 5, (1,)))
    shade = float(torch.rand(1)) * 0.35
    tinted = float(torch.rand(1)) < 1 / 3
    for left in (8, 26):
        frame = face[top : top + 9, left : left + 14]
        inner = frame[1:-1, 1:-1].clone()
        frame[:] = shade
        frame[1:-1, 1:-1] = inner * (0.25 + shade) if tinted else inner
    face[top + 3 : top + 5, 22:26] = shade
