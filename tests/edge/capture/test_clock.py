"""The clock that stamps live frames."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from edge.capture import clock as module
from edge.capture.clock import FrameClock

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
