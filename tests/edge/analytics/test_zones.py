"""Zones: which points they contain."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.analytics.zones import Zone, ZoneKind, anchor, crosses_itself, polygon_area, zone_at
from edge.scene import Box

SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
ARROW = ((0.1, 0.1), (0.9, 0.5), (0.1, 0.9), (0.4, 0.5))  # with a notch on the left

shares = st.floats(0, 1, allow_nan=False)
points = st.tuples(shares, shares)


def zone(polygon, kind=ZoneKind.SERVICE, name="z"):
    return Zone(name=name, kind=kind, polygon=tuple(polygon))


@pytest.mark.parametrize(
    ("polygon", "point", "inside"),
    [
        (SQUARE, (0.5, 0.5), True),
        (SQUARE, (0.2, 0.5), True),  # on the left side
        (SQUARE, (0.8, 0.5), False),  # on the right side: the neighbour's
        (SQUARE, (0.5, 0.2), True),
        (SQUARE, (0.5, 0.8), False),
        (SQUARE, (0.1, 0.5), False),
        (SQUARE, (0.5, 0.9), False),
        (ARROW, (0.2, 0.5), False),  # in the notch
        (ARROW, (0.5, 0.5), True),
        (ARROW, (0.2, 0.2), True),
    ],
)
def test_a_point_is_inside_or_not(polygon, point, inside):
    assert zone(polygon).contains(point) is inside


@settings(deadline=None)
@given(points)
def test_two_halves_share_no_point_and_leave_none_out(point):
    assume(max(point) < 1)
    left = zone([(0, 0), (0.5, 0), (0.5, 1), (0, 1)])
    right = zone([(0.5, 0), (1, 0), (1, 1), (0.5, 1)])
    assert left.contains(point) is not right.contains(point)


@settings(deadline=None)
@given(points, st.integers(0, 3), st.booleans())
def test_neither_the_first_corner_nor_the_sense_matters(point, turn, backwards):
    corners = SQUARE[turn:] + SQUARE[:turn]
    again = zone(corners[::-1] if backwards else corners)
    assert again.contains(point) is zone(SQUARE).contains(point)


@settings(deadline=None)
@given(points, st.integers(3, 12), st.floats(0.05, 0.45), st.floats(0, math.tau))
def test_a_regular_polygon_agrees_with_its_half_planes(point, corners, radius, turn):
    around = [turn + math.tau * k / corners for k in range(corners)]
    polygon = [(0.5 + radius * math.cos(a), 0.5 + radius * math.sin(a)) for a in around]
    distances = [
        (x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1)
        for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True)
    ]
    assume(min(abs(distance) for distance in distances) > 1e-9)
    assert zone(polygon).contains(point) is all(distance > 0 for distance in distances)


@pytest.mark.parametrize(
    ("polygon", "area"), [(SQUARE, 0.36), (SQUARE[::-1], 0.36), (((0, 0), (1, 1), (0.5, 0.5)), 0.0)]
)
def test_area_of_a_polygon(polygon, area):
    assert polygon_area(tuple(polygon)) == pytest.approx(area)


def test_service_wins_over_waiting_and_masks_are_nobody_s_place():
    everywhere = ((0, 0), (1, 0), (1, 1), (0, 1))
    zones = [
        zone(everywhere, ZoneKind.MASK, "mask"),
        zone(everywhere, ZoneKind.WAITING, "waiting"),
        zone(SQUARE, ZoneKind.SERVICE, "service"),
    ]
    assert zone_at(zones, (0.5, 0.5)).name == "service"
    assert zone_at(zones, (0.1, 0.1)).name == "waiting"
    assert zone_at(zones[:1], (0.5, 0.5)) is None


def test_the_anchor_of_a_box_beyond_the_edge_stays_inside():
    box = Box(left=600, top=-80, right=760, bottom=20)
    x, y = anchor(box, 640, 480)
    assert y == 0
    assert 0.999 < x < 1


@pytest.mark.parametrize(
    ("polygon", "crosses"),
    [
        ([(0, 0), (1, 0), (1, 1), (0, 1)], False),
        ([(0, 0), (1, 1), (1, 0), (0, 1)], True),
        ([(0, 0), (1, 0), (0.5, 0.5), (1, 1), (0, 1)], False),
        ([(0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)], True),  # a corner on another side
        ([(0, 0), (1, 0), (0.5, 0), (0.5, 1)], True),  # a side that comes back on itself
        ([(0, 0), (0.5, 0), (1, 0), (1, 1)], False),  # a corner on a straight side
        ([(0, 0), (1, 0), (1, 1), (0, 0), (0, 1)], True),  # a corner twice
    ],
)
def test_sides_that_cross_are_found(polygon, crosses):
    assert crosses_itself(tuple(polygon)) is crosses
    assert crosses_itself(tuple(reversed(polygon))) is crosses
