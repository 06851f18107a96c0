"""From figures of now to steps: hysteresis, holding, grouping, silence, and raised once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.alerts.alerts import Alert, Figure, Severity, State, Step
from server.alerts.charts import Side
from server.alerts.judging import AGAIN_AFTER, GAP, GONE, Judgement, Place, judge
from server.alerts.rules import Chart, Rule, Said

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
RULE = Rule(
    id="queue",
    version=1,
    valid_from=date(2026, 1, 1),
    name=Said(vi="Hàng chờ", en="Queue"),
    runbook=Said(vi="Mở quầy", en="Open a counter"),
    severity=Severity.SERIOUS,
    source="people_waiting",
    chart=Chart.THRESHOLD,
    side=Side.ABOVE,
    raise_at=10,
    clear_at=5,
    to=("unit",),
)
PLACE = Place(units=10, silenced={})


class Story:
    """Judges figures one after another, as the worker does, and keeps what follows."""

    def __init__(self, rule: Rule = RULE, place: Place = PLACE) -> None:
        self.rule, self.place, self.now = rule, place, NOW
        self.held, self.alerts = {}, []
        self.steps: list[tuple[Step, str | None]] = []

    def see(self, *values: float | None, after_s: float = 10, **figure: object) -> Judgement:
        """Judge the values of the units u0, u1, … after some seconds."""
        self.now += timedelta(seconds=after_s)
        figures = [
            replace(Figure(unit=f"u{i}", value=value, n=1, at=self.now), **figure)
            for i, value in enumerate(values)
        ]
        return self.judge(figures)

    def judge(self, figures: list[Figure]) -> Judgement:
        judged = judge(self.rule, figures, self.held, self.alerts, self.place, self.now)
        self.held = dict(judged.held)
        for move in judged.moves:
            self.steps.append((move.step, move.unit))
            self._apply(move)
        return judged

    def _apply(self, move) -> None:
        if move.step is Step.RAISED:
            self.alerts.append(
                Alert(
                    id=uuid4(),
                    rule=self.rule.id,
                    unit=move.unit,
                    state=State.RAISED,
                    severity=self.rule.severity,
                    raised_at=self.now,
                    subjects=move.subjects,
                    changed_at=self.now,
                )
            )
            return
        (index,) = [i for i, each in enumerate(self.alerts) if each.id == move.alert]
        ended = move.step in (Step.ENDED, Step.MERGED)
        state = {Step.RAISED_AGAIN: State.RAISED}.get(move.step, self.alerts[index].state)
        self.alerts[index] = replace(
            self.alerts[index],
            state=State.RESOLVED if ended else state,
            resolved_at=self.now if ended else None,
            changed_at=self.now,
            subjects=move.subjects or self.alerts[index].subjects,
        )

    def close(self) -> None:
        """Close the newest alert as somebody does."""
        self.alerts[-1] = replace(
            self.alerts[-1],
            state=State.RESOLVED,
            resolved_at=self.now,
            changed_at=self.now,
            closed_by_people=True,
        )


def test_between_the_thresholds_an_alert_neither_begins_nor_ends():
    story = Story()
    for value in (10, 11, 10, 6, 10, 5, 9):
        story.see(value)
    assert story.steps == [(Step.RAISED, "u0"), (Step.ENDED, "u0")]


def test_a_condition_has_to_last():
    story = Story(replace(RULE, hold_s=60))
    for value in (11, 11, 11, 4, 11, 11, 11, 11, 11, 11):
        story.see(value)
    assert story.steps == []
    story.see(11)
    assert story.steps == [(Step.RAISED, "u0")]


def test_after_a_gap_nobody_knows_whether_it_lasted():
    story = Story(replace(RULE, hold_s=60))
    story.see(11)
    story.see(11, after_s=GAP.total_seconds() + 1)
    assert story.steps == []


def test_fewer_than_the_least_n_and_figures_that_are_old_raise_nothing():
    story = Story(replace(RULE, least_n=5))
    story.see(100)
    assert story.steps == []
    story = Story()
    story.see(100, at=NOW - timedelta(days=300))
    assert story.steps == []


def test_what_is_not_known_ends_nothing_until_it_is_gone():
    story = Story()
    story.see(11)
    story.see(None)
    assert story.steps == [(Step.RAISED, "u0")]
    story.see(None, after_s=GONE.total_seconds())
    assert story.steps[-1] == (Step.ENDED, "u0")


def test_an_alert_ends_where_its_unit_or_its_hours_do():
    story = Story(replace(RULE, only_open=True))
    story.see(11)
    story.place = replace(PLACE, closed={"u0"})
    story.see(11)
    assert story.steps[-1] == (Step.ENDED, "u0")
    story = Story()
    story.see(11)
    story.judge([])
    assert story.steps[-1] == (Step.ENDED, "u0")


def test_one_unit_is_one_alert_whatever_number_of_devices():
    story = Story()
    devices = [Figure(unit="u0", subject=f"d{i}", value=20, n=1, at=NOW) for i in range(40)]
    story.judge(devices[:39])
    story.judge(devices)
    assert story.steps == [(Step.RAISED, "u0"), (Step.CHANGED, "u0")]
    assert len(story.alerts[0].subjects) == 40


def test_what_half_of_the_units_show_is_one_cause_of_the_province():
    story = Story(replace(RULE, group_share=0.5))
    story.see(*[11] * 4)
    assert [step for step, _ in story.steps] == [Step.RAISED] * 4
    story.see(*[11] * 5)
    assert story.steps[4:] == [(Step.RAISED, None), *[(Step.MERGED, f"u{i}") for i in range(4)]]
    before = len(story.steps)
    story.see(*[11] * 3)
    assert story.steps[before:] == [], "a half that comes and goes is one cause until a quarter"
    story.see(11, 11)
    assert (Step.ENDED, None) in story.steps[before:]


def test_what_explains_it_silences_it_and_takes_it_over():
    story = Story(place=replace(PLACE, silenced={"u0": "device_silent"}))
    story.see(11, 11)
    assert story.steps == [(Step.RAISED, "u1")]
    story.place = replace(PLACE, silenced={None: "ingest_behind"})
    story.see(11, 11)
    assert story.steps[1:] == [(Step.MERGED, "u1")]


def test_a_cause_that_comes_back_soon_is_the_same_alert():
    story = Story(replace(RULE, again_within_s=600))
    story.see(11)
    story.see(4)
    story.see(11, after_s=599)
    assert story.steps[-1] == (Step.RAISED_AGAIN, "u0")
    story.see(4)
    story.see(11, after_s=700)
    assert story.steps[-1] == (Step.RAISED, "u0")
    assert len(story.alerts) == 2


def test_what_somebody_closed_is_silent_while_it_lasts_for_some_hours():
    story = Story()
    story.see(11)
    story.close()
    for _ in range(5):
        story.see(11, after_s=100)
    assert len(story.steps) == 1
    hours = int(AGAIN_AFTER.total_seconds() / 100)
    for _ in range(hours):
        story.see(11, after_s=100)
    assert story.steps[1:] == [(Step.RAISED_AGAIN, "u0")]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 6.0, 11.0, None]),
            st.sampled_from([0.0, 11.0]),
            st.integers(1, 900),
        ),
        max_size=60,
    )
)
def test_there_is_never_more_than_one_open_alert_of_a_cause_and_it_ends_with_it(seen):
    story = Story(replace(RULE, hold_s=30))
    for first, second, after_s in seen:
        story.see(first, second, after_s=after_s)
        open_ = [alert.unit for alert in story.alerts if alert.state.is_open]
        assert len(open_) == len(set(open_))
    story.see(0.0, 0.0)
    assert not any(alert.state.is_open for alert in story.alerts)


@pytest.mark.parametrize("side", list(Side))
def test_below_is_the_mirror_image_of_above(side):
    sign = side.sign
    rule = replace(RULE, source="nobody_served", side=side, raise_at=5 + 2 * sign, clear_at=5)
    story = Story(rule)
    for away in (1, 3, 1, 0):
        story.see(5 + sign * away)
    assert story.steps == [(Step.RAISED, "u0"), (Step.ENDED, "u0")]
