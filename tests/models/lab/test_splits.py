"""The split of people, on which every published figure rests."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from models.lab.splits import Part, part_of, person_of


@given(st.text())
def test_a_person_is_judged_exactly_when_the_digest_is_a_multiple_of_five(person):
    number = int(hashlib.md5(person.encode()).hexdigest(), 16)
    expected = {0: Part.VALIDATION}.get(number % 5, Part.TRAINING)
    if number % 20 == 1:
        expected = Part.CALIBRATION
    assert part_of(person) is expected


def test_the_split_never_moves():
    names = ["person 0", "person 1", "person 10", "person 47", "Nguyễn Văn A"]
    assert [part_of(name) for name in names] == [
        Part.TRAINING,
        Part.CALIBRATION,
        Part.VALIDATION,
        Part.CALIBRATION,
        Part.TRAINING,
    ]


def test_parts_are_about_a_fifth_and_a_twentieth():
    parts = [part_of(f"person {index}") for index in range(10_000)]
    assert abs(parts.count(Part.VALIDATION) - 2000) < 200
    assert abs(parts.count(Part.CALIBRATION) - 500) < 100


def test_a_picture_of_nobody_named_is_its_own_person():
    assert person_of("An", "a.png") == "An"
    assert person_of("", "a.png") == "a.png"
