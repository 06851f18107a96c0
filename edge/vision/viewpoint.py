"""Whether a camera still looks where it did: fixed corners of the room, compared with before.

The corners' descriptors stay in memory like everything that pictures give; a new start looks anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scene import Box, Image

MOVED_AFTER = timedelta(seconds=5)
"""A shaken camera and a crowd in front of it are over sooner."""

SAME_SHARE = 0.3
"""A region of the picture is as before while so many of its fixed corners are in their places."""

LOST_REGIONS = 0.7
"""Who has stood still for long and goes, or a crowd, changes some regions; a turned camera all."""

_EVERY = timedelta(seconds=1)
_WIDTH_PX = 320
_CORNERS = 800
_FAST_THRESHOLD = 10
_CELL_PX, _PER_CELL = 32, 3
_SAME_BITS = 64  # of 256: ORB's own authors match below that
_FEWEST_FIXED = 12
_REGION_PX, _FEWEST_REGIONS = 64, 4
_ASIDE = ((8, 0), (-8, 0), (0, 8), (0, -8), (20, 0), (0, 20))
_FIXED_LOOKS, _FIXED_SHARE = 10, 0.7
_RENEW_EVERY = 20
_MASK_MARGIN_PX = 31
_DARK_MEAN = 20.0
_BODY_WIDTHS, _BODY_HEIGHTS = 1.6, 4.0


class Viewpoint:
    """Knows the corners of the room that stay where they are (ORB, Rublee et al. 2011).

    Corners on people come and go. What changes in the room itself is learnt in time, as long as
    most of the rest stays.
    """

    def __init__(self) -> None:
        self._orb = cv2.ORB_create(_CORNERS, fastThreshold=_FAST_THRESHOLD)  # type: ignore[attr-defined]
        self._looked_at: datetime | None = None
        self._steady_at: datetime | None = None
        self._points = np.empty((0, 2), np.float32)
        self._descriptors = np.empty((0, 32), np.uint8)
        self._looks = np.empty(0, np.int32)
        self._seen = np.empty(0, np.int32)
        self._count = 0

    def has_moved(self, image: Image, now: datetime, people: Sequence[Box] = ()) -> bool:
        """Return whether the view has been another one for `MOVED_AFTER`; one look a second.

        `people` are where people were found, in pixels of `image`: nothing is learnt there.
        """
        if self._steady_at is None or now < self._steady_at:
            self._steady_at = now
        if self._looked_at is None or not self._looked_at <= now < self._looked_at + _EVERY:
            self._looked_at = now
            grey = _small_grey(image)
            self._look(grey, _free_of(people, grey.shape, image.shape), now)
        return now - self._steady_at >= MOVED_AFTER

    def _look(self, grey: NDArray[np.uint8], free: NDArray[np.uint8], now: datetime) -> None:
        if grey.mean() <= _DARK_MEAN:  # darkness tells nothing
            self._steady_at = now
            return
        here = self._are_here(grey)
        columns, rows = self._points.astype(int).T
        in_sight = free[rows, columns] > 0
        fixed = (self._looks >= _FIXED_LOOKS) & (self._seen >= _FIXED_SHARE * self._looks)
        fixed &= in_sight
        if fixed.sum() >= _FEWEST_FIXED and _is_lost(self._points[fixed], here[fixed]):
            return
        self._steady_at = now
        self._looks += in_sight
        self._seen += here & in_sight
        if self._count % _RENEW_EVERY == 0:
            self._renew(grey, free)
        self._count += 1

    def _are_here(self, grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Return which of the known corners look as before, at their places."""
        return self._look_like(grey, self._points, self._descriptors)

    def _look_like(
        self, grey: NDArray[np.uint8], points: NDArray[np.float32], known: NDArray[np.uint8]
    ) -> NDArray[np.bool_]:
        """Return at which points the picture looks as the `known` descriptors say."""
        alike = np.zeros(len(points), bool)
        places = [
            cv2.KeyPoint(float(x), float(y), _MASK_MARGIN_PX, class_id=number)
            for number, (x, y) in enumerate(points)
        ]
        kept, descriptors = self._orb.compute(grey, places)
        if descriptors is not None and len(kept):
            numbers = np.array([place.class_id for place in kept])
            apart = np.bitwise_count(descriptors ^ known[numbers]).sum(axis=1)
            alike[numbers] = apart <= _SAME_BITS
        return alike

    def _are_distinct(
        self, grey: NDArray[np.uint8], points: NDArray[np.float32], descriptors: NDArray[np.uint8]
    ) -> NDArray[np.bool_]:
        """Return which points look otherwise a little aside: along a straight edge they do not."""
        distinct = np.ones(len(points), bool)
        for x, y in _ASIDE:
            repeated = self._look_like(grey, points + np.array((x, y), np.float32), descriptors)
            distinct &= ~repeated
        return distinct

    def _renew(self, grey: NDArray[np.uint8], free: NDArray[np.uint8]) -> None:
        """Forget corners that went away, and take new ones where there are few."""
        keep = (self._looks < _FIXED_LOOKS) | (self._seen >= _FIXED_SHARE / 2 * self._looks)
        margin = np.ones((_MASK_MARGIN_PX, _MASK_MARGIN_PX), np.uint8)
        seen = ((grey > 0) & (free > 0)).astype(np.uint8)
        allowed = cv2.erode(seen, margin)  # a mask's corners never move
        found = sorted(self._orb.detect(grey, allowed), key=lambda place: -place.response)
        counts: dict[tuple[int, int], int] = {}
        for x, y in self._points[keep]:
            cell = int(x) // _CELL_PX, int(y) // _CELL_PX
            counts[cell] = counts.get(cell, 0) + 1
        fresh = []
        for place in found:
            cell = int(place.pt[0]) // _CELL_PX, int(place.pt[1]) // _CELL_PX
            if counts.get(cell, 0) < _PER_CELL:
                counts[cell] = counts.get(cell, 0) + 1
                x, y = place.pt
                fresh.append(cv2.KeyPoint(x, y, _MASK_MARGIN_PX))
        kept, descriptors = self._orb.compute(grey, fresh)
        if descriptors is None:
            kept, descriptors = (), np.empty((0, 32), np.uint8)
        points = np.array([place.pt for place in kept], np.float32).reshape(-1, 2)
        distinct = self._are_distinct(grey, points, descriptors)
        points, descriptors = points[distinct], descriptors[distinct]
        none = np.zeros(len(points), np.int32)
        self._points = np.concatenate([self._points[keep], points])
        self._descriptors = np.concatenate([self._descriptors[keep], descriptors])
        self._looks = np.concatenate([self._looks[keep], none])
        self._seen = np.concatenate([self._seen[keep], none])


def _is_lost(points: NDArray[np.float32], here: NDArray[np.bool_]) -> bool:
    """Return whether most regions have lost their corners; without several it cannot be told."""
    regions = [tuple(region) for region in (points // _REGION_PX).astype(int)]
    of_region: dict[tuple[int, ...], list[bool]] = {}
    for region, is_here in zip(regions, here, strict=True):
        of_region.setdefault(region, []).append(bool(is_here))
    lost = [sum(ones) < SAME_SHARE * len(ones) for ones in of_region.values()]
    return len(lost) >= _FEWEST_REGIONS and sum(lost) >= LOST_REGIONS * len(lost)


def _free_of(
    people: Sequence[Box], small: tuple[int, ...], full: tuple[int, ...]
) -> NDArray[np.uint8]:
    """Return a small picture that is 0 where people are, by the boxes of their heads, else 1."""
    free = np.ones(small[:2], np.uint8)
    scale = small[1] / full[1]
    for head in people:
        (x, y), width = head.centre, head.width
        left, right = x - _BODY_WIDTHS * width, x + _BODY_WIDTHS * width
        top, bottom = y - width, y + _BODY_HEIGHTS * width
        part = [max(0, int(value * scale)) for value in (top, bottom, left, right)]
        free[part[0] : part[1], part[2] : part[3]] = 0
    return free


def _small_grey(image: Image) -> NDArray[np.uint8]:
    height_px = round(_WIDTH_PX * image.shape[0] / image.shape[1])
    small = cv2.resize(image, (_WIDTH_PX, height_px), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
