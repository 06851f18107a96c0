"""Which assignments can stand beside each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.local_time import LOCAL_TIME
from server.staff.assignments import AssignmentRecord, overlaps
from server.tabular.records import Entry, Row
from tests.server.tabular.reading import codes

MORNING = datetime(2026, 10, 5, 7, 30, tzinfo=LOCAL_TIME)


def assignment(officer="A", start=0, hours=4, counter="quay-1", **fields) -> AssignmentRecord:
    begins = MORNING + timedelta(hours=start)
    return AssignmentRecord(
        officer=officer,
        unit="tu-son",
        counter=counter,
        starts_at=begins,
        ends_at=begins + timedelta(hours=hours),
        **fields,
    )


def entries(*records: AssignmentRecord) -> list[Entry[AssignmentRecord]]:
    return [
        Entry(row=Row(line=line, cells=()), record=each) for line, each in enumerate(records, 2)
    ]


def kept(*records: AssignmentRecord) -> dict[str, AssignmentRecord]:
    return {record.key: record for record in records}


def outcome(records, stored=()):
    return [
        (rejection.line, codes(rejection)[0][1])
        for rejection in overlaps(entries(*records), kept(*stored))
    ]


def test_shifts_that_meet_do_not_overlap():
    later = assignment("A", start=4, counter="quay-2")
    assert outcome([assignment("A"), assignment("B", start=4), later]) == []


@pytest.mark.parametrize(
    "other",
    [
        assignment("A", start=1, counter="quay-2"),
        assignment("B", start=-3),
        assignment("A", start=3, counter=None),
        assignment("B", start=1, hours=1),
        assignment("B", start=-1, hours=9),
    ],
    ids=["officer in two places", "two at a counter", "somewhere", "within", "around"],
)
def test_later_row_is_refused_with_both_named(other):
    (rejection,) = overlaps(entries(assignment("A"), other), {})
    assert rejection.line == 3
    reason = rejection.faults[0].refusal.reason()
    assert str(other) in reason
    assert reason.endswith("overlaps A tu-son/quay-1 2026-10-05 07:30–11:30 on line 2")


def test_row_is_refused_for_what_is_stored():
    (rejection,) = overlaps(entries(assignment("B", id="X")), kept(assignment("A")))
    reason = rejection.faults[0].refusal.reason()
    assert "overlaps the stored assignment A tu-son/quay-1 2026-10-05" in reason


def test_new_version_replaces_the_stored_one():
    assert outcome([assignment("A", hours=3)], [assignment("A")]) == []


def test_two_officers_may_swap_their_counters():
    stored = [assignment("A", id="1"), assignment("B", counter="quay-2", id="2")]
    swapped = [assignment("A", counter="quay-2", id="1"), assignment("B", id="2")]
    assert outcome(swapped, stored) == []


def test_what_takes_the_place_of_a_refused_change_is_refused_too():
    stored = [assignment("A", id="1"), assignment("C", counter="quay-3", id="3")]
    rows = [assignment("A", counter="quay-3", id="1"), assignment("B", id="2")]
    assert outcome(rows, stored) == [(2, "overlaps_stored"), (3, "overlaps_stored")]


def test_cancelled_assignment_is_in_nobodys_way():
    assert outcome([assignment("A", cancelled=True), assignment("B")]) == []


def test_same_key_twice_is_refused():
    assert outcome([assignment("A"), assignment("A", counter=None)]) == [(3, "twice")]


RECORDS = st.builds(
    assignment,
    officer=st.sampled_from("AB"),
    start=st.integers(0, 8),
    hours=st.integers(1, 3),
    counter=st.sampled_from(["quay-1", "quay-2", None]),
    id=st.sampled_from("123456"),
    cancelled=st.booleans(),
)


def clash(one: AssignmentRecord, other: AssignmentRecord) -> bool:
    together = one.starts_at < other.ends_at and other.starts_at < one.ends_at
    return together and bool(set(one.places) & set(other.places))


@given(st.lists(RECORDS, max_size=8), st.lists(RECORDS, max_size=8))
def test_whatever_is_imported_nothing_overlaps_and_nothing_is_refused_without_cause(first, second):
    stored: dict[str, AssignmentRecord] = {}
    for rows in (first, second):
        batch = entries(*rows)
        rejected = {rejection.line: rejection for rejection in overlaps(batch, dict(stored))}
        for entry in batch:
            if entry.row.line not in rejected:
                stored.pop(entry.record.key, None)
                if not entry.record.cancelled:
                    stored[entry.record.key] = entry.record
        assert not any(clash(*pair) for pair in combinations(stored.values(), 2))

        def others(entry, batch=batch):
            return [other.record for other in batch if other is not entry]

        for entry in batch:
            if entry.row.line in rejected and codes(rejected[entry.row.line])[0][1] != "twice":
                assert any(clash(entry.record, each) for each in [*stored.values(), *others(entry)])
