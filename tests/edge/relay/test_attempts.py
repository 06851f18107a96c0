"""When the broker is tried again."""

from __future__ import annotations

import pytest

from edge.relay.attempts import Attempts


@pytest.mark.parametrize(
    ("failures", "pause_s"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (7, 30), (10_000, 30)]
)
def test_pauses_double_up_to_half_a_minute(failures: int, pause_s: float) -> None:
    assert Attempts(failures=failures).pause_s(0.0) == pause_s
    assert Attempts(failures=failures).pause_s(1.0) == pause_s / 2


def test_outage_is_counted_from_its_first_failure() -> None:
    attempts = Attempts().failed(100).failed(103)
    assert attempts.failures == 2
    assert attempts.away_s(160) == 60
    assert Attempts().away_s(160) == 0
