"""An alert's life: what may follow what, for every state and step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.alerts.alerts import BY_PEOPLE, State, Step, follow
from server.errors import Conflict

ENDS = (Step.ENDED, Step.RESOLVED, Step.MERGED, Step.WITHDRAWN)


@pytest.mark.parametrize("state", [state for state in State if state.is_open])
@pytest.mark.parametrize("step", ENDS)
def test_whatever_was_done_with_it_an_alert_can_end(state, step):
    assert not follow(state, step).is_open


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (state, step)
        for state in (State.RESOLVED, State.WITHDRAWN)
        for step in (*BY_PEOPLE, *ENDS, Step.CHANGED, Step.ESCALATED, Step.WOKEN)
        # What late data contradict is withdrawn also when it has ended.
        if (state, step) != (State.RESOLVED, Step.WITHDRAWN)
    ],
)
def test_what_is_closed_stays_closed_until_it_is_raised_again(state, step):
    with pytest.raises(Conflict):
        follow(state, step)


@pytest.mark.parametrize(
    ("state", "step", "after"),
    [
        (None, Step.RAISED, State.RAISED),
        (State.RAISED, Step.ACKNOWLEDGED, State.ACKNOWLEDGED),
        (State.ACKNOWLEDGED, Step.ASSIGNED, State.ASSIGNED),
        (State.ASSIGNED, Step.SNOOZED, State.SNOOZED),
        (State.SNOOZED, Step.WOKEN, State.RAISED),
        (State.RAISED, Step.ESCALATED, State.RAISED),
        (State.RESOLVED, Step.RAISED_AGAIN, State.RAISED),
        (State.RESOLVED, Step.WITHDRAWN, State.WITHDRAWN),
    ],
)
def test_a_step_leads_where_it_should(state, step, after):
    assert follow(state, step) is after


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (None, Step.ACKNOWLEDGED),
        (State.ASSIGNED, Step.ACKNOWLEDGED),
        (State.RAISED, Step.WOKEN),
        (State.RAISED, Step.RAISED),
        (State.WITHDRAWN, Step.RAISED_AGAIN),
    ],
)
def test_a_step_that_makes_no_sense_is_a_conflict(state, step):
    with pytest.raises(Conflict):
        follow(state, step)


@given(st.lists(st.sampled_from(list(Step)), max_size=40))
def test_no_order_of_steps_leads_out_of_the_states(steps):
    state = follow(None, Step.RAISED)
    for step in steps:
        try:
            state = follow(state, step)
        except Conflict:
            continue
    assert state in set(State)
