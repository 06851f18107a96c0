"""Pictures without a face: rooms, patterns, text, and photographs whose parts changed places."""

from __future__ import annotations

import cv2
import numpy as np

from models.lab.training.backs import without_face
from models.lab.training.photographs import Image, Material, Photograph, decoded

_SPLIT = 1.5  # a face smaller than so many squares may stay whole in one


class Backgrounds:
    """Makes square pictures of `side_px`; the same random source gives the same ones."""

    def __init__(self, material: Material, random: np.random.Generator, *, side_px: int) -> None:
        self._material = material
        self._random = random
        self._side_px = side_px

    def make(self) -> Image:
        """Return a picture without faces, of one or of four parts."""
        if self._random.random() < 0.5:
            return self._plain(self._side_px, self._side_px)
        image = np.empty((self._side_px, self._side_px), np.uint8)
        y, x = self._random.integers(40, self._side_px - 40, 2)
        for rows in (slice(0, y), slice(y, self._side_px)):
            for columns in (slice(0, x), slice(x, self._side_px)):
                height = (rows.stop or 0) - rows.start
                image[rows, columns] = self._plain(columns.stop - columns.start, height)
        return image

    def _plain(self, width: int, height: int) -> Image:
        kind = self._random.random()
        if kind < 0.3 and self._material.empty:
            return self._empty(width, height)
        if kind < 0.55:
            return self.shuffled(width, height)
        if kind < 0.75:
            return self._wall(width, height)
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

    def _wall(self, width: int, height: int) -> Image:
        """Return a plain surface in uneven light; a line or two may cross it."""
        corners = self._random.uniform(0, 255) + self._random.uniform(-40, 40, (2, 2))
        slope = cv2.resize(corners.astype(np.float32), (width, height))
        image = np.clip(slope, 0, 255).astype(np.uint8)
        for _ in range(int(self._random.integers(0, 4))):
            self._draw_on(image)
        return image

    def shuffled(self, width: int, height: int) -> Image:
        """Return a photograph whose squares changed places: skin and hair that make no face."""
        photograph = self._random_photograph()
        image = decoded(photograph.file, 1)
        step = int(self._random.choice([16, 24, 32, 48, 64, 96]))
        scale = np.array([width, height]) / image.shape[::-1]
        for box in photograph.boxes:
            if (box[2:] * scale < _SPLIT * step).all():
                image = without_face(image, box, self._random)
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

    def _random_photograph(self) -> Photograph:
        known = self._material.photographs
        return known[int(self._random.integers(len(known)))]
