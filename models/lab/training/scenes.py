"""Pictures to train a face detector on: known faces pasted into scenes, with boxes and landmarks.

All are grey: most of the photographs are, and a detector must not learn that faces have no colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.lab.training.backgrounds import Backgrounds
from models.lab.training.backs import drawn_back, without_face, without_others
from models.lab.training.disguises import disguised
from models.lab.training.photographs import (
    MIRRORED,
    Image,
    Material,
    Photograph,
    Points,
    Scene,
    decoded,
)

SIDE_PX = 256
"""Width and height of a training picture."""

_SMALLEST_PX, _LARGEST_PX = 11.0, 240.0
_TURNED_AWAY = 0.22
_ALL_TURNED_AWAY = 0.15  # of scenes: a queue seen from behind
_DRAWN = 0.6  # of those turned away
_CROWDED = 0.3  # of scenes: people stand in front of each other
_MOST_COVERED = 0.5  # of a face, where it is still one to find
_CIRCLE = np.stack(
    [np.cos(np.linspace(0, 2 * np.pi, 24)), np.sin(np.linspace(0, 2 * np.pi, 24))], axis=1
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """A picture with a head in it, at `box` (x, y, w, h).

    It has landmarks if it shows a face, and what it covers if that is not the whole picture.
    """

    image: Image
    box: Points
    points: Points | None
    covers: NDArray[np.float32] | None


class SceneMaker:
    """Makes an endless row of scenes; the same random source gives the same ones."""

    def __init__(self, material: Material, random: np.random.Generator) -> None:
        self._material = material
        self._random = random
        self._backgrounds = Backgrounds(material, random, side_px=SIDE_PX)

    def make(self) -> Scene:
        """Return one scene: pasted faces, a labelled frame, or nothing that is a face."""
        kind = self._random.random()
        if kind < 0.18 and self._material.frames:
            scene = self.frame()
        elif kind < 0.38:
            scene = _scene(self._backgrounds.make(), [], [])
        else:
            scene = self._pasted()
        return replace(scene, image=photographed(scene.image, self._random))

    def _photograph(self) -> Photograph:
        return self._material.photographs[
            int(self._random.integers(len(self._material.photographs)))
        ]

    def _pasted(self) -> Scene:
        """Return a background with one to six faces, some half behind another head."""
        image = np.ascontiguousarray(self._backgrounds.make())
        boxes: list[Points] = []
        landmarks: list[Points] = []
        crowded = self._random.random() < _CROWDED
        away = 1.0 if self._random.random() < _ALL_TURNED_AWAY else _TURNED_AWAY
        for width in self._widths():
            head = self.head(width, is_turned_away=self._random.random() < away)
            self.paste(image, head, width, boxes, landmarks, crowded=crowded)
        return _scene(image, boxes, landmarks)

    def _widths(self) -> list[float]:
        kind = self._random.random()
        if kind < 0.25:
            low, high, count = 80.0, _LARGEST_PX, 1
        elif kind < 0.6:
            low, high, count = 24.0, 90.0, 3
        else:
            low, high, count = _SMALLEST_PX, 44.0, 6
        exponents = self._random.uniform(np.log(low), np.log(high), count)
        return sorted(np.exp(exponents).tolist(), reverse=True)

    def paste(
        self,
        image: Image,
        head: Head,
        width: float,
        boxes: list[Points],
        landmarks: list[Points],
        *,
        crowded: bool,
    ) -> None:
        """Paste one head into `image` and add its box and landmarks; what shows no face gets none.

        In a crowd it may cover half of a face that is there; else it finds a place of its own.
        """
        matrix = self._placement(head.box, width, beside=boxes if crowded else ())
        new_box = _box_of(head.box, matrix)
        if not crowded and any(_overlap(new_box, other) > 0.05 for other in boxes):
            return
        mask = self._mask(head, matrix, new_box)
        if crowded and any(_covered(box, mask) > _MOST_COVERED for box in boxes):
            return
        if boxes and not crowded:  # what is pasted later must not cover a face that is there
            mask[_inside(boxes)] = 0
        np.copyto(image, _blend(image, _warped(head.image, matrix).astype(np.uint8), mask))
        if head.points is None:
            return
        points = _moved(head.points, matrix)
        if np.linalg.det(matrix) < 0:  # of all nine: a leaning face's upper four can deceive
            points = points[list(MIRRORED)]
        boxes.append(new_box)
        landmarks.append(points)

    def head(self, width: float, *, is_turned_away: bool) -> Head:
        """Return a head at about the size at which it will be pasted."""
        random = self._random
        if is_turned_away and random.random() < _DRAWN:
            back = drawn_back(random)
            return Head(image=back.image, box=back.box, points=None, covers=back.covers)
        photograph = self._photograph()
        reduction = _reduction(width / float(photograph.boxes[0, 2]))
        shrunk = np.float32(reduction)
        boxes, points = photograph.boxes / shrunk, photograph.landmarks[0] / shrunk
        source, box = without_others(decoded(photograph.file, reduction), boxes, random), boxes[0]
        if is_turned_away:
            return Head(image=without_face(source, box, random), box=box, points=None, covers=None)
        if random.random() < 0.3:
            source = disguised(source, box, points, random)
        return Head(image=source, box=box, points=points, covers=None)

    def _placement(
        self, box: Points, width: float, beside: Sequence[Points]
    ) -> NDArray[np.float64]:
        """Return the map that brings the face to `width`: turned, mirrored, seen from the side.

        It goes anywhere, or near one of the boxes `beside`.
        """
        random = self._random
        x, y, w, h = (float(value) for value in box)
        angle = float(random.normal(0, 0.22))
        squeeze = float(random.uniform(0.6, 1.0)) if random.random() < 0.3 else 1.0
        mirror = -1.0 if random.random() < 0.5 else 1.0
        scale = width / w
        margin = width * 0.35
        low, high = min(margin, SIDE_PX / 2), max(SIDE_PX - margin, SIDE_PX / 2)
        to_x, to_y = random.uniform(low, high, 2)
        if len(beside):
            other = beside[int(random.integers(len(beside)))]
            reach = (width + float(other[2] - other[0])) / 2
            to_x, to_y = (other[:2] + other[2:]) / 2 + random.uniform(-1, 1, 2) * reach
        cosine, sine = np.cos(angle) * scale, np.sin(angle) * scale
        a, b, c, d = cosine * mirror * squeeze, -sine, sine * mirror * squeeze, cosine
        centre_x, centre_y = x + w / 2, y + h / 2
        move = np.array(
            [
                [a, b, to_x - a * centre_x - b * centre_y],
                [c, d, to_y - c * centre_x - d * centre_y],
                [0, 0, 1],
            ]
        )
        if random.random() < 0.3:  # nearer at one side
            lean = np.eye(3)
            lean[2, :2] = random.uniform(-0.35, 0.35, 2) / max(width, 1.0)
            back, forth = np.eye(3), np.eye(3)
            back[:2, 2], forth[:2, 2] = (-to_x, -to_y), (to_x, to_y)
            move = forth @ lean @ back @ move
        return np.asarray(move, np.float64)

    def _mask(self, head: Head, matrix: NDArray[np.float64], box: Points) -> NDArray[np.float32]:
        """Return how much of the head's picture covers each pixel: all of it, or an oval of it."""
        if head.covers is not None:
            return np.asarray(_warped(head.covers, matrix), np.float32)
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
        corners = _moved(corners * head.image.shape[1::-1], matrix)
        mask = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
        cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), 255)
        if self._random.random() < 0.6:
            oval = np.zeros_like(mask)
            centre = (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2)
            grow = self._random.uniform(0.95, 1.6, 2)
            size = (float(box[2] - box[0]) * grow[0], float(box[3] - box[1]) * grow[1])
            cv2.ellipse(oval, (centre, size, 0), 255, -1)
            mask = cv2.min(mask, oval)  # type: ignore[assignment]
            soft = max(float(box[2] - box[0]) * 0.04, 0.6)
            mask = cv2.GaussianBlur(mask, (0, 0), soft)  # type: ignore[assignment]
        return np.asarray(mask, np.float32) / np.float32(255)

    def frame(self) -> Scene:
        """Return a part of a labelled frame, at another scale."""
        frame = self._material.frames[int(self._random.integers(len(self._material.frames)))]
        height, width = frame.image.shape[:2]
        scale = float(np.exp(self._random.uniform(np.log(0.5), np.log(1.6))))
        left = float(self._random.uniform(0, max(width * scale - SIDE_PX, 0)))
        top = float(self._random.uniform(0, max(height * scale - SIDE_PX, 0)))
        mirrored = self._random.random() < 0.5
        matrix = np.array([[scale, 0, -left], [0, scale, -top], [0, 0, 1]], np.float64)
        if mirrored:
            matrix = np.array([[-1.0, 0, SIDE_PX], [0, 1, 0], [0, 0, 1]]) @ matrix
        image = _warped(frame.image, matrix)
        sized = np.concatenate([frame.boxes[:, :2], frame.boxes[:, 2:] - frame.boxes[:, :2]], 1)
        boxes, landmarks = [], []
        for box, points in zip(sized, frame.landmarks, strict=True):
            moved = _moved(points, matrix)
            boxes.append(_box_of(box, matrix))
            landmarks.append(moved[list(MIRRORED)] if mirrored else moved)
        return _scene(image.astype(np.uint8), boxes, landmarks)


def photographed(image: Image, random: np.random.Generator) -> Image:
    """Return the scene in other light, blurred, noisy, compressed."""
    seen = image.astype(np.float32) / 255
    if random.random() < 0.7:
        seen = seen ** float(np.exp(random.uniform(-0.7, 0.7)))
        seen = (seen - 0.5) * float(np.exp(random.uniform(-0.6, 0.3))) + 0.5
        seen += float(random.uniform(-0.15, 0.15))
    if random.random() < 0.3:
        length = float(random.uniform(0.4, 2.2))
        across = length if random.random() < 0.5 else 0.3
        seen = cv2.GaussianBlur(seen, (0, 0), sigmaX=length, sigmaY=across)  # type: ignore[assignment]
    if random.random() < 0.4:
        strength = np.float32(random.uniform(0.01, 0.07))
        seen += random.standard_normal(seen.shape, np.float32) * strength
    seen8 = (np.clip(seen, 0, 1) * 255).astype(np.uint8)
    if random.random() < 0.3:
        quality = int(random.integers(25, 85))
        _, file = cv2.imencode(".jpg", seen8, [cv2.IMWRITE_JPEG_QUALITY, quality])
        seen8 = cv2.imdecode(file, cv2.IMREAD_GRAYSCALE)  # type: ignore[assignment]
    return seen8


def _scene(image: Image, boxes: list[Points], landmarks: list[Points]) -> Scene:
    return Scene(
        image=image,
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        landmarks=np.array(landmarks, np.float32).reshape(-1, 5, 2),
    )


def _reduction(scale: float) -> int:
    if scale < 0.22:
        return 4
    return 2 if scale < 0.45 else 1


def _warped(image: NDArray[Any], matrix: NDArray[np.float64]) -> NDArray[Any]:
    """Return the picture moved by `matrix`, whose origin is the corner of the first pixel.

    Labels count from there, as resizing does; OpenCV's warping counts from that pixel's middle.
    """
    middle = np.array([[1.0, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    inner = np.linalg.inv(middle) @ matrix @ middle
    return np.asarray(cv2.warpPerspective(image, inner, (SIDE_PX, SIDE_PX)))


def _moved(points: Points, matrix: NDArray[np.float64]) -> Points:
    homogeneous = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    moved: Points = (homogeneous[:, :2] / homogeneous[:, 2:]).astype(np.float32)
    return moved


def _box_of(box: Points, matrix: NDArray[np.float64]) -> Points:
    """Return left, top, right, bottom around the oval in `box` after the move."""
    x, y, w, h = (float(value) for value in box)
    oval = _CIRCLE * (w / 2, h / 2) + (x + w / 2, y + h / 2)
    moved = _moved(oval.astype(np.float32), matrix)
    return np.concatenate([moved.min(axis=0), moved.max(axis=0)]).astype(np.float32)


def _overlap(box: Points, other: Points) -> float:
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min(np.prod(box[2:] - box[:2]), np.prod(other[2:] - other[:2]))
    return float(width * height / smaller)


def _covered(box: Points, mask: NDArray[np.float32]) -> float:
    """Return how much of what is in view of a face `mask` hides."""
    left, top, right, bottom = np.clip(np.round(box), 0, SIDE_PX).astype(int)
    part = mask[top:bottom, left:right]
    return float(part.mean()) if part.size else 1.0


def _inside(boxes: list[Points]) -> NDArray[np.bool_]:
    inside = np.zeros((SIDE_PX, SIDE_PX), np.bool_)
    for left, top, right, bottom in np.round(np.array(boxes)).astype(int):
        inside[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
    return inside


def _blend(under: Image, over: Image, mask: NDArray[np.float32]) -> Image:
    return (under * (1 - mask) + over * mask + 0.5).astype(np.uint8)
