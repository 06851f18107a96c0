from datetime import UTC, datetime, timedelta

import pytest

from dashboards.api.server_clock import ServerClock

NOON = datetime(2026, 10, 16, 5, 0, tzinfo=UTC)


def test_time_is_unknown_before_the_first_update() -> None:
    assert ServerClock().now(monotonic_s=10.0) is None


def test_time_goes_on_with_the_monotonic_clock() -> None:
    clock = ServerClock()
    clock.follow(NOON, monotonic_s=100.0)
    assert clock.now(monotonic_s=102.5) == NOON + timedelta(seconds=2.5)


@pytest.mark.parametrize(
    ("computed_after_s", "arrived_after_s", "now_after_s"),
    [
        pytest.param(5.0, 5.3, 5.3, id="a delayed update does not set the clock back"),
        pytest.param(5.2, 5.0, 5.2, id="a less delayed one sets it right"),
        pytest.param(3605.0, 5.0, 3605.0, id="a clock stepped ahead is followed"),
        pytest.param(-3595.0, 5.0, -3595.0, id="a clock stepped back is followed"),
        pytest.param(0.5, 45.0, 45.0, id="a update that hung does not set the clock back"),
    ],
)
def test_the_least_delayed_update_says_the_time(
    computed_after_s: float, arrived_after_s: float, now_after_s: float
) -> None:
    clock = ServerClock()
    clock.follow(NOON, monotonic_s=0.0)
    clock.follow(NOON + timedelta(seconds=computed_after_s), monotonic_s=arrived_after_s)
    assert clock.now(monotonic_s=arrived_after_s) == NOON + timedelta(seconds=now_after_s)


def test_a_clock_that_drifts_is_set_right_once_every_update_was_late_for_a_minute() -> None:
    clock = ServerClock()
    clock.follow(NOON, monotonic_s=0.0)
    for arrived_s in range(5, 61, 5):
        clock.follow(NOON + timedelta(seconds=arrived_s - 0.8), monotonic_s=arrived_s)
        assert clock.now(monotonic_s=arrived_s) == NOON + timedelta(seconds=arrived_s)
    clock.follow(NOON + timedelta(seconds=65 - 0.9), monotonic_s=65.0)
    assert clock.now(monotonic_s=65.0) == NOON + timedelta(seconds=65 - 0.8)


def test_one_update_on_time_is_enough_to_go_on() -> None:
    clock = ServerClock()
    clock.follow(NOON, monotonic_s=0.0)
    for arrived_s in range(5, 106, 5):
        delay_s = 0.1 if arrived_s == 50 else 3.0
        clock.follow(NOON + timedelta(seconds=arrived_s - delay_s), monotonic_s=arrived_s)
    assert clock.now(monotonic_s=105.0) == NOON + timedelta(seconds=105)
