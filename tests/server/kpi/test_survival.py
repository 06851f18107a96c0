"""The product-limit estimate equals published results and those of scipy."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from server.kpi.survival import product_limit


@pytest.fixture
def transplants(shared: Path) -> tuple[Counter, Counter, list[dict[str, float]]]:
    """Bone-marrow transplants, all groups, and what SAS LIFETEST says of them."""
    folder = shared / "cases" / "km-bmt"
    with (folder / "bmt.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["Group"] == "ALL"]
    with (folder / "bmt_expected_sas.csv").open(encoding="utf-8") as file:
        expected = [
            {name: float(row[name]) for name in ("t", "s", "se")} for row in csv.DictReader(file)
        ]
    over = Counter(float(row["T"]) for row in rows if row["Status"] == "1")
    lost = Counter(float(row["T"]) for row in rows if row["Status"] == "0")
    return over, lost, expected


@pytest.mark.shared
def test_transplants_are_as_sas_has_them(transplants):
    over, lost, expected = transplants
    found = product_limit(over, lost)
    assert found.times == tuple(row["t"] for row in expected)
    assert found.shares == pytest.approx([row["s"] for row in expected], abs=1e-4)
    assert found.errors == pytest.approx([row["se"] for row in expected], abs=1e-4)


@pytest.mark.shared
def test_interval_of_a_quantile_is_as_sas_has_it(transplants):
    over, lost, _ = transplants
    _, low, high = product_limit(over, lost).quantile(0.25)
    assert (low, high) == (86, 230)


whole = st.lists(st.integers(1, 12), min_size=1, max_size=40)


@given(whole, st.lists(st.integers(1, 12), max_size=40))
def test_estimate_is_that_of_scipy(over, lost):
    found = product_limit(Counter(map(float, over)), Counter(map(float, lost)))
    known = stats.ecdf(stats.CensoredData(uncensored=over, right=lost)).sf
    assert found.shares == pytest.approx(known.evaluate(np.array(found.times)), abs=1e-12)


def test_half_is_never_over_when_most_are_open():
    value, low, high = product_limit({1.0: 2}, {3.0: 8}).quantile(0.5)
    assert value is None
    assert high is None or low is not None


def test_nothing_open_gives_plain_quantiles():
    found = product_limit({1.0: 1, 2.0: 1, 3.0: 1, 4.0: 1}, {})
    assert found.quantile(0.5)[0] == 2.0
    assert found.over_within(3.5) == 0.75
