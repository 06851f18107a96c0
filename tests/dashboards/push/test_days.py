"""A day's dossiers against the usual day."""

from __future__ import annotations

import pytest

from contract.readings import Reading
from dashboards.push.scenes.dossiers import at_hour, sums, usual_day


def day(by_hour: dict[str, float]) -> Reading:
    n = int(sum(by_hour.values()))
    return Reading(
        kpi="received_by_hour", version=1, scope="province", period="2026-11-27", n=n, value=n,
        parts=by_hour,
    )  # fmt: skip


def test_sums_grow_to_the_hour_that_is_not_over_yet() -> None:
    assert sums({"08": 3, "10": 2}, until_h=10.5) == ((8, 0), (9, 3), (10, 3), (10.5, 5))
    assert sums({}, until_h=10.5) == ()


def test_the_usual_day_is_the_median_of_days_on_which_anything_happened() -> None:
    days = [day({"08": 1, "09": 1}), day({"08": 5, "09": 5}), day({"08": 2, "09": 9}), day({})]
    assert usual_day(days) == ((8, 0), (9, 2), (10, 10))
    assert usual_day([day({})]) == ()


@pytest.mark.parametrize(("hour", "reached"), [(7, 0), (8, 0), (8.5, 1), (9.5, 6), (23, 10)])
def test_between_two_hours_it_is_taken_in_proportion(hour: float, reached: float) -> None:
    assert at_hour(((8, 0), (9, 2), (10, 10)), hour) == reached


def test_without_a_usual_day_nothing_is_claimed() -> None:
    assert at_hour((), 9) is None
