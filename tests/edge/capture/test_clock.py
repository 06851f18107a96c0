"""The clock that stamps live frames."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from edge.capture import clock as module
from edge.capture.clock import CaptureTimes, FrameClock

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


@pytest.fixture
def clocks(monkeypatch):
    """The system's and the monotonic clock, set by hand."""
    hands = SimpleNamespace(system=NOON, monotonic_s=100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: hands.monotonic_s))
    monkeypatch.setattr(module, "datetime", SimpleNamespace(now=lambda zone: hands.system))
    return hands


@pytest.mark.parametrize(
    ("passed_s", "system_s", "now_s"),
    [
        (10, 10, 10),
        (10, 10.4, 10),  # slewed: the even clock is the better one
        (10, 3610, 3610),  # set: an hour ahead
        (10, -50, -50),  # set back
    ],
)
def test_it_runs_evenly_and_follows_when_the_clock_is_set(clocks, passed_s, system_s, now_s):
    frame_clock = FrameClock()
    clocks.monotonic_s += passed_s
    clocks.system += timedelta(seconds=system_s)
    assert frame_clock.now() == NOON + timedelta(seconds=now_s)
    clocks.monotonic_s += 1
    clocks.system += timedelta(seconds=1)
    assert frame_clock.now() == NOON + timedelta(seconds=now_s + 1)


def test_it_never_goes_back_by_itself():
    frame_clock = FrameClock()
    times = [frame_clock.now() for _ in range(1000)]
    assert times == sorted(times)
    assert time.time() - times[-1].timestamp() == pytest.approx(0, abs=1.5)


@pytest.fixture
def arrive(clocks):
    """Let pictures arrive so many seconds after the first; return their times of capture."""

    def run(stamps_s, arrivals_s):
        times, began_s, captured_s = CaptureTimes(FrameClock()), clocks.monotonic_s, []
        for stamp_s, arrival_s in zip(stamps_s, arrivals_s, strict=True):
            clocks.monotonic_s = began_s + arrival_s
            clocks.system = NOON + timedelta(seconds=arrival_s)
            captured_s.append((times.at(stamp_s) - NOON).total_seconds())
        return captured_s

    return run


@pytest.mark.parametrize(
    ("stamps_s", "arrivals_s", "captured_s"),
    [
        ([7, 7.1, 7.2, 7.3], [0, 0.1, 0.2, 0.3], [0, 0.1, 0.2, 0.3]),
        ([7, 7.1, 7.2, 7.3, 7.4], [0, 0.1, 0.9, 0.9, 0.9], [0, 0.1, 0.2, 0.3, 0.4]),  # held up
        ([7, 7.1, 7.2], [0, 0.05, 0.15], [0, 0.05, 0.15]),  # the first one had been late
        ([7, 7.1, 0, 0.1], [0, 0.1, 2, 2.1], [0, 0.1, 2, 2.1]),  # the camera has begun anew
        ([7, 7.1, 7.2], [0, 0.1, 60], [0, 0.1, 60]),  # no queue is that long
        ([None, None], [0, 0.3], [0, 0.3]),
    ],
)
def test_live_pictures_have_the_time_of_their_capture(arrive, stamps_s, arrivals_s, captured_s):
    assert arrive(stamps_s, arrivals_s) == pytest.approx(captured_s, abs=0.002)
