"""Faces and bodies of the same people under one number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.analytics.people import PersonAssociator, head_box
from edge.scene import Box, Detection, Track

START = datetime(2026, 10, 5, 8, tzinfo=UTC)


def at(second):
    return START + timedelta(seconds=second)


def track(number, box, since=0):
    return Track(track_id=number, since=at(since), detection=Detection(box=box, score=0.9))


def face(number, x, y=30, size=20, since=0):
    box = Box(left=x - size / 2, top=y - size / 2, right=x + size / 2, bottom=y + size / 2)
    return track(number, box, since)


def body(number, x, top=10, width=60, height=180, since=0):
    box = Box(left=x - width / 2, top=top, right=x + width / 2, bottom=top + height)
    return track(number, box, since)


def ids(people):
    return [person.person_id for person in people]


@pytest.mark.parametrize("height", [180, 90, 60])
def test_the_head_is_in_the_same_place_whatever_hides_the_legs(height):
    head = head_box(body(0, 100, height=height).detection.box)
    assert head.centre == pytest.approx((100, 28))
    assert (head.width, head.height) == pytest.approx((30, 30))


def test_without_bodies_people_are_the_faces():
    faces = [face(3, 50, since=1), face(7, 150, since=2)]
    people = PersonAssociator().update(at(3), faces, [])
    assert ids(people) == [3, 7]
    assert [person.head for person in people] == [one.detection.box for one in faces]
    assert [person.since for person in people] == [at(1), at(2)]
    assert [person.face for person in people] == faces


def test_a_face_and_its_body_are_one_person():
    (person,) = PersonAssociator().update(at(0), [face(0, 100)], [body(0, 104)])
    assert person.head == face(0, 100).detection.box
    assert person.face_seen


def test_a_face_beside_a_body_is_another_person():
    people = PersonAssociator().update(at(0), [face(0, 200)], [body(0, 100)])
    assert len(people) == 2
    assert [person.face_seen for person in people] == [True, False]


@pytest.mark.parametrize("first", ["face", "body"])
def test_whichever_is_seen_first_gives_the_number(first):
    people = PersonAssociator()
    faces, bodies = [face(0, 100)], [body(0, 100)]
    before = people.update(
        at(0), faces if first == "face" else [], bodies if first == "body" else []
    )
    later = (
        ([face(0, 100)], [body(0, 100, since=1)])
        if first == "face"
        else ([face(0, 100, since=1)], [body(0, 100)])
    )
    both = people.update(at(1), *later)
    assert ids(before) == ids(both)
    assert both[0].since == at(0)


def test_who_turns_around_stays_the_same_person():
    people = PersonAssociator()
    (seen,) = people.update(at(0), [face(0, 100)], [body(0, 100)])
    for second in range(1, 10):
        (away,) = people.update(at(second), [], [body(0, 100)])
        assert (away.person_id, away.face, away.face_seen) == (seen.person_id, None, True)
    (back,) = people.update(at(10), [face(1, 100, since=10)], [body(0, 100)])
    assert back.person_id == seen.person_id


def test_two_who_were_taken_for_two_become_one():
    people = PersonAssociator()
    assert len(people.update(at(0), [face(0, 300)], [body(0, 100)])) == 2
    (one,) = people.update(at(1), [face(0, 100)], [body(0, 100)])
    assert one.person_id == 0


def test_who_passes_in_front_does_not_take_the_others_number():
    people = PersonAssociator()
    before = people.update(at(0), [face(0, 100), face(1, 300)], [body(0, 100), body(1, 300)])
    # The second's face is now nearest to the first's head, whose own face is still in view.
    faces = [face(0, 100, y=36), face(1, 101, y=28)]
    assert ids(people.update(at(1), faces, [body(0, 100)])) == ids(before)


@pytest.mark.parametrize("kind", ["face", "body"])
def test_who_comes_back_after_another_took_their_place_is_counted(kind):
    people = PersonAssociator()
    of_face, of_body = [face(0, 100)], [body(0, 100)]
    people.update(at(0), of_face, of_body)
    if kind == "face":
        people.update(at(1), [face(1, 100, since=1)], of_body)
        found = people.update(at(1.5), [face(0, 300), face(1, 100, since=1)], of_body)
    else:
        people.update(at(1), of_face, [body(1, 100, since=1)])
        found = people.update(at(1.5), of_face, [body(0, 300), body(1, 100, since=1)])
    assert len(set(ids(found))) == 2


def test_after_a_reset_nobody_is_known():
    people = PersonAssociator()
    people.update(at(0), [face(0, 100)], [body(0, 100)])
    people.reset()
    (person,) = people.update(at(1), [], [body(0, 100)])
    assert not person.face_seen


PLACES = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 400)), max_size=4)


@given(steps=st.lists(st.tuples(PLACES, PLACES), max_size=6))
@example(steps=[([(0, 0.0)], [(0, 0.0)]), ([(0, 0.0)], [(1, 0.0)]), ([], [(0, 0.0), (1, 0.0)])])
def test_each_is_one_person_and_nobody_is_lost(steps):
    people = PersonAssociator()
    for second, (face_places, body_places) in enumerate(steps):
        faces = [face(n, x) for n, x in dict(face_places).items()]
        bodies = [body(n, x) for n, x in dict(body_places).items()]
        found = people.update(at(second / 5), faces, bodies)
        assert len(set(ids(found))) == len(found)
        assert max(len(faces), len(bodies)) <= len(found) <= len(faces) + len(bodies)
        assert {id(person.face) for person in found if person.face} == {id(one) for one in faces}
        assert np.isfinite([person.head.width for person in found]).all()
