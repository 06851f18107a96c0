"""Glasses and masks drawn on faces: simple shapes over the landmarks, to see what they cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scene import Image
from models.lab.evaluation.faces import Face, Landmarks

_FRAME = (30, 25, 25)
_DARK_LENS = (22, 18, 18)
_PAPER = (222, 205, 168)  # the pale blue of a surgical mask, BGR
_FOLD = (196, 178, 140)
_SHARP_PX = 256
"""Shapes are drawn at least this large and averaged down: lines thinner than a pixel fade."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pose:
    """Axes of a face: `right` leads from one eye to the other, `down` is upright to it."""

    landmarks: Landmarks
    right: NDArray[np.float32]
    down: NDArray[np.float32]

    @property
    def eye_distance(self) -> float:
        """Distance between the eyes; 1 where they fall on one point."""
        return float(np.hypot(*(self.landmarks[1] - self.landmarks[0]))) or 1.0

    def at(self, origin: NDArray[np.float32], across: float, along: float) -> NDArray[np.float32]:
        """Return the point that lies so many eye distances to the right of and below `origin`."""
        step = (self.right * across + self.down * along) * self.eye_distance
        return np.asarray(origin + step, np.float32)

    @property
    def angle(self) -> float:
        """How far the line of the eyes is turned, degrees."""
        return float(np.degrees(np.arctan2(self.right[1], self.right[0])))


class _Stencil:
    """Draws shapes of one colour, larger than the picture, and lays them over it."""

    def __init__(self, image: Image) -> None:
        height_px, width_px = image.shape[:2]
        self._image = image
        self._zoom = max(1, -(-_SHARP_PX // max(height_px, width_px)))
        self._size = (height_px * self._zoom, width_px * self._zoom)
        self._cover = np.zeros(self._size, np.uint8)

    def ellipse(
        self, centre: NDArray[np.float32], half: tuple[float, float], angle: float, line: float = 0
    ) -> None:
        """Draw an ellipse, filled where `line` is 0."""
        axes = (self._px(half[0]), self._px(half[1]))
        thickness = self._px(line) if line else -1
        cv2.ellipse(self._cover, self._point(centre), axes, angle, 0, 360, 255, thickness)

    def line(self, start: NDArray[np.float32], end: NDArray[np.float32], width: float) -> None:
        """Draw a line."""
        cv2.line(self._cover, self._point(start), self._point(end), 255, self._px(width))

    def polygon(self, points: list[NDArray[np.float32]]) -> None:
        """Fill a polygon."""
        corners = np.array([self._point(point) for point in points], np.int32)
        cv2.fillPoly(self._cover, [corners], 255)

    def lay(self, colour: tuple[int, int, int]) -> Image:
        """Return the picture with the shapes in `colour` over it."""
        height_px, width_px = self._image.shape[:2]
        small = cv2.resize(self._cover, (width_px, height_px), interpolation=cv2.INTER_AREA)
        share = small[..., None].astype(np.float32) / 255
        mixed = self._image * (1 - share) + np.array(colour, np.float32) * share
        return np.rint(mixed).astype(np.uint8)

    def _point(self, point: NDArray[np.float32]) -> tuple[int, int]:
        x, y = (point * self._zoom).tolist()
        return round(x), round(y)

    def _px(self, length: float) -> int:
        pixels: int = round(length * self._zoom)
        return max(1, pixels)


def wear_glasses(face: Face) -> Face:
    """Return the face with dark-rimmed glasses."""
    pose = _pose(face.landmarks)
    stencil = _Stencil(face.image)
    _rims(stencil, pose, line=0.07 * pose.eye_distance)
    _bridge_and_temples(stencil, pose)
    return replace(face, image=stencil.lay(_FRAME))


def wear_sunglasses(face: Face) -> Face:
    """Return the face with dark glasses: the eyes and brows' ends cannot be seen."""
    pose = _pose(face.landmarks)
    stencil = _Stencil(face.image)
    _rims(stencil, pose, line=0)
    _bridge_and_temples(stencil, pose)
    return replace(face, image=stencil.lay(_DARK_LENS))


def wear_mask(face: Face) -> Face:
    """Return the face with a surgical mask from the nose's bridge over the chin."""
    pose = _pose(face.landmarks)
    nose, mouth = face.landmarks[2], face.landmarks[3:].mean(axis=0)
    eyes = face.landmarks[:2].mean(axis=0)
    bridge = eyes + (nose - eyes) * np.float32(0.55)
    paper = _Stencil(face.image)
    paper.polygon(
        [
            bridge,
            pose.at(bridge, 0.30, 0.12),
            pose.at(nose, 0.90, -0.10),
            pose.at(mouth, 0.82, 0.10),
            pose.at(mouth, 0.42, 0.62),
            pose.at(mouth, -0.42, 0.62),
            pose.at(mouth, -0.82, 0.10),
            pose.at(nose, -0.90, -0.10),
            pose.at(bridge, -0.30, 0.12),
        ]
    )
    folds = _Stencil(paper.lay(_PAPER))
    for along in (-0.12, 0.08, 0.28):
        folds.line(pose.at(mouth, -0.72, along), pose.at(mouth, 0.72, along), 0.02)
    return replace(face, image=folds.lay(_FOLD))


def _rims(stencil: _Stencil, pose: _Pose, *, line: float) -> None:
    distance = pose.eye_distance
    for eye, outwards in ((0, -1), (1, 1)):
        centre = pose.at(pose.landmarks[eye], 0.03 * outwards, 0.04)
        stencil.ellipse(centre, (0.40 * distance, 0.31 * distance), pose.angle, line)


def _bridge_and_temples(stencil: _Stencil, pose: _Pose) -> None:
    width = 0.07 * pose.eye_distance
    right, left = pose.landmarks[0], pose.landmarks[1]
    stencil.line(pose.at(right, 0.36, -0.04), pose.at(left, -0.36, -0.04), width)
    stencil.line(pose.at(right, -0.42, -0.04), pose.at(right, -0.75, -0.10), width)
    stencil.line(pose.at(left, 0.42, -0.04), pose.at(left, 0.75, -0.10), width)


def _pose(landmarks: Landmarks) -> _Pose:
    between = landmarks[1] - landmarks[0]
    length = float(np.hypot(*between))
    right = between / length if length else np.array([1, 0], np.float32)
    down = np.array([-right[1], right[0]], np.float32)
    return _Pose(landmarks=landmarks, right=right.astype(np.float32), down=down)
