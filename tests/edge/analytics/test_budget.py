"""How often and at which size to detect, from what it costs."""

from __future__ import annotations

import pytest

from edge.analytics.budget import (
    MOST_EVERY,
    WALKERS_PER_S,
    MeasuredCosts,
    budget_ms,
    choose,
    next_pace,
)

COSTS = MeasuredCosts(frame_ms=1, detect_ms={640: 20.0, 448: 10.0, 320: 5.0}, other_ms_per_s=20)


@pytest.mark.parametrize(
    ("slowness", "width_px", "every", "fits"),
    [
        (1, 640, 1, True),  # 10 + 200 + 20 of 700 ms
        (4, 640, 2, True),  # 4 x (10 + 100 + 20) = 520
        (8, 640, 4, False),
        (8, 448, 2, True),  # 8 x (10 + 50 + 20) = 640
        (100, 320, 5, False),
    ],
)
def test_it_follows_walkers_first_and_then_looks_at_small_faces(slowness, width_px, every, fits):
    found = choose(COSTS, slowness=slowness)
    if (width_px, every) == (640, 4):
        assert found.input_width_px < 640
        return
    assert (found.input_width_px, found.detect_every, found.fits) == (width_px, every, fits)
    assert found.detections_per_s >= WALKERS_PER_S or not fits


def test_a_hot_device_plans_for_less():
    assert budget_ms(None) == budget_ms(60) > budget_ms(72) > budget_ms(85)


@pytest.mark.parametrize(
    ("every", "wanted", "busy", "hot", "expected"),
    [
        (1, 1, 0.3, None, 1),
        (1, 1, 0.9, None, 2),
        (1, 1, 0.6, 85, 2),
        (MOST_EVERY, 1, 0.9, None, MOST_EVERY),
        (3, 1, 0.2, None, 2),
        (3, 1, 0.5, None, 3),
        (3, 3, 0.1, None, 3),
        (8, 8, 0.9, None, 8),
    ],
)
def test_the_pace_follows_how_busy_the_device_is(every, wanted, busy, hot, expected):
    assert next_pace(every, wanted=wanted, busy_share=busy, temperature_c=hot) == expected
