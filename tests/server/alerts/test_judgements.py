"""A rule that cannot be judged keeps no other from being judged, and loses nothing itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from server.alerts.alerts import Alert, Figure, Severity, State, Step
from server.alerts.judgements import Moment, Together, judge_together
from server.alerts.judging import Held
from tests.server.alerts.test_judging import NOW, RULE

BROKEN = replace(RULE, id="broken", source="outbox_depth")
SILENCED = replace(RULE, silenced_by=("broken",))
MOMENT = Moment(now=NOW, units=10, closed=())
WRONG = Figure(unit="u0", value="eleven", n=1, at=NOW)  # type: ignore[arg-type]
FIGURES = {
    "outbox_depth": [WRONG],
    RULE.source: [Figure(unit=f"u{each}", value=11, n=1, at=NOW) for each in range(2)],
}
SINCE = NOW - timedelta(minutes=1)
HELD = {"broken": {("u0", ""): Held(since=SINCE, seen_at=SINCE)}}


def judge(rule=RULE, alerts=(), *, strict: bool = False) -> Together:
    return judge_together((BROKEN, rule), FIGURES, HELD, alerts, MOMENT, strict=strict)


def test_the_others_are_judged_and_the_rule_is_told_apart():
    judged = judge()
    assert [(move.step, move.rule, move.unit) for move in judged.moves] == [
        (Step.RAISED, "queue", "u0"),
        (Step.RAISED, "queue", "u1"),
    ]
    assert [(rule, type(error)) for rule, error in judged.unjudged.items()] == [
        ("broken", TypeError)
    ]


def test_a_rule_whose_figures_could_not_be_read_is_told_apart_as_well():
    gone = OSError("gone")
    judged = judge_together(
        (BROKEN, RULE), {RULE.source: []}, HELD, (), MOMENT, unread={"outbox_depth": gone}
    )
    assert judged.unjudged == {"broken": gone}
    assert judged.held["broken"] == HELD["broken"]


def test_its_conditions_stay_as_they_were_and_its_alerts_go_on_explaining_others():
    open_ = Alert(
        id=uuid4(),
        rule="broken",
        unit="u0",
        state=State.RAISED,
        severity=Severity.SERIOUS,
        raised_at=SINCE,
        subjects=(),
        changed_at=SINCE,
    )
    judged = judge(SILENCED, (open_,))
    assert judged.held["broken"] == HELD["broken"]
    assert [(move.rule, move.unit) for move in judged.moves] == [("queue", "u1")]


def test_what_is_tried_on_the_past_is_not_taken_for_silence():
    with pytest.raises(TypeError):
        judge(strict=True)
