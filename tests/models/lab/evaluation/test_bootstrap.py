"""Resampling of people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lab.evaluation import bootstrap, metrics

values = st.lists(st.floats(-5, 5), min_size=1, max_size=30)


@given(st.lists(st.sampled_from(["", "An", "Bình", "Chi"]), max_size=30))
def test_faces_of_one_person_are_one_group_and_unnamed_ones_their_own(people):
    groups = bootstrap.groups_of(people)
    for i, one in enumerate(people):
        for j, other in enumerate(people):
            assert (groups[i] == groups[j]) == (i == j or (one == other != ""))
    assert set(groups.tolist()) == set(range(len(set(groups.tolist()))))


@given(values)
def test_every_resample_draws_as_many_groups_as_there_are(drawn):
    sums = np.stack([np.ones(len(drawn)), np.array(drawn)], axis=1)
    totals = bootstrap.resample(sums, resamples=20)
    assert totals.shape == (20, 2)
    assert (totals[:, 0] == len(drawn)).all()
    assert totals[:, 1].min() >= len(drawn) * min(drawn) - 1e-9
    assert totals[:, 1].max() <= len(drawn) * max(drawn) + 1e-9


def test_draws_depend_on_the_number_of_groups_alone(monkeypatch):
    sums = np.random.default_rng(1).random((40, 3))
    whole = bootstrap.resample(sums)
    np.testing.assert_allclose(bootstrap.resample(sums), whole)
    np.testing.assert_allclose(bootstrap.resample(sums[:, 1:]), whole[:, 1:])
    monkeypatch.setattr(bootstrap, "_CELLS_AT_ONCE", 100)
    np.testing.assert_allclose(bootstrap.resample(sums), whole)


def test_the_interval_of_a_share_is_about_that_of_the_normal_approximation():
    right = np.arange(400) % 4 > 0
    sums = np.stack([right, np.ones(400)], axis=1).astype(float)
    totals = bootstrap.resample(sums)
    low, high = bootstrap.interval(totals[:, 0] / totals[:, 1])
    error = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert (low, high) == (
        pytest.approx(0.75 - error, abs=0.01),
        pytest.approx(0.75 + error, abs=0.01),
    )


def test_people_seen_often_widen_the_interval():
    right = np.repeat(np.arange(40) % 2 == 0, 10)
    alone, together = np.arange(400), np.repeat(np.arange(40), 10)
    widths = []
    for groups in (alone, together):
        sums = np.stack([np.bincount(groups, right), np.bincount(groups)], axis=1).astype(float)
        totals = bootstrap.resample(sums)
        low, high = bootstrap.interval(totals[:, 0] / totals[:, 1])
        widths.append(high - low)
    assert widths[1] > 2 * widths[0]


def test_group_sums_add_up_to_the_whole():
    generator = np.random.default_rng(2)
    groups = generator.integers(0, 5, 50)
    truth, answer = generator.integers(0, 3, (2, 50))
    confidence, right = generator.random(50), truth == answer
    cells = bootstrap.confusion_sums(groups, truth, answer, 3).sum(axis=0).reshape(3, 3)
    np.testing.assert_array_equal(cells, metrics.confusion(truth, answer, 3))
    bins = bootstrap.calibration_sums(groups, confidence, right).sum(axis=0).reshape(3, -1)
    np.testing.assert_allclose(bins, metrics.bin_sums(confidence, right))


def test_an_interval_of_nothing_is_nothing():
    nothing = np.array([np.nan, np.nan])
    assert np.isnan(bootstrap.interval(nothing)).all()
    assert np.isnan(bootstrap.centred_interval(0.5, nothing)).all()
    assert np.isnan(bootstrap.centred_interval(float("nan"), np.array([0.5]))).all()


def test_a_biased_figures_interval_is_moved_by_its_bias_and_stays_within_0_and_1():
    drawn = np.random.default_rng(3).normal(0.05, 0.01, 1000)
    low, high = bootstrap.interval(drawn)
    moved = bootstrap.centred_interval(0.03, drawn)
    assert moved == pytest.approx((low - drawn.mean() + 0.03, high - drawn.mean() + 0.03))
    assert bootstrap.centred_interval(0.0, drawn)[0] == 0
    assert bootstrap.centred_interval(1.0, drawn)[1] == 1


def test_the_calibration_error_of_a_calibrated_model_lies_within_its_interval():
    confidence = np.repeat([0.505, 0.605, 0.705, 0.805, 0.905], 200)
    right = np.arange(1000) % 10 < 10 * confidence - 0.05
    sums = bootstrap.calibration_sums(np.arange(1000), confidence, right)
    drawn = metrics.calibration_error(bootstrap.resample(sums).reshape(-1, 3, metrics.ECE_BINS))
    value = float(metrics.calibration_error(metrics.bin_sums(confidence, right)))
    assert value == pytest.approx(0.005)
    assert value < bootstrap.interval(drawn)[0]  # which is why it is moved
    low, high = bootstrap.centred_interval(value, drawn)
    assert low < value < high
