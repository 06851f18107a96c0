"""From a picture to a model's input tensor: where it lies there, in which colours and scale."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from contract.manifest import ColourOrder, ModelInput
from edge.scene import Image
from edge.vision.session import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A frame drawn at the top left of a model's input: the sizes of frame, drawing and input."""

    frame_width_px: int
    frame_height_px: int
    drawn_width_px: int
    drawn_height_px: int
    width_px: int
    height_px: int

    def is_for(self, frame_width_px: int, frame_height_px: int) -> bool:
        """Say whether this is the layout of frames of that size."""
        return (self.frame_width_px, self.frame_height_px) == (frame_width_px, frame_height_px)

    @property
    def scale(self) -> tuple[float, float]:
        """Frame pixels for one input pixel, along x and y."""
        return (
            self.frame_width_px / self.drawn_width_px,
            self.frame_height_px / self.drawn_height_px,
        )


def shrink_to_width(
    frame_width_px: int, frame_height_px: int, *, width_px: int, multiple_of_px: int
) -> Layout:
    """Return the layout for a model of any input size: at most `width_px`, never enlarged."""
    scale = min(1.0, width_px / frame_width_px)
    drawn_width_px = _scaled(frame_width_px, scale)
    drawn_height_px = _scaled(frame_height_px, scale)
    return Layout(
        frame_width_px=frame_width_px,
        frame_height_px=frame_height_px,
        drawn_width_px=drawn_width_px,
        drawn_height_px=drawn_height_px,
        width_px=_round_up(drawn_width_px, multiple_of_px),
        height_px=_round_up(drawn_height_px, multiple_of_px),
    )


def fit_inside(
    frame_width_px: int, frame_height_px: int, *, width_px: int, height_px: int
) -> Layout:
    """Return the layout for a fixed input size that keeps the frame's proportions."""
    scale = min(width_px / frame_width_px, height_px / frame_height_px)
    return Layout(
        frame_width_px=frame_width_px,
        frame_height_px=frame_height_px,
        drawn_width_px=_scaled(frame_width_px, scale),
        drawn_height_px=_scaled(frame_height_px, scale),
        width_px=width_px,
        height_px=height_px,
    )


def stretch(frame_width_px: int, frame_height_px: int, *, width_px: int, height_px: int) -> Layout:
    """Return the layout for a fixed input size that the frame fills, losing its proportions."""
    return Layout(
        frame_width_px=frame_width_px,
        frame_height_px=frame_height_px,
        drawn_width_px=width_px,
        drawn_height_px=height_px,
        width_px=width_px,
        height_px=height_px,
    )


class InputPlane:
    """The input tensor for frames of one size, allocated once and written again for each."""

    def __init__(self, layout: Layout, spec: ModelInput, *, fill: int = 0) -> None:
        self.layout = layout
        shape: tuple[int, ...] = (layout.height_px, layout.width_px, 3)
        self._grey: Image | None = None
        if spec.colour is ColourOrder.GREY:
            shape = shape[:2]
            self._grey = np.empty((layout.frame_height_px, layout.frame_width_px), np.uint8)
        self._canvas = np.full(shape, fill, np.uint8)
        self._drawing = self._canvas[: layout.drawn_height_px, : layout.drawn_width_px]
        self._writer = PixelWriter(layout.width_px, layout.height_px, spec)
        self._tensor = empty_tensor(1, layout.width_px, layout.height_px, spec)

    def write(self, image: Image) -> Floats:
        """Return the tensor of `image`; the next call overwrites it."""
        layout = self.layout
        if self._grey is not None:  # before it is resized: one channel in the place of three
            cv2.cvtColor(image, cv2.COLOR_BGR2GRAY, dst=self._grey)
            image = self._grey
        if image.shape[:2] == self._drawing.shape[:2]:
            np.copyto(self._drawing, image)
        else:
            size = (layout.drawn_width_px, layout.drawn_height_px)
            cv2.resize(image, size, dst=self._drawing, interpolation=cv2.INTER_LINEAR)
        self._writer.write(self._canvas, self._tensor[0])
        return self._tensor


class PixelWriter:
    """Writes pictures of one size as (pixel - mean) * scale, in the model's colours and axes."""

    def __init__(self, width_px: int, height_px: int, spec: ModelInput) -> None:
        self._spec = spec
        # cv2.split into planes of ours: twice as fast as strided copies, and a fresh plane of a
        # large picture costs more in page faults than the copy itself.
        self._planes = [np.empty((height_px, width_px), np.uint8) for _ in range(3)]
        self._means = spec.mean * 3 if len(spec.mean) == 1 else spec.mean
        self._scale = np.array(spec.scale, np.float32)

    def write(self, image: Image, out: Floats) -> None:
        """Write `image`, BGR or, for a model without colours, grey, into a picture's part `out`."""
        channels = out if self._spec.channels_first else np.moveaxis(out, -1, 0)
        for plane, target, mean in zip(self._split(image), channels, self._means, strict=False):
            if mean:
                np.subtract(plane, np.float32(mean), out=target)
            else:
                np.copyto(target, plane)
        if self._spec.scale != 1.0:
            np.multiply(channels, self._scale.reshape(-1, 1, 1), out=channels)

    def _split(self, image: Image) -> list[Image]:
        if image.ndim == 2:
            return [image]
        if self._spec.colour is ColourOrder.GREY:
            cv2.cvtColor(image, cv2.COLOR_BGR2GRAY, dst=self._planes[0])
            return self._planes[:1]
        cv2.split(image, self._planes)
        return self._planes if self._spec.colour is ColourOrder.BGR else self._planes[::-1]


def empty_tensor(count: int, width_px: int, height_px: int, spec: ModelInput) -> Floats:
    """Return room for `count` pictures in the axis order that the model wants."""
    return np.empty((count, *tensor_shape(width_px, height_px, spec)), np.float32)


def tensor_shape(width_px: int, height_px: int, spec: ModelInput) -> tuple[int, int, int]:
    """Return the shape of one picture's tensor."""
    if spec.channels_first:
        return spec.channels, height_px, width_px
    return height_px, width_px, spec.channels


def _scaled(size_px: int, scale: float) -> int:
    return max(1, round(size_px * scale))


def _round_up(size_px: int, multiple_px: int) -> int:
    return -(-size_px // multiple_px) * multiple_px
