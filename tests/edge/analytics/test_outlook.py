"""The expected wait from what a camera has seen."""

from __future__ import annotations

import pytest

from edge.analytics.outlook import KEPT_FOR, OPEN_FOR, Outlook
from edge.analytics.visits import EndedVisit

from .people import at


def visit(ended_s, service_s=300, *, counter=None, complete=True):
    return EndedVisit(
        zone="counter",
        track_id=1,
        started_at=at(ended_s - service_s),
        ended_at=at(ended_s),
        wait_s=None,
        readings=(),
        complete=complete,
        counter=counter,
    )


def outlook(*visits, halls=None):
    known = Outlook(halls or {"quay-1": ["quay-1"]}, own="quay-1")
    for one in visits:
        known.note(one)
    return known


FIVE = [visit(300 * number) for number in range(1, 6)]


def test_it_follows_from_the_queue_and_recent_services():
    expected = outlook(*FIVE).expect(at(1500), {"quay-1": 3}, {"quay-1"})["quay-1"]
    assert (expected.wait_s, expected.services) == (3.5 * 300, 5)


@pytest.mark.parametrize(
    "after_s", [OPEN_FOR.total_seconds() + 1, KEPT_FOR.total_seconds() + 1], ids=["closed", "old"]
)
def test_a_counter_that_has_served_nobody_lately_promises_nothing(after_s):
    assert outlook(*FIVE).expect(at(1500 + after_s), {"quay-1": 3}, set()) == {}


def test_visits_that_were_cut_short_do_not_count():
    cut = [visit(300 * number, complete=False) for number in range(1, 6)]
    assert outlook(*cut).expect(at(1500), {"quay-1": 3}, {"quay-1"}) == {}


def test_counters_that_share_a_hall_share_its_queue():
    visits = [*FIVE, *(visit(300 * number, counter="quay-2") for number in range(1, 6))]
    known = outlook(*visits, halls={"quay-1": ["quay-1", "quay-2"]})
    expected = known.expect(at(1500), {"quay-1": 4}, {"quay-1", "quay-2"})
    assert expected["quay-1"].wait_s == pytest.approx(4.5 * 300 / 2)
