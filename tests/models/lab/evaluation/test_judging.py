"""Figures with their intervals, from truth and answers."""

from __future__ import annotations

import numpy as np
import pytest

from models.lab.evaluation.judging import FEWEST_PEOPLE, Classified, classify, part, share


def calibrated():
    """Return answers of three classes that are right about as often as they are sure."""
    confidence = np.repeat([0.505, 0.605, 0.705, 0.805, 0.905], 200)
    is_right = np.arange(1000) % 10 < 10 * confidence - 0.05
    truth = np.arange(1000) % 3
    answer = np.where(is_right, truth, (truth + 1) % 3)
    return Classified(groups=np.arange(1000), truth=truth, predicted=answer, confidence=confidence)


def test_every_figure_of_a_calibrated_model_lies_within_its_interval():
    figures = classify(calibrated(), ("negative", "neutral", "positive"))
    for figure in (figures.calibration_error, figures.accuracy, figures.macro_f1):
        assert 0 <= figure.low < figure.value < figure.high <= 1


def test_only_the_calibration_error_is_taken_for_biased(monkeypatch):
    moved = []
    monkeypatch.setattr(
        "models.lab.evaluation.judging.centred_interval",
        lambda value, _: (moved.append(value), (0.0, 1.0))[1],
    )
    figures = classify(calibrated(), ("negative", "neutral", "positive"))
    assert moved == [pytest.approx(figures.calibration_error.value, abs=1e-5)]


def test_the_interval_of_a_share_is_that_of_its_people():
    chosen = np.arange(400) % 4 > 0
    figure = share(chosen, np.arange(400))
    error = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert figure.value == 0.75
    assert figure.low == pytest.approx(0.75 - error, abs=0.01)
    assert figure.high == pytest.approx(0.75 + error, abs=0.01)


def test_faces_of_the_same_people_tell_less_of_a_share():
    chosen = np.repeat(np.arange(40) % 2 == 0, 10)
    one, other = share(chosen, np.arange(400)), share(chosen, np.repeat(np.arange(40), 10))
    assert other.value == one.value == 0.5
    assert other.high - other.low > 2 * (one.high - one.low)


def test_a_share_of_few_people_has_no_interval_and_of_none_no_value():
    groups = np.arange(FEWEST_PEOPLE - 1)
    few = share(groups > 0, groups)
    assert (few.value, few.low, few.high) == (pytest.approx(8 / 9, abs=1e-4), None, None)
    assert share(np.zeros(0, bool), np.zeros(0, np.intp)).value is None
    assert part(np.zeros(0, bool)) is None
    assert part(np.array([True, False])) == 0.5
