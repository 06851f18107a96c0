"""The values that flow from the camera to the messages, and the two things a model can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""Height x width x 3, BGR, 0..255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An axis-aligned rectangle in pixels of the full frame."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Centre (x, y) in pixels."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One picture, stamped once, at capture. It never leaves memory."""

    image: Image
    captured_at: datetime
    index: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detection:
    """One face or person. `landmarks` are 5 x 2 pixels, the subject's right eye first."""

    box: Box
    score: float
    landmarks: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """A detection that has kept its identity since `since`, within one visit only."""

    track_id: int
    since: datetime
    detection: Detection


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionReading:
    """Probabilities of the three sentiments for one face; they add up to 1."""

    negative: float
    neutral: float
    positive: float


class Detector(Protocol):
    """Finds faces or people."""

    @property
    def name(self) -> str:
        """Name of the model, for health messages."""

    def detect(self, image: Image) -> list[Detection]:
        """Return what was found in `image`, in its own pixels, best first."""


class ExpressionReader(Protocol):
    """Reads expressions off faces."""

    @property
    def name(self) -> str:
        """Name of the model, for health messages."""

    def read(self, image: Image, faces: Sequence[Detection]) -> list[ExpressionReading | None]:
        """Return one reading for each face, None where the model abstains."""
