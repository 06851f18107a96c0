"""Names of expressions, brought to seven."""

from __future__ import annotations

import numpy as np
import pytest

from contract.manifest import Sentiment
from models.lab.evaluation.errors import LabelUnknown
from models.lab.evaluation.labels import (
    EXPRESSIONS,
    SENTIMENTS,
    Expression,
    LabelMap,
    expression_of,
    is_known,
)
from tests.models.lab.evaluation.fakes import COUNTED_AS, SEVEN

EIGHT = ("Anger", "Contempt", "Disgust", "Fear", "Happiness", "Neutral", "Sadness", "Surprise")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("anger", Expression.ANGRY),
        (" Happiness ", Expression.HAPPY),
        ("contempt", Expression.DISGUST),
        ("fearful", Expression.FEAR),
        ("surprised", Expression.SURPRISE),
        ("bored", None),
        ("positive", None),
        ("", None),
    ],
)
def test_a_name_means_an_expression(name, expected):
    assert expression_of(name) is expected


def test_people_may_label_sentiments():
    assert is_known("positive")
    assert is_known("Negative")
    assert not is_known("bored")


def labels_of_eight():
    sentiment = dict.fromkeys(EIGHT, Sentiment.NEGATIVE)
    sentiment |= {"Happiness": Sentiment.POSITIVE, "Neutral": Sentiment.NEUTRAL}
    return LabelMap("eight", EIGHT, sentiment | {"Surprise": Sentiment.NEUTRAL})


def test_eight_labels_are_brought_to_seven():
    told, confidence = labels_of_eight().expressions(np.eye(8) * 0.8 + 0.02)
    assert [EXPRESSIONS[index] for index in told] == [
        "angry", "disgust", "disgust", "fear", "happy", "neutral", "sad", "surprise",
    ]  # fmt: skip
    assert confidence == pytest.approx(0.82)


@pytest.mark.parametrize(
    ("name", "expression", "sentiment"),
    [
        ("contempt", "disgust", "negative"),
        ("surprise", "surprise", "neutral"),
        ("happiness", "happy", "positive"),
        ("positive", None, "positive"),
        ("neutral", "neutral", "neutral"),
    ],
)
def test_the_truth_counts_as_the_manifest_says(name, expression, sentiment):
    told, counted = labels_of_eight().truth(name, source="labels.csv")
    assert (EXPRESSIONS[told] if told >= 0 else None) == expression
    assert SENTIMENTS[counted] == sentiment


def test_a_manifest_with_another_kind_of_label_is_refused():
    with pytest.raises(LabelUnknown, match="model odd has the label 'bored'"):
        LabelMap("odd", ("happy", "bored"), COUNTED_AS)


def test_a_truth_that_the_manifest_does_not_know_names_the_file():
    labels = LabelMap("small", ("happy", "neutral"), COUNTED_AS)
    with pytest.raises(LabelUnknown, match=r"a\.jpg has the label 'fear'.*model small does not"):
        labels.truth("fear", source="a.jpg")
    with pytest.raises(LabelUnknown, match=r"a\.jpg has the label 'bored'; known: angry"):
        labels.truth("bored", source="a.jpg")


def test_all_seven_are_their_own_names():
    assert tuple(SEVEN) == EXPRESSIONS
