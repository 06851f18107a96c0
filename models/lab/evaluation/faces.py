"""A labelled face, whatever it was read from, and what was refused beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scene import Box, Detection, Image

Landmarks: TypeAlias = NDArray[np.float32]
"""5 x 2 pixels: the subject's right eye, left eye, nose, right and left corner of the mouth."""

KEPT_MARGIN = 0.6
"""How much is kept around a face, of its longer side: more than any model looks at."""

# Where a face lies in a tight square, as parts of its side: the median that YuNet-n finds in 1,392
# pictures of FER2013's PublicTest.
_USUAL_BOX = (0.115, 0.014, 0.890, 1.000)
_USUAL_LANDMARKS = np.array(
    [[0.315, 0.397], [0.680, 0.390], [0.498, 0.593], [0.348, 0.742], [0.655, 0.738]], np.float32
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
    """One face: `box` and `landmarks` are in pixels of `image`, which shows some margin around it.

    `labels` holds what each kind of annotation says; an annotation that says nothing of this face
    is missing. `landmarks` are the usual places where `are_landmarks_guessed`. The image is the
    whole crop, for every model, where `is_cropped`.
    """

    file: str
    image: Image
    box: Box
    landmarks: Landmarks
    labels: Mapping[str, str]
    person: str = ""
    is_cropped: bool = False
    are_landmarks_guessed: bool = False

    @property
    def width_px(self) -> float:
        """Width of the face, not of the picture."""
        return self.box.width

    @property
    def brightness(self) -> float:
        """Mean grey level of the face box's inner half, 0..255: skin and light at once."""
        (x, y), half_w, half_h = self.box.centre, self.box.width / 4, self.box.height / 4
        height_px, width_px = self.image.shape[:2]
        rows = _inside(y - half_h, y + half_h, height_px)
        columns = _inside(x - half_w, x + half_w, width_px)
        return float(cv2.cvtColor(self.image[rows, columns], cv2.COLOR_BGR2GRAY).mean())

    @property
    def detection(self) -> Detection:
        """The face as a detector would have found it: without landmarks that are only guessed."""
        landmarks = None if self.are_landmarks_guessed else self.landmarks
        return Detection(box=self.box, score=1.0, landmarks=landmarks)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusablePicture:
    """A picture that is not evaluated, and why: models may know it where it `is_trained_on`."""

    file: str
    reason: str
    is_trained_on: bool = False


class FaceSource(Protocol):
    """Labelled faces, read one by one and as often as wanted."""

    @property
    def name(self) -> str:
        """What the data are, for reports."""

    @property
    def annotations(self) -> tuple[str, ...]:
        """The keys of `Face.labels`, the main one first."""

    @property
    def label_examples(self) -> Mapping[str, str]:
        """Every label that a face may have, and the first picture that has it."""

    def faces(self) -> Iterator[Face | UnusablePicture]:
        """Yield every face, or why a picture has none."""


def face_in(
    image: Image,
    box: Box,
    landmarks: Landmarks | None,
    *,
    file: str,
    labels: Mapping[str, str],
    person: str = "",
) -> Face:
    """Return the face in `box`, with a copy of only that part of `image` which models look at."""
    height_px, width_px = image.shape[:2]
    reach = max(box.width, box.height) * (0.5 + KEPT_MARGIN)
    x, y = box.centre
    rows, columns = (
        _inside(y - reach, y + reach, height_px),
        _inside(x - reach, x + reach, width_px),
    )
    left, top = columns.start, rows.start
    inside = moved(box, -left, -top)
    marks = (
        usual_landmarks(inside)
        if landmarks is None
        else landmarks - np.array([left, top], np.float32)
    )
    return Face(
        file=file,
        image=image[rows, columns].copy(),
        box=inside,
        landmarks=marks.astype(np.float32),
        labels=labels,
        person=person,
        are_landmarks_guessed=landmarks is None,
    )


def tight_face(image: Image, *, file: str, labels: Mapping[str, str], person: str = "") -> Face:
    """Return the face of a picture that is a face square already: box and marks are guessed."""
    height_px, width_px = image.shape[:2]
    left, top, right, bottom = _USUAL_BOX
    return Face(
        file=file,
        image=image,
        box=scaled(Box(left=left, top=top, right=right, bottom=bottom), width_px, height_px),
        landmarks=_USUAL_LANDMARKS * np.array([width_px, height_px], np.float32),
        labels=labels,
        person=person,
        is_cropped=True,
        are_landmarks_guessed=True,
    )


def moved(box: Box, across: float, down: float) -> Box:
    """Return the box so many pixels to the right and further down."""
    return Box(
        left=box.left + across,
        top=box.top + down,
        right=box.right + across,
        bottom=box.bottom + down,
    )


def scaled(box: Box, across: float, down: float) -> Box:
    """Return the box in a picture that is so many times as wide and high."""
    return Box(
        left=box.left * across,
        top=box.top * down,
        right=box.right * across,
        bottom=box.bottom * down,
    )


def usual_landmarks(box: Box) -> Landmarks:
    """Return where the five points of a frontal face lie in its box."""
    left, top, right, bottom = _USUAL_BOX
    parts = _USUAL_LANDMARKS - np.array([left, top], np.float32)
    scale = np.array([box.width / (right - left), box.height / (bottom - top)], np.float32)
    return np.array([box.left, box.top], np.float32) + parts * scale


def _inside(start: float, end: float, limit: int) -> slice:
    """Return at least one pixel between `start` and `end`, inside 0..limit."""
    first = min(max(int(np.floor(start)), 0), limit - 1)
    return slice(first, min(max(int(np.ceil(end)), first + 1), limit))
