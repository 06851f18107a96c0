"""The synthetic scene's timeline: who comes in when, where they wait, are served and leave."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from enum import StrEnum

PERIOD_S = 66.0
"""The timeline starts again after this; nobody is in view then."""

FAR_FACE_PX, NEAR_FACE_PX = 28.0, 128.0
_FAR_Y, _NEAR_Y = 0.24, 0.66
_WALK_IN_S, _STEP_UP_S, _WALK_OUT_S = 2.2, 1.8, 2.2
_ENTRANCE_DEPTH, _EXIT_DEPTH = 0.95, 0.28
_OUTSIDE = 0.25  # so far beyond the edge that not even a shoulder shows


class Portrait(StrEnum):
    """Which portrait stands for an actor."""

    ASTRONAUT = "astronaut"
    ADMIRAL = "admiral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """How a portrait is varied: mirrored, clothes in another hue (degrees), lit otherwise."""

    portrait: Portrait
    mirrored: bool = False
    hue_deg: int = 0
    light: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """A place at a time. `x` is a share of the width; depth is 0 at the counter, 1 at the wall."""

    at_s: float
    x: float
    depth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where an actor's face is: centre as shares of the frame, width in pixels of 640."""

    x: float
    y: float
    face_px: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One person of the scene."""

    appearance: Appearance
    path: tuple[Waypoint, ...]
    is_served: bool

    def pose(self, at_s: float) -> Pose | None:
        """Return where the actor is at a time of the timeline, None while away."""
        if not self.path[0].at_s <= at_s < self.path[-1].at_s:
            return None
        index = bisect.bisect_right([point.at_s for point in self.path], at_s)
        start, end = self.path[index - 1], self.path[index]
        share = _ease((at_s - start.at_s) / (end.at_s - start.at_s))
        depth = start.depth + (end.depth - start.depth) * share
        return Pose(
            x=start.x + (end.x - start.x) * share,
            y=_NEAR_Y + (_FAR_Y - _NEAR_Y) * depth,
            face_px=NEAR_FACE_PX + (FAR_FACE_PX - NEAR_FACE_PX) * depth,
        )


def _ease(share: float) -> float:
    """Return a share that starts and stops gently, as walkers do (smoothstep)."""
    return share * share * (3 - 2 * share)


def _served(
    appearance: Appearance,
    *,
    arrives_s: float,
    steps_up_s: float,
    leaves_s: float,
    wait: tuple[float, float],
    counter: tuple[float, float],
) -> Actor:
    """Return someone who waits at `wait` and is served at `counter`, both (x, depth)."""
    enters_left = wait[0] < 0.5
    leaves_left = counter[0] < 0.5
    path = (
        Waypoint(at_s=arrives_s, x=_side(enters_left), depth=_ENTRANCE_DEPTH),
        Waypoint(at_s=arrives_s + _WALK_IN_S, x=wait[0], depth=wait[1]),
        Waypoint(at_s=steps_up_s, x=wait[0], depth=wait[1]),
        Waypoint(at_s=steps_up_s + _STEP_UP_S, x=counter[0], depth=counter[1]),
        Waypoint(at_s=leaves_s, x=counter[0], depth=counter[1]),
        Waypoint(at_s=leaves_s + _WALK_OUT_S, x=_side(leaves_left), depth=_EXIT_DEPTH),
    )
    return Actor(appearance=appearance, path=path, is_served=True)


def _leaves_unserved(
    appearance: Appearance, *, arrives_s: float, leaves_s: float, wait: tuple[float, float]
) -> Actor:
    """Return someone who waits at `wait` and goes away unserved."""
    side = _side(wait[0] < 0.5)
    path = (
        Waypoint(at_s=arrives_s, x=side, depth=_ENTRANCE_DEPTH),
        Waypoint(at_s=arrives_s + _WALK_IN_S, x=wait[0], depth=wait[1]),
        Waypoint(at_s=leaves_s, x=wait[0], depth=wait[1]),
        Waypoint(at_s=leaves_s + _WALK_OUT_S, x=side, depth=_ENTRANCE_DEPTH),
    )
    return Actor(appearance=appearance, path=path, is_served=False)


def _side(left: bool) -> float:
    return -_OUTSIDE if left else 1 + _OUTSIDE


_ADMIRAL = Appearance(portrait=Portrait.ADMIRAL)
_ASTRONAUT = Appearance(portrait=Portrait.ASTRONAUT)

ACTORS = (
    _served(
        _ASTRONAUT,
        arrives_s=0.0, steps_up_s=2.6, leaves_s=10.0, wait=(0.55, 0.80), counter=(0.74, 0.10),
    ),
    _served(
        _ADMIRAL,
        arrives_s=1.5, steps_up_s=8.0, leaves_s=18.0, wait=(0.43, 0.78), counter=(0.26, 0.12),
    ),
    _served(
        Appearance(portrait=Portrait.ASTRONAUT, mirrored=True, hue_deg=190, light=0.9),
        arrives_s=6.0, steps_up_s=13.5, leaves_s=24.0, wait=(0.57, 0.86), counter=(0.73, 0.05),
    ),
    _served(
        Appearance(portrait=Portrait.ADMIRAL, mirrored=True, light=1.1),
        arrives_s=12.0, steps_up_s=20.5, leaves_s=31.0, wait=(0.46, 0.82), counter=(0.27, 0.20),
    ),
    _served(
        Appearance(portrait=Portrait.ASTRONAUT, hue_deg=100),
        arrives_s=20.0, steps_up_s=27.0, leaves_s=37.0, wait=(0.56, 0.75), counter=(0.74, 0.15),
    ),
    _leaves_unserved(
        Appearance(portrait=Portrait.ADMIRAL, light=0.85),
        arrives_s=25.0, leaves_s=39.0, wait=(0.41, 0.92),
    ),
    _served(
        Appearance(portrait=Portrait.ASTRONAUT, mirrored=True, hue_deg=300),
        arrives_s=30.0, steps_up_s=34.5, leaves_s=45.0, wait=(0.48, 0.77), counter=(0.26, 0.0),
    ),
    _served(
        Appearance(portrait=Portrait.ADMIRAL, light=0.95),
        arrives_s=36.0, steps_up_s=40.5, leaves_s=52.0, wait=(0.58, 0.83), counter=(0.73, 0.12),
    ),
    _served(
        Appearance(portrait=Portrait.ASTRONAUT, hue_deg=230, light=0.95),
        arrives_s=44.0, steps_up_s=49.0, leaves_s=60.0, wait=(0.45, 0.79), counter=(0.27, 0.08),
    ),
)  # fmt: skip
