"""Privacy masks on pixels."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.zones import Zone, ZoneKind
from edge.capture.masks import MaskPainter

from .clips import picture


def mask(*polygon):
    return Zone(name="officer", kind=ZoneKind.MASK, polygon=polygon)


def test_masked_pixels_are_black_and_others_untouched():
    image = MaskPainter([mask((0, 0.5), (1, 0.5), (1, 1), (0, 1))]).paint(picture(200))
    assert not image[24:].any()
    assert (image[:24] == 200).all()


def test_other_zones_paint_nothing():
    zone = Zone(name="counter", kind=ZoneKind.SERVICE, polygon=((0, 0), (1, 0), (1, 1)))
    assert (MaskPainter([zone]).paint(picture(200)) == 200).all()


def test_masks_that_overlap_cover_what_either_covers_and_nothing_else():
    first, second = (
        mask((0, 0), (0.6, 0), (0.6, 1), (0, 1)),
        mask((0.4, 0), (1, 0), (1, 0.5), (0.4, 0.5)),
    )
    whole = picture(200, 80, 80)
    both = MaskPainter([first, second]).paint(whole.copy())
    apart = [MaskPainter([each]).paint(whole.copy()) for each in (first, second)]
    assert (both == np.minimum(*apart)).all()
    assert both[60:, 60:].all()


def test_a_picture_that_changes_its_size_is_masked_at_each():
    painter = MaskPainter([mask((0, 0.5), (1, 0.5), (1, 1), (0, 1))])
    for width_px, height_px in ((64, 48), (48, 64), (3840, 2160), (64, 48)):
        image = painter.paint(picture(200, width_px, height_px))
        assert not image[height_px // 2 + 1 :].any()
        assert image[: height_px // 2 - 1].all()


@settings(deadline=None)
@given(
    st.integers(8, 80),
    st.integers(8, 80),
    st.tuples(*[st.floats(0.05, 0.45)] * 2),
    st.tuples(*[st.floats(0.55, 0.95)] * 2),
)
def test_no_pixel_whose_centre_is_masked_survives(width_px, height_px, first, last):
    zone = mask(first, (last[0], first[1]), last, (first[0], last[1]))
    image = MaskPainter([zone]).paint(picture(200, width_px, height_px))
    rows, columns = np.nonzero(image[..., 0])
    survivors = zip((columns + 0.5) / width_px, (rows + 0.5) / height_px, strict=True)
    assert not any(zone.contains(point) for point in survivors)
