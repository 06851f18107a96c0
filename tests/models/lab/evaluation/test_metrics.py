"""The figures, against their definitions written out once more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lab.evaluation import metrics

CLASSES = 4
pairs = st.lists(
    st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=60
)
certain = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def arrays(drawn):
    first, second = zip(*drawn, strict=True)
    return np.array(first), np.array(second)


@given(pairs)
def test_the_confusion_holds_every_face_once(drawn):
    truth, answer = arrays(drawn)
    counts = metrics.confusion(truth, answer, CLASSES)
    assert counts.sum() == len(drawn)
    for t in range(CLASSES):
        for a in range(CLASSES):
            assert counts[t, a] == drawn.count((t, a))


@given(pairs)
def test_figures_are_their_definitions(drawn):
    truth, answer = arrays(drawn)
    counts = metrics.confusion(truth, answer, CLASSES)
    present = sorted(set(truth.tolist()))
    recalls = {t: (answer[truth == t] == t).mean() for t in present}
    f1 = {}
    for t in present:
        hits = ((truth == t) & (answer == t)).sum()
        f1[t] = 2 * hits / ((truth == t).sum() + (answer == t).sum())
    assert metrics.accuracy(counts) == pytest.approx((truth == answer).mean())
    assert metrics.balanced_accuracy(counts) == pytest.approx(np.mean(list(recalls.values())))
    assert metrics.macro_f1(counts) == pytest.approx(np.mean(list(f1.values())))
    for t in range(CLASSES):
        if t in recalls:
            assert metrics.recalls(counts)[t] == pytest.approx(recalls[t])
        else:
            assert np.isnan(metrics.recalls(counts)[t])


@given(pairs)
def test_a_perfect_model_has_full_marks(drawn):
    truth, _ = arrays(drawn)
    counts = metrics.confusion(truth, truth, CLASSES)
    assert metrics.accuracy(counts) == metrics.macro_f1(counts) == 1
    assert metrics.balanced_accuracy(counts) == 1


@given(pairs, st.permutations(range(CLASSES)))
def test_figures_do_not_depend_on_the_order_of_classes(drawn, order):
    truth, answer = arrays(drawn)
    moved = np.array(order)
    one = metrics.confusion(truth, answer, CLASSES)
    other = metrics.confusion(moved[truth], moved[answer], CLASSES)
    for figure in (metrics.accuracy, metrics.macro_f1, metrics.balanced_accuracy):
        assert figure(one) == pytest.approx(figure(other))


@given(pairs, pairs)
def test_a_stack_of_confusions_gives_each_ones_figures(first, second):
    stack = np.stack([metrics.confusion(*arrays(drawn), CLASSES) for drawn in (first, second)])
    for figure in (metrics.accuracy, metrics.macro_f1, metrics.recalls, metrics.precisions):
        together = figure(stack)
        for index in range(2):
            np.testing.assert_allclose(together[index], figure(stack[index]))


def test_no_faces_have_no_figures():
    counts = np.zeros((CLASSES, CLASSES))
    for figure in (metrics.accuracy, metrics.macro_f1, metrics.balanced_accuracy):
        assert np.isnan(figure(counts))
    assert np.isnan(metrics.calibration_error(np.zeros((3, metrics.ECE_BINS))))
    assert np.isnan(metrics.risk_at(np.array([]), np.array([], bool), 1.0))
    assert np.isnan(metrics.area_under_risk(np.array([]), np.array([], bool)))


@given(certain)
def test_the_calibration_error_is_its_definition(drawn):
    confidence, right = arrays(drawn)
    expected = 0.0
    for index in range(metrics.ECE_BINS):
        low, high = index / metrics.ECE_BINS, (index + 1) / metrics.ECE_BINS
        inside = (confidence * metrics.ECE_BINS > index) & (
            confidence * metrics.ECE_BINS <= index + 1
        )
        if low == 0:
            inside |= confidence == 0
        if inside.any():
            gap = abs(right[inside].mean() - confidence[inside].mean())
            expected += inside.mean() * gap
        assert high <= 1
    error = metrics.calibration_error(metrics.bin_sums(confidence, right))
    assert error == pytest.approx(expected)
    assert 0 <= error <= 1


def test_a_calibrated_model_has_no_calibration_error():
    confidence = np.repeat([0.5, 0.75], [10, 20])
    right = np.array([True] * 5 + [False] * 5 + [True] * 15 + [False] * 5)
    assert metrics.calibration_error(metrics.bin_sums(confidence, right)) == pytest.approx(0)


@pytest.mark.parametrize(
    ("confidence", "expected"), [(0.0, 0), (1 / 15, 0), (0.0667, 1), (0.5, 7), (1.0, 14)]
)
def test_a_bin_ends_with_its_upper_edge(confidence, expected):
    assert metrics.bin_of(np.array([confidence]))[0] == expected


@given(certain)
def test_risk_at_full_coverage_is_the_error_and_its_area_lies_between(drawn):
    certainty, right = arrays(drawn)
    assert metrics.risk_at(certainty, right, 1.0) == pytest.approx(1 - right.mean())
    assert 0 <= metrics.area_under_risk(certainty, right) <= 1


def written_out(certainty, right, kept):
    """Return the share of wrong answers among so many of the most certain faces."""
    ranked = sorted(zip(certainty, right, strict=True), key=lambda pair: -pair[0])
    return sum(not is_right for _, is_right in ranked[:kept]) / kept


@given(st.permutations(range(40)), st.lists(st.booleans(), min_size=40, max_size=40))
def test_risk_and_its_area_are_their_definitions_in_whatever_order_faces_come(order, right):
    certainty, right = np.array(order) / 40, np.array(right)
    for kept in (1, 10, 20, 36, 40):
        risk = metrics.risk_at(certainty, right, kept / 40)
        assert risk == pytest.approx(written_out(certainty, right, kept))
    risks = [written_out(certainty, right, kept) for kept in range(1, 41)]
    assert metrics.area_under_risk(certainty, right) == pytest.approx(np.mean(risks))


def test_the_least_certain_face_may_come_first():
    right, certainty = np.array([False, True, True, True]), np.array([0.1, 0.9, 0.8, 0.7])
    assert metrics.risk_at(certainty, right, 0.75) == 0
    assert metrics.area_under_risk(certainty, right) == pytest.approx(1 / 16)


def test_a_telling_certainty_lowers_the_risk():
    right = np.array([True] * 8 + [False] * 2)
    telling, silent = np.linspace(1, 0, 10), np.zeros(10)
    assert metrics.risk_at(telling, right, 0.8) == 0
    assert metrics.area_under_risk(telling, right) < metrics.area_under_risk(silent[::-1], ~right)
