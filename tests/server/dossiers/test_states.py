"""A dossier's state follows from its events by the counting rules, in whatever order they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.calendars.calendars import Calendar, Rules
from server.calendars.holidays import VietnameseHolidays
from server.dossiers.dossiers import Event, EventKind, Supplement
from server.dossiers.states import DossierState, Timeliness, state_of
from tests.server.dossiers.given import BIRTH, at, event, record

CALENDAR = Calendar(Rules(), VietnameseHolidays())
FIVE_DAYS = replace(BIRTH, limit_days=5)


def state(*events: Event, procedure=BIRTH, **fields: object) -> DossierState:
    return state_of(record(**fields), events, procedure, CALENDAR)


@pytest.mark.parametrize(
    ("processed", "timeliness"),
    [
        ("2026-06-04T16:59", Timeliness.BEFORE),
        ("2026-06-05T07:30", Timeliness.ON),
        ("2026-06-05T17:00", Timeliness.ON),
        ("2026-06-05T17:00:01", Timeliness.AFTER),
        ("2026-06-08T08:00", Timeliness.AFTER),
    ],
)
def test_end_is_compared_with_the_promised_date(processed, timeliness):
    found = state(promised_at=at("2026-06-05T17:00"), processed_at=at(processed))
    assert found.timeliness is timeliness
    assert found.counted


def test_promised_day_without_a_time_lasts_until_its_end():
    found = state(promised_at=at("2026-06-05"), processed_at=at("2026-06-05T18:30"))
    assert found.timeliness is Timeliness.ON


@pytest.mark.parametrize(
    ("ends", "ended_by", "day"),
    [
        ({"processed_at": 3, "returned_at": 4, "stopped_at": 2}, EventKind.PROCESSED, 3),
        ({"returned_at": 4, "stopped_at": 2}, EventKind.RETURNED, 4),
        ({"stopped_at": 2, "withdrawn_at": 3}, EventKind.STOPPED, 2),
        ({"refused_at": 2}, EventKind.REFUSED, 2),
        ({"handed_out_at": 5}, EventKind.HANDED_OUT, 5),
        ({"withdrawn_at": 3}, EventKind.WITHDRAWN, 3),
    ],
)
def test_end_is_found_by_priority_not_by_time(ends, ended_by, day):
    found = state(**{name: at(f"2026-06-0{number}T10:00") for name, number in ends.items()})
    assert (found.ended_by, found.ended_at) == (ended_by, at(f"2026-06-0{day}T10:00"))


@pytest.mark.parametrize("accepted", [True, False])
def test_withdrawn_dossier_counts_if_it_had_been_accepted(accepted):
    found = state(
        promised_at=at("2026-06-05"),
        withdrawn_at=at("2026-06-03T10:00"),
        accepted_at=at("2026-06-01T09:00") if accepted else None,
    )
    assert found.counted is accepted
    assert found.timeliness is (Timeliness.BEFORE if accepted else None)


def test_open_dossier_is_late_from_its_promised_date_on():
    found = state(promised_at=at("2026-06-12T17:00"))
    assert found.timeliness is None
    assert found.overdue_at == at("2026-06-12T17:00")
    assert found.soon_from == date(2026, 6, 9)


def test_waiting_for_a_supplement_is_added_to_the_promised_date():
    waited = Supplement(asked_at=at("2026-06-02T17:00"), answered_at=at("2026-06-04T17:00"))
    promised = at("2026-06-05T17:00")
    assert state(promised_at=promised, supplements=(waited,)).due_at == at("2026-06-09T17:00")
    late = state(promised_at=promised, supplements=(waited,), processed_at=at("2026-06-09T16:00"))
    assert late.timeliness is Timeliness.ON


def test_date_promised_anew_has_the_wait_in_it():
    renewed = Supplement(
        asked_at=at("2026-06-02T17:00"),
        answered_at=at("2026-06-04T17:00"),
        promised_at=at("2026-06-08T17:00"),
    )
    found = state(promised_at=at("2026-06-05T17:00"), supplements=(renewed,))
    assert found.due_at == found.promised_at == at("2026-06-08T17:00")


def test_while_the_only_request_is_open_its_date_is_the_end():
    in_time = state(
        promised_at=at("2026-06-05"), supplements=(Supplement(asked_at=at("2026-06-05T10:00")),)
    )
    too_late = state(
        promised_at=at("2026-06-05"), supplements=(Supplement(asked_at=at("2026-06-08T10:00")),)
    )
    assert in_time.overdue_at is None
    assert in_time.waits_for_citizen
    assert in_time.soon_from is None
    assert too_late.overdue_at == at("2026-06-05")


TWICE = (
    Supplement(asked_at=at("2026-06-02T08:00"), answered_at=at("2026-06-02T10:00")),
    Supplement(asked_at=at("2026-06-03T08:00"), answered_at=at("2026-06-03T10:00")),
)


def test_more_than_one_request_is_late_while_neither_processed_nor_returned():
    promised = at("2026-06-12")
    still_open = state(promised_at=promised, supplements=TWICE)
    stopped = state(promised_at=promised, supplements=TWICE, stopped_at=at("2026-06-04T10:00"))
    returned = state(promised_at=promised, supplements=TWICE, returned_at=at("2026-06-04T10:00"))
    assert still_open.overdue_at == at("2026-06-03T08:00")
    assert stopped.timeliness is Timeliness.AFTER
    assert returned.timeliness is Timeliness.BEFORE


@pytest.mark.parametrize(
    ("processed", "timeliness"),
    [("2026-06-08T17:00", Timeliness.ON), ("2026-06-08T17:01", Timeliness.AFTER)],
)
def test_without_a_promised_date_the_statutory_limit_counts(processed, timeliness):
    # Received on Monday: the fifth working day after it is the Monday of the next week.
    found = state(processed_at=at(processed), procedure=FIVE_DAYS)
    assert found.timeliness is timeliness


def test_wait_is_taken_from_the_time_that_the_limit_is_for():
    waited = Supplement(asked_at=at("2026-06-02T17:00"), answered_at=at("2026-06-03T17:00"))
    found = state(supplements=(waited,), processed_at=at("2026-06-09T17:00"), procedure=FIVE_DAYS)
    assert found.timeliness is Timeliness.ON
    assert found.days == pytest.approx(6 - 0.5 / 7.5)


def test_neither_promise_nor_limit_is_no_data():
    found = state(processed_at=at("2026-06-03T10:00"))
    assert (found.due_at, found.timeliness, found.overdue_at) == (None, None, None)
    assert found.ended_by is EventKind.PROCESSED


def test_extension_renews_the_promise():
    extended = event(EventKind.EXTENDED, "2026-06-04T10:00", promised_at=at("2026-06-10"))
    found = state(extended, promised_at=at("2026-06-05"), processed_at=at("2026-06-09T10:00"))
    assert found.timeliness is Timeliness.BEFORE


def test_what_happened_before_the_dossier_was_received_ends_nothing():
    processed = event(EventKind.PROCESSED, "2026-05-20T10:00")
    assert state(processed).ended_at is None


def test_corrected_event_replaces_the_first_and_a_void_one_takes_it_back():
    first = event(EventKind.PROCESSED, "2026-06-03T10:00", id="p")
    corrected = replace(
        first, at=at("2026-06-04T10:00"), revision=first.revision + timedelta(seconds=1)
    )
    void = replace(corrected, void=True, revision=corrected.revision + timedelta(seconds=1))
    assert state(first, corrected).ended_at == at("2026-06-04T10:00")
    assert state(void, first, corrected).ended_at is None


def test_assignment_apology_handing_out_and_rating_are_kept():
    found = state(
        event(EventKind.ASSIGNED, "2026-06-02T10:00", officer="cb-2"),
        event(EventKind.APOLOGISED, "2026-06-05T10:00"),
        event(EventKind.HANDED_OUT, "2026-06-08T10:00"),
        event(EventKind.RATED, "2026-06-08T11:00", score=4),
        officer="cb-1",
        processed_at=at("2026-06-05T11:00"),
    )
    assert (found.officer, found.score) == ("cb-2", 4)
    assert found.apologised_at == at("2026-06-05T10:00")
    assert found.handed_out_at == at("2026-06-08T10:00")


hours = st.integers(0, 24 * 20).map(lambda number: at("2026-06-01T00:00") + timedelta(hours=number))
events = st.lists(
    st.builds(
        Event,
        code=st.just(record().code),
        id=st.sampled_from("abcdef"),
        kind=st.sampled_from(EventKind),
        at=hours,
        revision=hours,
        promised_at=st.none() | hours,
        officer=st.none() | st.sampled_from(["cb-1", "cb-2"]),
        score=st.none() | st.integers(1, 5),
        void=st.booleans(),
    ),
    max_size=8,
)


@given(events, st.data())
def test_every_order_and_every_repetition_gives_the_same_state(happened, data):
    shuffled = data.draw(st.permutations(happened + happened[:3]))
    expected = state(*happened, promised_at=at("2026-06-08"), procedure=FIVE_DAYS)
    assert state(*shuffled, promised_at=at("2026-06-08"), procedure=FIVE_DAYS) == expected
