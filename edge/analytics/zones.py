"""Zones of the picture, and which of them a point lies in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from edge.scene import Box

Point: TypeAlias = tuple[float, float]
"""(x, y) as shares of the frame's width and height, from the top left."""


class ZoneKind(StrEnum):
    """What a zone is for."""

    SERVICE = "service"
    WAITING = "waiting"
    MASK = "mask"


class Begin(StrEnum):
    """What must have been seen of somebody before a stay in a zone can be a visit."""

    FACE = "face"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A named polygon; its sides must not cross. Sizes are shares of the frame.

    `counter` is the one that its visits and waits belong to, None for the device's own. `begin`
    says whether visits need a face: in a zone that sees people from behind they do not.
    """

    name: str
    kind: ZoneKind
    polygon: tuple[Point, ...]
    counter: str | None = None
    begin: Begin = Begin.FACE

    def contains(self, point: Point) -> bool:
        """Return whether `point` lies inside, by counting the sides a ray to the right crosses.

        Of two zones that share a side, at most one contains a point on it: an upper or left side
        belongs to the zone, a lower or right one does not.
        """
        x, y = point
        inside = False
        x1, y1 = self.polygon[-1]
        for x2, y2 in self.polygon:
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
            x1, y1 = x2, y2
        return inside


def polygon_area(polygon: tuple[Point, ...]) -> float:
    """Return the area of `polygon` as a share of the frame (shoelace formula)."""
    twice = 0.0
    x1, y1 = polygon[-1]
    for x2, y2 in polygon:
        twice += x1 * y2 - x2 * y1
        x1, y1 = x2, y2
    return abs(twice) / 2


def crosses_itself(polygon: tuple[Point, ...]) -> bool:
    """Return whether two sides of `polygon` meet elsewhere than at the corner that they share."""
    sides = list(zip(polygon, polygon[1:] + polygon[:1], strict=True))
    for first, (a, b) in enumerate(sides):
        for second in range(first + 1, len(sides)):
            c, d = sides[second]
            if b == c or d == a:  # neighbours: they may only share that corner
                if _folds_back(a, b, d) if b == c else _folds_back(c, d, b):
                    return True
            elif _meet(a, b, c, d):
                return True
    return False


def _folds_back(start: Point, corner: Point, end: Point) -> bool:
    """Return whether the way from `corner` to `end` lies on the way that came from `start`."""
    dot = (start[0] - corner[0]) * (end[0] - corner[0]) + (start[1] - corner[1]) * (
        end[1] - corner[1]
    )
    return _turn(start, corner, end) == 0 and dot > 0


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Return whether the segments a–b and c–d have a point in common."""
    turns = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    touching = zip(turns, ((a, b, c), (a, b, d), (c, d, a), (c, d, b)), strict=True)
    return any(turn == 0 and _between(*points) for turn, points in touching)


def _turn(a: Point, b: Point, c: Point) -> float:
    """Return on which side of a–b the point c lies, 0 on the line itself."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _between(a: Point, b: Point, c: Point) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def anchor(box: Box, width_px: int, height_px: int) -> Point:
    """Return the centre of `box` as shares of a frame of that size, held inside the frame."""
    x, y = box.centre
    return _inside(x / width_px), _inside(y / height_px)


def zone_at(zones: Iterable[Zone], point: Point) -> Zone | None:
    """Return the first service zone that contains `point`, else the first waiting zone, else None.

    Where zones overlap, service wins: who stands at the counter no longer waits.
    """
    waiting = None
    for zone in zones:
        if zone.kind is ZoneKind.MASK or not zone.contains(point):
            continue
        if zone.kind is ZoneKind.SERVICE:
            return zone
        waiting = waiting or zone
    return waiting


def _inside(share: float) -> float:
    return min(max(share, 0.0), 1.0 - 1e-9)
