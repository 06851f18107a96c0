"""The names that data sets and models give to expressions, brought to seven that all share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from contract.manifest import Sentiment
from models.lab.evaluation.errors import LabelUnknown


class Expression(StrEnum):
    """The seven that FER2013 names, in its order: what every peer is compared by."""

    ANGRY = "angry"
    DISGUST = "disgust"
    FEAR = "fear"
    HAPPY = "happy"
    SAD = "sad"
    SURPRISE = "surprise"
    NEUTRAL = "neutral"


EXPRESSIONS = tuple(Expression)
SENTIMENTS = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)

SYNONYMS: Mapping[str, Expression] = MappingProxyType(
    {
        **{expression.value: expression for expression in Expression},
        "anger": Expression.ANGRY,
        "disgusted": Expression.DISGUST,
        # Seven classes have no contempt; FER+ and AffectNet have: its nearest is disgust.
        "contempt": Expression.DISGUST,
        "fearful": Expression.FEAR,
        "happiness": Expression.HAPPY,
        "sadness": Expression.SAD,
        "surprised": Expression.SURPRISE,
    }
)
"""Names in lower case, as data sets and models write them."""


def expression_of(name: str) -> Expression | None:
    """Return the expression that `name` means, whatever its case; None for any other word."""
    return SYNONYMS.get(name.strip().lower())


def sentiment_of(name: str) -> Sentiment | None:
    """Return the sentiment called `name`: people may label three classes instead of seven."""
    try:
        return Sentiment(name.strip().lower())
    except ValueError:
        return None


def is_known(name: str) -> bool:
    """Say whether faces with the label `name` can be compared with a model's prediction."""
    return expression_of(name) is not None or sentiment_of(name) is not None


def known_labels() -> str:
    """Return the known labels for messages to people."""
    return ", ".join(dict.fromkeys([*SYNONYMS, *(sentiment.value for sentiment in SENTIMENTS)]))


class LabelMap:
    """One model's labels brought to the shared ones, and its own view of what they count as."""

    def __init__(
        self, model: str, labels: Sequence[str], sentiment: Mapping[str, Sentiment]
    ) -> None:
        self._model = model
        self._sentiments: dict[Expression, Sentiment] = {}
        columns: list[int] = []
        for label in labels:
            expression = expression_of(label)
            if expression is None:
                raise LabelUnknown(
                    f"the manifest of model {model} has the label {label!r}, which is none of the "
                    f"seven compared ({', '.join(EXPRESSIONS)}) and no synonym of theirs"
                )
            columns.append(EXPRESSIONS.index(expression))
            # Disgust's own sentiment goes before that of contempt, which is folded into it.
            if label.strip().lower() != "contempt" or expression not in self._sentiments:
                self._sentiments[expression] = sentiment[label]
        self._columns = np.array(columns, np.intp)

    def expressions(
        self, labels: NDArray[np.floating]
    ) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
        """Return each row's most probable label as its index in EXPRESSIONS, and how probable."""
        best = labels.argmax(axis=1)
        return self._columns[best], labels[np.arange(len(labels)), best]

    def truth(self, name: str, *, source: str) -> tuple[int, int]:
        """Return (expression, sentiment) as indices for a face labelled `name`.

        The expression is -1 where people have labelled a sentiment only. Raises LabelUnknown,
        naming the file `source`, for a label that this model's manifest does not know.
        """
        expression = expression_of(name)
        if expression is not None:
            if expression not in self._sentiments:
                raise LabelUnknown(
                    f"{source} has the label {name!r}, which the manifest of model "
                    f"{self._model} does not know; leave the model or those pictures out"
                )
            index = SENTIMENTS.index(self._sentiments[expression])
            return EXPRESSIONS.index(expression), index
        sentiment = sentiment_of(name)
        if sentiment is None:
            raise LabelUnknown(f"{source} has the label {name!r}; known: {known_labels()}")
        return -1, SENTIMENTS.index(sentiment)
