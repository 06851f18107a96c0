"""Erlang's formula equals published figures, and the correction the cases in which it is exact."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.planning.erlang import Demand, counters_needed, waiting


def demand(load: float, **variation: float) -> Demand:
    """A demand of so many erlang, with services of 100 s."""
    return Demand(arrivals_per_s=load / 100, service_s=100, **variation)


@pytest.mark.shared
def test_published_call_centre_is_reproduced_and_a_full_load_refused(shared):
    case = json.loads((shared / "cases/erlang-c/expected.json").read_text(encoding="utf-8"))
    given_ = case["input"]
    asked = Demand(
        arrivals_per_s=given_["transactions"] / given_["interval_min"] / 60,
        service_s=given_["aht_min"] * 60,
    )
    assert asked.load == pytest.approx(case["offered_load_erlang"])
    for each in case["cases"]:
        if "error" in each:
            with pytest.raises(ValueError, match="no steady state"):
                waiting(asked, each["positions"])
            continue
        found = waiting(asked, each["positions"])
        within = found.share_within(given_["asa_min"] * 60)
        expected = (
            each["waiting_probability"], each["service_level_within_asa"], each["occupancy"],
        )  # fmt: skip
        assert (found.share_waiting, within, found.utilisation) == pytest.approx(
            expected, abs=case["tolerance"]
        )


@pytest.mark.parametrize(
    ("load", "counters", "share"),
    # pyworkforce, queuing/tests/test_erlang.py: 100 calls in 30 min of 3 min each.
    [(10, 14, 0.174), (10, 15, 0.102)],
)
def test_share_that_waits_is_as_published(load, counters, share):
    assert waiting(demand(load), counters).share_waiting == pytest.approx(share, abs=5e-4)


@given(load=st.floats(0.01, 0.99), service_variation=st.floats(0, 4))
def test_at_one_counter_the_wait_is_that_of_pollaczek_and_khinchine(load, service_variation):
    found = waiting(demand(load, service_variation=service_variation), 1)
    assert found.wait_s == pytest.approx(load * 100 * (1 + service_variation) / (2 * (1 - load)))


@given(
    load=st.floats(0, 200),
    arrivals=st.floats(0, 5),
    services=st.floats(0, 5),
    target_s=st.floats(1, 3600),
)
def test_needed_counters_meet_the_target_and_one_less_does_not(load, arrivals, services, target_s):
    asked = demand(load, arrival_variation=arrivals, service_variation=services)
    found = counters_needed(asked, target_s)
    assert found.utilisation < 1
    assert found.wait_s <= target_s
    assert 0 <= found.share_within(target_s) <= 1
    if found.counters - 1 > load:
        assert waiting(asked, found.counters - 1).wait_s > target_s


def test_a_load_of_whole_counters_needs_one_more():
    assert counters_needed(demand(3), 1e9).counters == 4


@pytest.mark.parametrize("target_s", [0, -1])
def test_no_number_of_counters_meets_a_target_of_nothing(target_s):
    with pytest.raises(ValueError, match="without end"):
        counters_needed(demand(1), target_s)


def test_negative_demand_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Demand(arrivals_per_s=-1, service_s=100)
