"""Pictures to train a face detector on: known faces pasted into scenes, with boxes and landmarks.

All are grey: most of the photographs are, and a detector must not learn that faces have no colour.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.splits import Part, part_of

SIDE_PX = 256
"""Width and height of a training picture."""

Image = NDArray[np.uint8]
Points = NDArray[np.float32]

_SMALLEST_PX, _LARGEST_PX = 11.0, 240.0
MIRRORED = (1, 0, 2, 4, 3)
"""Order of the landmarks in a mirror: eyes and corners of the mouth change sides."""

_CIRCLE = np.stack(
    [np.cos(np.linspace(0, 2 * np.pi, 24)), np.sin(np.linspace(0, 2 * np.pi, 24))], axis=1
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Photograph:
    """An encoded picture with the box (x, y, w, h) and the five landmarks of each face in it."""

    file: bytes
    boxes: Points
    landmarks: Points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A grey picture, boxes [k, 4] (left, top, right, bottom) and landmarks [k, 5, 2]."""

    image: Image
    boxes: Points
    landmarks: Points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    """What scenes are made of: photographs of faces, pictures without any, labelled frames."""

    photographs: Sequence[Photograph]
    empty: Sequence[Image]
    frames: Sequence[Scene]


def photographs(folder: Path, part: Part) -> list[Photograph]:
    """Return the photographs that faces.csv of `folder` describes, of the people of one part.

    Its columns are file, face, x, y, w, h and the landmarks reye, leye, nose, rmouth, lmouth.
    """
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        people = {row["file"]: row["person"] for row in csv.DictReader(file)}
    faces: dict[str, list[dict[str, str]]] = {}
    with (folder / "faces.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["file"] in people and part_of(people[row["file"]]) is part:
                faces.setdefault(row["file"], []).append(row)
    names = ("reye", "leye", "nose", "rmouth", "lmouth")
    return [
        Photograph(
            file=(folder / name).read_bytes(),
            boxes=np.array([[float(row[k]) for k in "xywh"] for row in rows], np.float32),
            landmarks=np.array(
                [[[float(row[f"{n}_{axis}"]) for axis in "xy"] for n in names] for row in rows],
                np.float32,
            ),
        )
        for name, rows in faces.items()
    ]


def decoded(file: bytes, reduction: int) -> Image:
    """Return an encoded picture, grey, at 1, 1/2 or 1/4 of its size."""
    flags = {
        1: cv2.IMREAD_GRAYSCALE,
        2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
        4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    }
    return cv2.imdecode(np.frombuffer(file, np.uint8), flags[reduction])  # type: ignore[return-value]


class SceneMaker:
    """Makes an endless row of scenes; the same random source gives the same ones."""

    def __init__(self, material: Material, random: np.random.Generator) -> None:
        self._material = material
        self._random = random

    def make(self) -> Scene:
        """Return one scene: pasted faces, a labelled frame, or nothing that is a face."""
        kind = self._random.random()
        if kind < 0.18 and self._material.frames:
            scene = self._frame()
        elif kind < 0.38:
            scene = _scene(self._background(), [], [])
        else:
            scene = self._pasted()
        return Scene(
            image=self._photographed(scene.image), boxes=scene.boxes, landmarks=scene.landmarks
        )

    # ------------------------------------------------------------------ backgrounds

    def _background(self) -> Image:
        """Return a picture without faces, of one or of four parts."""
        if self._random.random() < 0.5:
            return self._plain(SIDE_PX, SIDE_PX)
        image = np.empty((SIDE_PX, SIDE_PX), np.uint8)
        y, x = self._random.integers(40, SIDE_PX - 40, 2)
        for rows in (slice(0, y), slice(y, SIDE_PX)):
            for columns in (slice(0, x), slice(x, SIDE_PX)):
                height = (rows.stop or 0) - rows.start
                image[rows, columns] = self._plain(columns.stop - columns.start, height)
        return image

    def _plain(self, width: int, height: int) -> Image:
        kind = self._random.random()
        if kind < 0.4 and self._material.empty:
            return self._empty(width, height)
        if kind < 0.75:
            return self._shuffled(width, height)
        return self._drawn(width, height)

    def _empty(self, width: int, height: int) -> Image:
        """Return a part of a picture in which no face is."""
        image = self._material.empty[int(self._random.integers(len(self._material.empty)))]
        scale = max(width / image.shape[1], height / image.shape[0])
        scale *= float(self._random.uniform(1.0, 2.0))
        image = cv2.resize(image, None, fx=scale + 0.01, fy=scale + 0.01)  # type: ignore[assignment]
        top = int(self._random.integers(image.shape[0] - height + 1))
        left = int(self._random.integers(image.shape[1] - width + 1))
        image = image[top : top + height, left : left + width]
        return image[:, ::-1] if self._random.random() < 0.5 else image

    def _shuffled(self, width: int, height: int) -> Image:
        """Return a photograph whose squares changed places: skin and hair that make no face."""
        photograph = self._photograph()
        image = decoded(photograph.file, 1)
        step = int(self._random.choice([16, 24, 32, 48, 64, 96]))
        image = cv2.resize(image, (-(-width // step) * step, -(-height // step) * step))  # type: ignore[assignment]
        rows, columns = image.shape[0] // step, image.shape[1] // step
        tiles = image.reshape(rows, step, columns, step).swapaxes(1, 2)
        tiles = tiles.reshape(-1, step, step)[self._random.permutation(rows * columns)]
        if self._random.random() < 0.5:
            tiles = tiles.swapaxes(1, 2)
        tiles = tiles.reshape(rows, columns, step, step).swapaxes(1, 2)
        return np.ascontiguousarray(tiles.reshape(image.shape)[:height, :width])

    def _drawn(self, width: int, height: int) -> Image:
        """Return noise of one or of all grains, or a pattern, with things drawn on it."""
        kind = self._random.random()
        if kind < 0.35:
            image = self._noise(width, height, int(self._random.integers(2, 40)))
        elif kind < 0.7:
            grains = [self._noise(width, height, grain) for grain in (3, 6, 12, 24, 48, 96)]
            weights = np.exp(-np.arange(6) * self._random.uniform(0.0, 0.9))
            mixed = np.tensordot(weights / weights.sum(), np.stack(grains), 1)
            mixed = (mixed - mixed.mean()) * self._random.uniform(0.5, 3.0) + mixed.mean()
            image = np.clip(mixed, 0, 255).astype(np.uint8)
        else:
            image = self._pattern(width, height)
        for _ in range(int(self._random.integers(0, 14))):
            self._draw_on(image)
        return image

    def _noise(self, width: int, height: int, grain: int) -> Image:
        size = (grain, max(grain * height // max(width, 1), 2))
        noise = self._random.integers(0, 256, size[::-1]).astype(np.uint8)
        return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)  # type: ignore[return-value]

    def _pattern(self, width: int, height: int) -> Image:
        """Return stripes, a chequered or a dotted plane."""
        y, x = np.mgrid[:height, :width].astype(np.float32)
        angle = self._random.uniform(0, np.pi)
        one = np.sin((x * np.cos(angle) + y * np.sin(angle)) / self._random.uniform(1, 14))
        two = np.sin((y * np.cos(angle) - x * np.sin(angle)) / self._random.uniform(1, 14))
        wave = (one, np.sign(one * two), one * two)[int(self._random.integers(3))]
        low, high = np.sort(self._random.uniform(0, 255, 2))
        return (low + (high - low) * (wave + 1) / 2).astype(np.uint8)

    def _draw_on(self, image: Image) -> None:
        height, width = image.shape
        shade = int(self._random.integers(256))
        x, y = int(self._random.integers(width)), int(self._random.integers(height))
        size = self._random.integers(3, 60, 2)
        thick = -1 if self._random.random() < 0.6 else int(self._random.integers(1, 4))
        other = (x + int(size[0]), y + int(size[1]))
        kind = int(self._random.integers(4))
        if kind == 0:
            axes = (int(size[0]), int(size[1]))
            cv2.ellipse(image, (x, y), axes, 0, 0, 360, shade, thick, cv2.LINE_AA)
        elif kind == 1:
            cv2.rectangle(image, (x, y), other, shade, thick)
        elif kind == 2:
            cv2.line(image, (x, y), other, shade, int(self._random.integers(1, 6)), cv2.LINE_AA)
        else:
            text = "".join(chr(c) for c in self._random.integers(33, 126, 8))
            font = int(self._random.integers(0, 8))
            scale = float(self._random.uniform(0.3, 1.6))
            cv2.putText(image, text, (x, y), font, scale, shade, 1 + int(scale), cv2.LINE_AA)

    # ------------------------------------------------------------------ faces

    def _photograph(self) -> Photograph:
        return self._material.photographs[
            int(self._random.integers(len(self._material.photographs)))
        ]

    def _pasted(self) -> Scene:
        """Return a background with one to six faces, none over another."""
        image = np.ascontiguousarray(self._background())
        boxes: list[Points] = []
        landmarks: list[Points] = []
        for width in self._widths():
            self._paste(image, width, boxes, landmarks)
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

    def _paste(
        self, image: Image, width: float, boxes: list[Points], landmarks: list[Points]
    ) -> None:
        photograph = self._photograph()
        reduction = _reduction(width / float(photograph.boxes[0, 2]))
        source = decoded(photograph.file, reduction)
        box, points = photograph.boxes[0] / reduction, photograph.landmarks[0] / reduction
        if self._random.random() < 0.3:
            source = _disguised(source, box, points, self._random)
        matrix = self._placement(box, width)
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
        corners = _moved(corners * source.shape[1::-1], matrix)
        new_box = _box_of(box, matrix)
        if any(_overlap(new_box, other) > 0.05 for other in boxes):
            return
        mask = self._mask(corners, new_box)
        warped = cv2.warpPerspective(source, matrix, (SIDE_PX, SIDE_PX), flags=cv2.INTER_LINEAR)
        if boxes:  # what is pasted later must not cover a face that is there
            mask[_inside(boxes)] = 0
        np.copyto(image, _blend(image, warped.astype(np.uint8), mask))
        points = _moved(points, matrix)
        if matrix[2, 2] < 0:
            return
        if np.linalg.det(matrix[:2, :2]) < 0:
            points = points[list(MIRRORED)]
        boxes.append(new_box)
        landmarks.append(points)

    def _placement(self, box: Points, width: float) -> NDArray[np.float64]:
        """Return the map that brings the face to `width`: turned, mirrored, seen from the side."""
        random = self._random
        x, y, w, h = (float(value) for value in box)
        angle = float(random.normal(0, 0.22))
        squeeze = float(random.uniform(0.6, 1.0)) if random.random() < 0.3 else 1.0
        mirror = -1.0 if random.random() < 0.5 else 1.0
        scale = width / w
        margin = width * 0.35
        low, high = min(margin, SIDE_PX / 2), max(SIDE_PX - margin, SIDE_PX / 2)
        to_x, to_y = random.uniform(low, high, 2)
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
        return move  # type: ignore[no-any-return]

    def _mask(self, corners: Points, box: Points) -> NDArray[np.float32]:
        """Return how much of the photograph covers each pixel: all of it, or an oval of it."""
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
        return mask.astype(np.float32) / 255

    def _frame(self) -> Scene:
        """Return a part of a labelled frame, at another scale."""
        frame = self._material.frames[int(self._random.integers(len(self._material.frames)))]
        height, width = frame.image.shape[:2]
        scale = float(np.exp(self._random.uniform(np.log(0.5), np.log(1.6))))
        left = float(self._random.uniform(0, max(width * scale - SIDE_PX, 0)))
        top = float(self._random.uniform(0, max(height * scale - SIDE_PX, 0)))
        mirrored = self._random.random() < 0.5
        matrix = np.array([[scale, 0, -left], [0, scale, -top], [0, 0, 1]], np.float64)
        if mirrored:
            matrix = np.array([[-1.0, 0, SIDE_PX - 1], [0, 1, 0], [0, 0, 1]]) @ matrix
        image = cv2.warpPerspective(frame.image, matrix, (SIDE_PX, SIDE_PX))
        sized = np.concatenate([frame.boxes[:, :2], frame.boxes[:, 2:] - frame.boxes[:, :2]], 1)
        boxes, landmarks = [], []
        for box, points in zip(sized, frame.landmarks, strict=True):
            moved = _moved(points, matrix)
            boxes.append(_box_of(box, matrix))
            landmarks.append(moved[list(MIRRORED)] if mirrored else moved)
        return _scene(image.astype(np.uint8), boxes, landmarks)

    # ------------------------------------------------------------------ the camera

    def _photographed(self, image: Image) -> Image:
        """Return the scene in other light, blurred, noisy, compressed."""
        random = self._random
        seen = image.astype(np.float32) / 255
        if random.random() < 0.7:
            seen = seen ** float(np.exp(random.uniform(-0.7, 0.9)))
            seen = (seen - 0.5) * float(np.exp(random.uniform(-0.6, 0.3))) + 0.5
            seen += float(random.uniform(-0.15, 0.15))
        if random.random() < 0.3:
            length = float(random.uniform(0.4, 2.2))
            across = length if random.random() < 0.5 else 0.3
            seen = cv2.GaussianBlur(seen, (0, 0), sigmaX=length, sigmaY=across)  # type: ignore[assignment]
        if random.random() < 0.4:
            noise = np.empty(seen.shape, np.float32)
            cv2.randn(noise, 0, float(random.uniform(0.01, 0.07)))
            seen += noise
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


def _moved(points: Points, matrix: NDArray[np.float64]) -> Points:
    homogeneous = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    moved: Points = (homogeneous[:, :2] / homogeneous[:, 2:]).astype(np.float32)
    return moved


def _box_of(box: Points, matrix: NDArray[np.float64]) -> Points:
    """Return left, top, right, bottom around the oval in `box` after the move."""
    x, y, w, h = (float(value) for value in box)
    oval = _CIRCLE * (w / 2, h / 2) + (x + w / 2, y + h / 2)
    moved = _moved(oval.astype(np.float32), matrix)
    return np.concatenate([moved.min(axis=0), moved.max(axis=0)])


def _overlap(box: Points, other: Points) -> float:
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min(np.prod(box[2:] - box[:2]), np.prod(other[2:] - other[:2]))
    return float(width * height / smaller)


def _inside(boxes: list[Points]) -> NDArray[np.bool_]:
    inside = np.zeros((SIDE_PX, SIDE_PX), np.bool_)
    for left, top, right, bottom in np.round(np.array(boxes)).astype(int):
        inside[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
    return inside


def _blend(under: Image, over: Image, mask: NDArray[np.float32]) -> Image:
    return (under * (1 - mask) + over * mask + 0.5).astype(np.uint8)


def _disguised(image: Image, box: Points, points: Points, random: np.random.Generator) -> Image:
    """Return the face with a mask, a cap, glasses, or something in front of it."""
    image = image.copy()
    shade = int(random.integers(256))
    x, y, w, h = (float(value) for value in box)
    kind = random.random()
    if kind < 0.35:
        _mask_over(image, box, points, shade)
    elif kind < 0.6:
        brow = float(points[:2, 1].mean()) - 0.12 * h
        _fill(image, [[x - 0.1 * w, y - 0.2 * h], [x + 1.1 * w, y - 0.2 * h]], brow, shade)
    elif kind < 0.85:
        for eye in points[:2]:
            radius = max(round(0.17 * w), 1)
            thick = -1 if random.random() < 0.5 else max(round(0.03 * w), 1)
            cv2.circle(
                image, (round(float(eye[0])), round(float(eye[1]))), radius, shade // 4, thick
            )
    else:
        corner = random.uniform(0, 0.7, 2) * (w, h) + (x, y)
        size = random.uniform(0.15, 0.4, 2) * (w, h)
        _fill(image, [corner, [corner[0] + size[0], corner[1]]], float(corner[1] + size[1]), shade)
    return image


def _mask_over(image: Image, box: Points, points: Points, shade: int) -> None:
    x, y, w, h = (float(value) for value in box)
    top = (points[:2].mean(axis=0) + points[2]) / 2
    corners = [
        [x, float(top[1]) + 0.05 * h],
        [float(top[0]), float(top[1])],
        [x + w, float(top[1]) + 0.05 * h],
        [x + 0.85 * w, y + 0.95 * h],
        [x + 0.5 * w, y + 1.02 * h],
        [x + 0.15 * w, y + 0.95 * h],
    ]
    cv2.fillPoly(image, [np.round(np.array(corners)).astype(np.int32)], shade, cv2.LINE_AA)


def _fill(image: Image, top: Sequence[Sequence[float]], bottom: float, shade: int) -> None:
    left, right = (round(float(point[0])) for point in top)
    cv2.rectangle(image, (left, round(float(top[0][1]))), (right, round(bottom)), shade, -1)
