"""Clocks measured by heartbeats: live ones count, waiting ones do not, and a step shows at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contract.messages import DeviceStatus
from contract.readings import ClockTrust
from contract.topics import Address
from server.devices.clocks import judge
from server.ingest.clocks import ClockWatch
from tests.server import build

NOW = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
MINUTES_30 = 1800.0


def unit(number: int) -> Address:
    return Address(unit=f"u{number}", counter="quay-1", device=f"edge-{number}")


def beat(
    watch: ClockWatch,
    address: Address = build.HERE,
    *,
    ahead_s: float = 0.0,
    sent_s: tuple[float, ...] = (0, 10),
    came_s: tuple[float, ...] | None = None,
    **fields: object,
) -> None:
    """Send heartbeats of a device whose clock is ahead of true time; NOW is second 0."""
    for sent, came in zip(sent_s, came_s or sent_s, strict=True):
        at = NOW + timedelta(seconds=sent + ahead_s)
        watch.note(address, build.health(at, **fields), came)


def offset_s(watch: ClockWatch, *, server_ahead_s: float = 0.0) -> float | None:
    now = NOW + timedelta(seconds=20 + server_ahead_s)
    found = watch.offsets_s(now, 20.0).get(build.HERE)
    return None if found is None else round(found, 3)


@pytest.mark.parametrize("ahead_s", [-1800.0, -4.0, 0.0, 240.0, 1800.0])
def test_two_live_heartbeats_measure_a_devices_clock(ahead_s):
    watch = ClockWatch()
    beat(watch, ahead_s=ahead_s)
    assert offset_s(watch) == -ahead_s


def test_heartbeats_that_waited_in_a_queue_measure_nothing():
    watch = ClockWatch()
    beat(watch, sent_s=(-3600, -3590, -3580), came_s=(1, 1.1, 1.2))
    assert offset_s(watch) is None
    beat(watch, sent_s=(10, 20), came_s=(10, 20))
    assert offset_s(watch) == 0


def test_last_wills_measure_nothing():
    watch = ClockWatch()
    beat(watch, status=DeviceStatus.OFFLINE)
    assert offset_s(watch) is None


def test_a_step_of_the_servers_clock_shows_at_once():
    watch = ClockWatch()
    beat(watch)
    assert offset_s(watch, server_ahead_s=-MINUTES_30) == -MINUTES_30


def state(watch: ClockWatch, server_ahead_s: float, now_s: float = 20.0) -> ClockTrust:
    now = NOW + timedelta(seconds=now_s + server_ahead_s)
    return watch.server_clock(now, now_s).state


@pytest.mark.parametrize("server_ahead_s", [-MINUTES_30, MINUTES_30])
def test_server_is_suspect_when_most_synchronised_devices_disagree_alike(server_ahead_s):
    watch = ClockWatch()
    for number in range(3):
        beat(watch, unit(number), clock_synchronised=True)
    beat(watch, unit(3), ahead_s=-900, clock_synchronised=True)
    assert state(watch, 0) is ClockTrust.CONFIRMED
    assert state(watch, server_ahead_s) is ClockTrust.SUSPECT


def test_devices_that_do_not_say_synchronised_judge_nobody():
    watch = ClockWatch()
    for number, says in enumerate([True, True, False, None, None]):
        beat(watch, unit(number), clock_synchronised=says)
    assert state(watch, -MINUTES_30) is ClockTrust.UNKNOWN


def test_devices_that_fell_silent_judge_nobody():
    watch = ClockWatch()
    for number in range(3):
        beat(watch, unit(number), clock_synchronised=True)
    assert state(watch, -MINUTES_30, now_s=71) is ClockTrust.UNKNOWN


@pytest.mark.parametrize(
    ("offsets_s", "expected"),
    [
        ([0, 0], ClockTrust.UNKNOWN),
        ([0, 0, 29], ClockTrust.CONFIRMED),
        ([31, 31, 31], ClockTrust.SUSPECT),
        ([0, 0, 900, 901], ClockTrust.UNKNOWN),
        ([0, 900, 1800], ClockTrust.UNKNOWN),
        ([0, 900, 901, 902], ClockTrust.SUSPECT),
    ],
)
def test_most_of_at_least_three_have_to_say_the_same(offsets_s, expected):
    assert judge(offsets_s).state is expected
