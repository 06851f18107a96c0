"""Visits and waits, as stretches of who was where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.visits import LONGEST_STAY_S, EndedVisit, VisitDetector
from edge.analytics.zones import Zone, ZoneKind

from .people import BENCH, COUNTER, DOOR, ZONES, at, play, seen, timed, visits_of, waits_of

FAR = (0.1, 0.75)  # in the same zone as COUNTER, but out of reach


@pytest.mark.parametrize(
    ("stretches", "visits"),
    [
        pytest.param([(1, COUNTER, 1, 10)], [(1, 10, None)], id="one visit"),
        pytest.param([(1, COUNTER, 1, 2.5)], [], id="a passer-by is no visit"),
        pytest.param([(1, DOOR, 1, 10)], [], id="outside all zones is no visit"),
        pytest.param(
            [(1, COUNTER, 1, 5), (1, COUNTER, 7.5, 12)], [(1, 12, None)], id="brief exit unseen"
        ),
        pytest.param(
            [(1, COUNTER, 1, 5), (1, DOOR, 5.5, 7.5), (1, COUNTER, 8, 12)],
            [(1, 12, None)],
            id="brief exit seen",
        ),
        pytest.param(
            [(1, COUNTER, 1, 5), (1, COUNTER, 9, 14)],
            [(1, 5, None), (9, 14, None)],
            id="a long absence ends it",
        ),
        pytest.param(
            [(1, COUNTER, 1, 5), (2, COUNTER, 7, 12)], [(1, 12, None)], id="new track, same place"
        ),
        pytest.param(
            [(1, COUNTER, 1, 5), (2, FAR, 7, 12)],
            [(1, 5, None), (7, 12, None)],
            id="new track elsewhere is somebody else",
        ),
        pytest.param(
            [(1, COUNTER, 1, 5), (1, DOOR, 5.5, 12), (2, COUNTER, 6, 12)],
            [(1, 5, None), (6, 12, None)],
            id="who was seen to walk off hands nothing over",
        ),
        pytest.param(
            [(2, BENCH, 0, 4.5), (1, COUNTER, 1, 5), (2, COUNTER, 6, 12)],
            [(1, 5, None), (6, 12, 4.5)],
            id="who was seen beside the last one is the next one",
        ),
        pytest.param(
            [(1, COUNTER, 1, 12), (2, FAR, 10, 16.5)],
            [(1, 12, None), (10, 16.5, None)],
            id="the next one steps up before the last one has gone",
        ),
        pytest.param(
            [(1, COUNTER, 1, 12), (2, FAR, 4, 9)],
            [(1, 12, None)],
            id="who came together has one visit",
        ),
        pytest.param(
            [(1, COUNTER, 1, 15), (2, FAR, 7, 16)],
            [(1, 16, None)],
            id="a companion who came later and goes along",
        ),
    ],
)
def test_stays_at_the_counter_become_visits(stretches, visits):
    ended, _ = play(*stretches, until=20)
    assert visits_of(ended) == visits


@pytest.mark.parametrize(
    ("stretches", "waits", "visits"),
    [
        pytest.param(
            [(1, BENCH, 1, 6), (1, COUNTER, 6.5, 12)],
            [(1, 6, "served")],
            [(6.5, 12, 5)],
            id="waits and is served",
        ),
        pytest.param([(1, BENCH, 1, 6)], [(1, 6, "left")], [], id="waits and is gone"),
        pytest.param([(1, BENCH, 1, 2)], [], [], id="crosses the waiting zone"),
        pytest.param(
            [(1, (0.4, 0.45), 1, 6), (2, (0.4, 0.52), 7.5, 12)],
            [(1, 6, "served")],
            [(7.5, 12, 5)],
            id="steps up under a new number",
        ),
        pytest.param(
            [(1, BENCH, 1, 6), (1, COUNTER, 6.5, 7.5), (1, BENCH, 8, 12), (1, COUNTER, 12.5, 17)],
            [(1, 12, "served")],
            [(12.5, 17, 11)],
            id="asks at the counter and goes on waiting",
        ),
        pytest.param(
            [(1, BENCH, 1, 6), (1, COUNTER, 6.5, 7.5)],
            [(1, 6, "left")],
            [],
            id="asks at the counter and goes away",
        ),
        pytest.param(
            [(1, BENCH, 1, 6), (1, DOOR, 6.5, 11), (1, COUNTER, 11.5, 17)],
            [(1, 6, "served")],
            [(11.5, 17, 5)],
            id="in view between the zones, a wait stays open",
        ),
        pytest.param(
            [(1, BENCH, 1, 6), (2, COUNTER, 1, 9), (1, COUNTER, 6.5, 12)],
            [(1, 6, "served")],
            [(1, 9, None), (6.5, 12, 5)],
            id="one wait belongs to one visit",
        ),
    ],
)
def test_waits_end_served_or_left(stretches, waits, visits):
    ended, _ = play(*stretches, until=24)
    assert waits_of(ended) == waits
    assert visits_of(ended) == visits


def test_a_visit_is_reported_as_soon_as_its_grace_is_over():
    visits = VisitDetector(confirm_s=2, grace_s=3)
    for second in range(6):
        assert visits.update(at(second), [seen(1, COUNTER)]) == []
    assert visits.update(at(8), []) == []
    assert visits_of(visits.update(at(8.1), [])) == [(0, 5, None)]
    assert visits.update(at(9), []) == []


def test_an_interruption_cuts_visits_short_but_not_those_who_walked_off():
    ended, visits = play((1, COUNTER, 0, 10), (2, FAR, 5, 8), (2, DOOR, 8.5, 10), until=10)
    assert ended == []
    cut = {visit.track_id: visit.complete for visit in visits.interrupt()}
    assert cut == {1: False, 2: True}
    assert visits.interrupt() == []


def test_what_never_leaves_is_cut_and_begins_again():
    visits, ended = VisitDetector(confirm_s=2, grace_s=3), []
    for second in range(0, int(LONGEST_STAY_S) + 20, 2):
        ended += visits.update(at(second), [seen(1, COUNTER)])
    (poster,) = ended
    assert isinstance(poster, EndedVisit)
    assert not poster.complete
    assert visits_of(ended) == [(0, LONGEST_STAY_S, None)]


@pytest.mark.parametrize(
    ("stretches", "sizes"),
    [
        ([(1, COUNTER, 1, 12), (2, FAR, 3, 12)], [2]),
        ([(1, COUNTER, 1, 12), (2, FAR, 3, 11), (3, (0.6, 0.75), 4, 13)], [3]),
        ([(1, COUNTER, 1, 12), (2, FAR, 10, 17)], [1, 1]),
        ([(1, COUNTER, 1, 12), (2, FAR, 3, 4.5)], [1]),
    ],
)
def test_a_visit_tells_how_many_came_together(stretches, sizes):
    ended, _ = play(*stretches, until=24)
    assert [visit.party_size for visit in ended] == sizes


def walking(start, end, first, last):
    """Return stretches of half a second on the way from one place to the other."""
    steps = round((last - first) / 0.5)
    return [
        (
            1,
            tuple(a + (b - a) * step / steps for a, b in zip(start, end, strict=True)),
            first + 0.5 * step,
            first + 0.5 * step,
        )
        for step in range(steps + 1)
    ]


def test_who_walks_slowly_through_a_zone_neither_visits_nor_waits():
    ended, visits = play(*walking((0.02, 0.75), (0.78, 0.75), 1, 7), until=14)
    assert ended == []
    ended, visits = play(*walking((0.02, 0.25), (0.78, 0.25), 1, 7), until=14)
    assert ended == []
    assert visits.take_arrivals() == []


def test_a_hand_over_is_two_visits_with_one_wait():
    hall = [(1, BENCH, 1, 6), (1, COUNTER, 6.5, 12), (1, BENCH, 12.5, 16), (1, FAR, 16.5, 22)]
    ended, visits = play(*hall, until=28)
    assert visits_of(ended) == [(6.5, 12, 5), (16.5, 22, None)]
    assert waits_of(ended) == [(1, 6, "served")]
    assert visits.take_arrivals() == [None]


def test_who_talks_in_the_hall_after_being_served_does_not_wait_again():
    ended, _ = play((1, COUNTER, 1, 8), (1, BENCH, 8.5, 20), until=26)
    assert visits_of(ended) == [(1, 8, None)]
    assert waits_of(ended) == []


def test_visits_and_waits_belong_to_the_counter_of_their_zone():
    two = Zone(name="two", kind=ZoneKind.SERVICE, polygon=ZONES[0].polygon, counter="quay-2")
    visits, ended = VisitDetector(confirm_s=2, grace_s=3), []
    for second in range(16):
        if second < 6:
            sightings = [seen(1, BENCH)]
        else:
            sightings = [replace(seen(1, COUNTER), zone=two)] if second < 12 else []
        ended += visits.update(at(second), sightings)
    assert {type(one).__name__: one.counter for one in ended} == {
        "EndedWait": "quay-2",
        "EndedVisit": "quay-2",
    }
    assert visits.take_arrivals() == [None]


def test_readings_belong_to_the_visit_of_their_track():
    visits, ended = VisitDetector(confirm_s=2, grace_s=3), []
    for second in range(6):
        ended += visits.update(at(second), [seen(1, COUNTER), seen(2, BENCH)])
        visits.read(timed(second, positive=1.0, track_id=1))
        visits.read(timed(second, positive=0.0, track_id=2))
    ended += visits.interrupt()
    readings = [visit.readings for visit in ended if isinstance(visit, EndedVisit)]
    assert [len(of_one) for of_one in readings] == [6]
    assert {one.track_id for one in readings[0]} == {1}


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from([COUNTER, BENCH, DOOR, FAR]),
            st.integers(0, 60),
            st.integers(0, 20),
        ),
        max_size=8,
    )
)
def test_whatever_happens_visits_are_long_enough_and_waits_come_before_them(stretches):
    busy = {}
    for track, point, first, length in stretches:  # one track is at one place at a time
        for second in range(first, first + length):
            busy.setdefault((track, second), point)
    visits, ended = VisitDetector(confirm_s=2, grace_s=3), []
    for second in range(90):
        ended += visits.update(
            at(second), [seen(t, point) for (t, when), point in busy.items() if when == second]
        )
    for first, last, wait_s in visits_of(ended):
        assert last - first >= 2
        assert wait_s is None or 0 <= wait_s <= first
    assert len([w for w in waits_of(ended) if w[2] == "served"]) >= len(
        [v for v in visits_of(ended) if v[2] is not None]
    )
    assert visits.interrupt() == []
