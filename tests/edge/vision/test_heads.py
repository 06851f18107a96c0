"""How outputs become probabilities, and which outputs are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.manifest import Sentiment
from edge.errors import ModelInvalid
from edge.scene import Box, Detection
from edge.vision.adapters import load_expression_reader
from edge.vision.heads import LabelLogits
from edge.vision.registry import ModelRegistry
from tests.edge.vision.graphs import constant_graph, store
from tests.edge.vision.manifests import expression_manifest

SHAPE = ("n", 1, 16, 16)
FACE = Detection(box=Box(left=10, top=10, right=40, bottom=40), score=0.9)
PICTURE = np.zeros((60, 60, 3), np.uint8)
LABELS = ("glad", "angry", "calm")
SENTIMENTS = (Sentiment.POSITIVE, Sentiment.NEGATIVE, Sentiment.NEUTRAL)


def reader(folder, adapter, *outputs, labels=LABELS):
    manifest = expression_manifest(labels=labels, adapter=adapter)
    answers = {"out": np.array([outputs], np.float32)}
    graph = constant_graph(input_name="x", input_shape=SHAPE, outputs=answers)
    file = store(folder, manifest, graph)
    registry = ModelRegistry(manifests=(file.manifest,), folders=(folder,))
    return load_expression_reader(registry, manifest.name)


@given(values=st.lists(st.floats(-1e4, 1e4, width=32), min_size=3, max_size=3))
def test_any_logits_give_probabilities_in_the_same_order(values):
    logits = np.array([values], np.float32)
    outputs = LabelLogits(expression_manifest(labels=LABELS)).decode([logits])
    assert outputs.labels.sum() == pytest.approx(1, abs=1e-5)
    assert outputs.labels[0, logits.argmax()] == outputs.labels.max()
    negative, neutral, positive = outputs.sentiments[0]
    assert [positive, negative, neutral] == pytest.approx(outputs.labels[0])


def test_valence_and_arousal_behind_the_labels_are_left_out(tmp_path):
    logits = np.log([0.2, 0.5, 0.3])
    (reading,) = reader(tmp_path, "label_logits_valence_arousal", *logits, 9.0, -9.0).read(
        PICTURE, [FACE]
    )
    assert (reading.positive, reading.negative, reading.neutral) == pytest.approx((0.2, 0.5, 0.3))


@pytest.mark.parametrize(
    ("adapter", "outputs", "said"),
    [
        ("label_logits", (0.2, 0.5, 0.3), "probabilities already.*label_probabilities"),
        ("label_logits", (np.nan, 0, 0), "are no numbers"),
        ("label_logits", (np.inf, 0, 0), "are no numbers"),
        ("label_logits", (1, 2, 3, 4), r"no output out\[\?,3\], only out\[1,4\]"),
        ("label_logits_valence_arousal", (1, 2, 3), r"no output out\[\?,5\], only out\[1,3\]"),
        ("label_probabilities", (2.0, -4.0, 1.0), "add up to -1.000 instead of 1"),
        ("label_probabilities", (np.nan, 0, 0), "add up to nan instead of 1"),
    ],
)
def test_outputs_that_are_not_the_heads_are_one_line_that_names_the_file(
    tmp_path, adapter, outputs, said
):
    with pytest.raises(ModelInvalid, match=said) as caught:
        reader(tmp_path, adapter, *outputs)
    assert str(tmp_path / "tiny-expression.onnx") in str(caught.value)
    assert "\n" not in str(caught.value)
