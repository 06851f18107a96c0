"""What a scene's script is made of: people with paths, zones, and what happens to the picture."""

from __future__ import annotations

import bisect
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from edge.capture.synthetic.timeline import FAR_FACE_PX, NEAR_FACE_PX, Appearance

NEAR_Y, FAR_Y = 0.66, 0.24
"""Where faces are at the counter (depth 0) and at the far wall (depth 1), shares of the height."""

SWAY = 0.04
"""People do not stand still: how far they swing, in face widths."""


class Role(StrEnum):
    """What somebody does in the scene."""

    CITIZEN = "citizen"
    PASSER_BY = "passer_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A place at a time. `x` is a share of the width; depth is 0 at the counter, 1 at the wall."""

    at_s: float
    x: float
    depth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where a head is: its centre as shares of the frame, its width in pixels of 640."""

    x: float
    y: float
    head_px: float
    depth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone in a scene.

    `lower` moves the head down by that share of the height, at the counter, and `size` scales it:
    a child, or someone in a wheelchair. `covered` are seconds in which paper hides the face.
    `party` is the same for those who came together; None came alone.
    """

    figure: Appearance | int
    path: tuple[Step, ...]
    role: Role = Role.CITIZEN
    party: str | None = None
    lower: float = 0.0
    size: float = 1.0
    phase: float = 0.0
    covered: tuple[tuple[float, float], ...] = ()

    def pose(self, at_s: float) -> Pose | None:
        """Return where the head is at a time, None while the person is away."""
        if not self.path[0].at_s <= at_s < self.path[-1].at_s:
            return None
        index = bisect.bisect_right([step.at_s for step in self.path], at_s)
        start, end = self.path[index - 1], self.path[index]
        share = (at_s - start.at_s) / (end.at_s - start.at_s)
        share = share * share * (3 - 2 * share)  # walkers start and stop gently
        depth = start.depth + (end.depth - start.depth) * share
        near = 1 + (FAR_FACE_PX / NEAR_FACE_PX - 1) * depth
        return Pose(
            x=start.x + (end.x - start.x) * share,
            y=NEAR_Y + (FAR_Y - NEAR_Y) * depth + self.lower * near,
            head_px=NEAR_FACE_PX * near * self.size,
            depth=depth,
        )

    def is_covered(self, at_s: float) -> bool:
        """Return whether paper hides the face."""
        return any(start <= at_s < end for start, end in self.covered)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedZone:
    """A rectangle (left, top, right, bottom) in shares of the frame."""

    name: str
    kind: str
    corners: tuple[float, float, float, float]
    counter: str | None = None

    @property
    def polygon(self) -> tuple[tuple[float, float], ...]:
        """The corners as the settings want them."""
        left, top, right, bottom = self.corners
        return ((left, top), (right, top), (right, bottom), (left, bottom))

    def contains(self, x: float, y: float) -> bool:
        """Return whether the point lies inside."""
        left, top, right, bottom = self.corners
        return left <= x < right and top <= y < bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """How the camera gives its pictures: its rate, and the shares of those lost and repeated."""

    fps: float = 10.0
    dropped: float = 0.0
    repeated: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One scene, `duration_s` long. `light` is the factor of brightness at a time, `view` how far
    the camera's view is moved then, in shares of the frame; `dark` are the seconds of darkness
    that nobody can look through, at whose start whoever is served counts as cut short.
    """

    name: str
    title: str
    seed: int
    duration_s: float
    people: tuple[Person, ...]
    zones: tuple[ScriptedZone, ...]
    stream: Stream = Stream()
    backs: bool = False
    light: Callable[[float], float] = field(default=lambda _at_s: 1.0)
    view: Callable[[float], tuple[float, float]] = field(default=lambda _at_s: (0.0, 0.0))
    dark: tuple[tuple[float, float], ...] = ()


def jitter(random: Random, value: float, spread: float) -> float:
    """Return `value`, up to `spread` more or less."""
    return value + random.uniform(-spread, spread)
