"""The expected wait against simulated queues, whose waits are known."""

from __future__ import annotations

import heapq
from random import Random
from statistics import fmean

import pytest

from runtime.expected_wait import COVERAGE, FEWEST_SERVICES, expected_wait


def simulate(draw, *, counters, queue, random):
    """Return the wait of who joins `queue` people behind busy counters, drawn once."""
    ends = []
    for _ in range(counters):  # services under way, met at a moment chosen at random
        length = weighted(draw, random)
        ends.append(length * random.random())
    heapq.heapify(ends)
    for _ in range(queue):
        heapq.heappush(ends, heapq.heappop(ends) + draw(random))
    return ends[0]


def weighted(draw, random, tries=100):
    """Return a service time met at a random moment: long ones are met more often."""
    times = [draw(random) for _ in range(tries)]
    return random.choices(times, weights=times)[0]


TIMES = {
    "constant": lambda random: 300.0,
    "spread": lambda random: random.uniform(120, 480),
    "gamma": lambda random: random.gammavariate(4, 75),
    "exponential": lambda random: random.expovariate(1 / 300),
}


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize(("counters", "queue"), [(1, 0), (1, 3), (1, 12), (2, 8), (4, 20)])
def test_it_is_the_mean_of_simulated_waits(kind, counters, queue):
    random, draw = Random(f"{kind}{counters}{queue}"), TIMES[kind]
    waits = [simulate(draw, counters=counters, queue=queue, random=random) for _ in range(600)]
    found = expected_wait(
        queue=queue,
        open_counters=counters,
        busy_counters=counters,
        service_times_s=[draw(random) for _ in range(500)],
    )
    # With several counters the last services do not end together: up to half a service more.
    assert found.wait_s == pytest.approx(fmean(waits), rel=0.1, abs=45)
    inside = fmean(found.low_s <= wait <= found.high_s for wait in waits)
    assert inside >= COVERAGE - 0.15


def test_beyond_the_counters_capacity_it_still_tells():
    times = [600.0, 660.0, 540.0, 620.0, 580.0]
    long = expected_wait(queue=100, open_counters=1, busy_counters=1, service_times_s=times)
    assert long.wait_s == pytest.approx(100.5 * 600, rel=0.01)
    assert long.low_s < long.wait_s < long.high_s


@pytest.mark.parametrize(("queue", "free", "wait"), [(0, 1, True), (1, 1, False), (1, 2, True)])
def test_a_free_counter_means_no_wait(queue, free, wait):
    found = expected_wait(
        queue=queue, open_counters=3, busy_counters=3 - free, service_times_s=[300.0] * 5
    )
    assert (found.wait_s == 0) is wait


@pytest.mark.parametrize(("open_counters", "services"), [(0, 10), (1, FEWEST_SERVICES - 1), (0, 0)])
def test_it_does_not_guess(open_counters, services):
    found = expected_wait(
        queue=2, open_counters=open_counters, busy_counters=0, service_times_s=[300.0] * services
    )
    assert found is None


def test_few_services_give_a_wider_interval():
    few, many = (
        expected_wait(queue=9, open_counters=1, busy_counters=1, service_times_s=times)
        for times in ([200.0, 400.0] * 3, [200.0, 400.0] * 100)
    )
    assert few.high_s - few.low_s > many.high_s - many.low_s


def test_negative_numbers_are_refused():
    with pytest.raises(ValueError, match="negative"):
        expected_wait(queue=-1, open_counters=1, busy_counters=1, service_times_s=[300.0] * 5)
