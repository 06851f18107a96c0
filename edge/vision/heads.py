"""How the output tensors of expression models are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from contract.manifest import ModelManifest, Sentiment
from edge.vision.expression import ExpressionOutputs
from edge.vision.session import Floats, Session, Tensor

_ROUNDING = 1e-3
_SENTIMENTS = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)


class LabelProbabilities:
    """One output [n, labels] of probabilities; those of one sentiment are summed."""

    def __init__(self, manifest: ModelManifest) -> None:
        self._labels = len(manifest.labels)
        self._groups = _groups(manifest)

    def tensors(self, session: Session) -> list[Tensor]:
        """Return the only output: its name is the file's own."""
        return [Tensor(name=session.outputs[0].name, shape=(None, self._labels))]

    def check(self, outputs: Sequence[Floats]) -> None:
        """Raise ValueError where they are no probabilities."""
        self.decode(outputs)

    def decode(self, outputs: Sequence[Floats]) -> ExpressionOutputs:
        """Return the labels as they are and their sums for each sentiment."""
        labels = _probabilities(outputs[0])
        return ExpressionOutputs(
            labels=labels,
            sentiments=labels @ self._groups,
            legibility=np.ones(len(labels), np.float32),
        )


class LabelLogits:
    """One output [n, labels] of logits, and behind them columns that are no labels.

    Such are valence and arousal in some of EmotiEffLib's files; nothing here is made of them.
    """

    def __init__(self, manifest: ModelManifest, *, more_columns: int = 0) -> None:
        self._labels = len(manifest.labels)
        self._columns = self._labels + more_columns
        self._groups = _groups(manifest)

    def tensors(self, session: Session) -> list[Tensor]:
        """Return the only output: its name is the file's own."""
        return [Tensor(name=session.outputs[0].name, shape=(None, self._columns))]

    def check(self, outputs: Sequence[Floats]) -> None:
        """Raise ValueError where they are probabilities already: twice softmax would blur them."""
        self.decode(outputs)
        labels = outputs[0][:, : self._labels]
        if labels.min() >= 0 and np.abs(labels.sum(axis=1) - 1).max() <= _ROUNDING:
            raise ValueError(
                "its outputs are probabilities already; the adapter for them is label_probabilities"
            )

    def decode(self, outputs: Sequence[Floats]) -> ExpressionOutputs:
        """Return the logits' softmax and its sums for each sentiment."""
        labels = _softmax(outputs[0][:, : self._labels])
        return ExpressionOutputs(
            labels=labels,
            sentiments=labels @ self._groups,
            legibility=np.ones(len(labels), np.float32),
        )


class SentimentHeads:
    """Motcua's own: `labels` [n, labels], `sentiments` [n, 3] and `legibility` [n, 1].

    The sentiments are an output of their own: calibrated for what the product counts, which sums
    over labels are not.
    """

    def __init__(self, manifest: ModelManifest) -> None:
        self._labels = len(manifest.labels)

    def tensors(self, session: Session) -> list[Tensor]:
        """Return the three outputs, in the order of `decode`."""
        return [
            Tensor(name="labels", shape=(None, self._labels)),
            Tensor(name="sentiments", shape=(None, len(_SENTIMENTS))),
            Tensor(name="legibility", shape=(None, 1)),
        ]

    def check(self, outputs: Sequence[Floats]) -> None:
        """Raise ValueError where they are no probabilities."""
        self.decode(outputs)

    def decode(self, outputs: Sequence[Floats]) -> ExpressionOutputs:
        """Return the three outputs; raise ValueError where they are no probabilities."""
        labels, sentiments, legibility = outputs
        return ExpressionOutputs(
            labels=_probabilities(labels),
            sentiments=_probabilities(sentiments),
            legibility=legibility[:, 0],
        )


def _probabilities(output: Floats) -> Floats:
    totals = output.sum(axis=1)
    if not np.abs(totals - 1).max(initial=0.0) <= _ROUNDING:  # also where it is no number
        raise ValueError(f"its outputs add up to {totals[0]:.3f} instead of 1")
    return output


def _softmax(logits: Floats) -> Floats:
    if not np.isfinite(logits).all():
        raise ValueError("its outputs are no numbers")
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def _groups(manifest: ModelManifest) -> Floats:
    """Return labels x 3: 1 where a label belongs to a sentiment."""
    rows = [
        [manifest.sentiment[label] is sentiment for sentiment in _SENTIMENTS]
        for label in manifest.labels
    ]
    return np.array(rows, np.float32)
