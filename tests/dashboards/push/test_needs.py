"""What walls call a need: each place's gravest open alert."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboards.api.alerts import Alert
from dashboards.push.needs import Gravity, needs_of

NOON = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)


def alert(
    unit: str | None, severity: str, *, state: str = "raised", minutes: int = 0, rule: str = "x"
) -> Alert:
    return Alert(
        id=f"{unit} {rule}",
        rule=rule,
        name_vi=rule,
        name_en=rule,
        severity=severity,
        state=state,
        raised_at=NOON + timedelta(minutes=minutes),
        n=1,
        unit=unit,
    )


def test_each_place_has_one_need_the_gravest_first_then_the_oldest() -> None:
    found = needs_of(
        (
            alert("a", "notice"),
            alert("a", "serious", minutes=9, rule="y"),
            alert("b", "serious", minutes=3),
            alert(None, "notice"),
            alert("c", "notice", minutes=-1),
        )
    )
    assert [(need.scope, need.gravity, need.others) for need in found] == [
        ("subtree:b", Gravity.ACT, 0),
        ("subtree:a", Gravity.ACT, 1),
        ("subtree:c", Gravity.WATCH, 0),
        ("province", Gravity.WATCH, 0),
    ]


@pytest.mark.parametrize(
    ("severity", "state", "pins"),
    [
        ("critical", "raised", True),
        ("critical", "acknowledged", False),
        ("critical", "assigned", False),
        ("serious", "raised", False),
        ("of a later release", "raised", False),
    ],
)
def test_a_critical_alert_that_nobody_has_taken_pins_its_scene(
    severity: str, state: str, *, pins: bool
) -> None:
    (need,) = needs_of((alert("a", severity, state=state),))
    assert need.pins == pins


def test_what_nobody_has_taken_stands_before_what_somebody_has() -> None:
    taken = alert("a", "critical", state="assigned", minutes=-60)
    assert [need.scope for need in needs_of((taken, alert("b", "critical")))] == [
        "subtree:b",
        "subtree:a",
    ]


def test_what_somebody_has_put_off_is_no_need() -> None:
    assert needs_of((alert("a", "critical", state="snoozed"),)) == ()
