"""Expressions end to end, on a tiny model for which bright faces are happy and dark ones not."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from contract.manifest import Abstention, Sentiment
from edge.errors import ModelInvalid
from edge.scene import Box, Detection
from edge.vision.expression import OnnxExpressionReader
from edge.vision.heads import LabelProbabilities
from edge.vision.session import Session
from edge.vision.stages import Stage, StageClock
from tests.edge.vision.graphs import brightness_graph, constant_graph, store
from tests.edge.vision.manifests import expression_manifest

SHAPE = ("n", 1, 16, 16)


def open_reader(folder, content=None, *, manifest=None, clock=None, head=LabelProbabilities):
    clock = clock or StageClock()
    content = content or brightness_graph(input_shape=SHAPE)
    file = store(folder, manifest or expression_manifest(), content)
    session = Session(file, stage=Stage.EXPRESSION, clock=clock)
    return OnnxExpressionReader(session, head(file.manifest), clock=clock)


def face_at(x, y, width=20.0):
    return Detection(box=Box(left=x, top=y, right=x + width, bottom=y + width), score=0.9)


def half_bright():
    """A picture whose left half is black and whose right half is white."""
    image = np.zeros((100, 200, 3), np.uint8)
    image[:, 100:] = 255
    return image


def test_each_face_gets_its_own_reading_in_order(tmp_path):
    faces = [face_at(20, 40), face_at(150, 40), face_at(60, 40)]
    readings = open_reader(tmp_path).read(half_bright(), faces)
    assert [reading and reading.positive for reading in readings] == pytest.approx([0, 1, 0])
    assert [reading and reading.negative for reading in readings] == pytest.approx([1, 0, 1])


def test_more_faces_than_a_batch_are_all_read(tmp_path):
    faces = [face_at(20 + 130 * (index % 2), 40) for index in range(19)]
    readings = open_reader(tmp_path).read(half_bright(), faces)
    expected = [float(index % 2) for index in range(19)]
    assert [reading and reading.positive for reading in readings] == pytest.approx(expected)


def test_a_small_face_is_not_read_and_the_others_keep_their_places(tmp_path):
    reader = open_reader(tmp_path, manifest=expression_manifest(minimum_face_px=24))
    faces = [face_at(20, 40, width=23), face_at(150, 40, width=24), face_at(30, 40, width=5)]
    small, large, tiny = reader.read(half_bright(), faces)
    assert small is None
    assert tiny is None
    assert large is not None


@pytest.mark.parametrize(("aside_px", "is_read"), [(0, True), (3, True), (-3, True), (4, False),
                                                  (-4, False)])  # fmt: skip
def test_a_face_turned_further_than_the_manifest_allows_is_not_read(tmp_path, aside_px, is_read):
    limits = Abstention(maximum_turn=0.35)
    manifest = msgspec.structs.replace(expression_manifest(), abstention=limits)
    reader = open_reader(tmp_path, manifest=manifest)
    marks = np.array([[25, 45], [35, 45], [30 + aside_px, 50], [27, 55], [33, 55]], np.float32)
    turned, unmarked = replace(face_at(20, 40), landmarks=marks), face_at(150, 40)
    first, second = reader.read(half_bright(), [turned, unmarked])
    assert (first is not None) == is_read
    assert second is not None


class Legible(LabelProbabilities):
    """Finds bright faces wholly legible and dark ones 0.6."""

    def decode(self, outputs):
        found = super().decode(outputs)
        legibility = np.where(found.labels[:, 0] > 0.5, 1.0, 0.6).astype(np.float32)
        return replace(found, legibility=legibility)


@pytest.mark.parametrize(("minimum", "is_read"), [(0.0, True), (0.59, True), (0.61, False)])
def test_a_face_less_legible_than_the_manifest_allows_is_not_read(tmp_path, minimum, is_read):
    limits = Abstention(minimum_legibility=minimum)
    manifest = msgspec.structs.replace(expression_manifest(), abstention=limits)
    reader = open_reader(tmp_path, manifest=manifest, head=Legible)
    dark, bright = reader.read(half_bright(), [face_at(20, 40), face_at(150, 40)])
    assert (dark is not None) == is_read
    assert bright is not None


def test_no_faces_cost_no_model_run(tmp_path):
    clock = StageClock()
    assert open_reader(tmp_path, clock=clock).read(half_bright(), []) == []
    assert clock.runs(Stage.EXPRESSION) == 0


def test_the_probabilities_of_a_sentiments_labels_are_summed(tmp_path):
    labels = ("calm", "angry", "sad", "glad")
    manifest = expression_manifest(labels=labels)
    manifest.sentiment.update(
        calm=Sentiment.NEUTRAL,
        angry=Sentiment.NEGATIVE,
        sad=Sentiment.NEGATIVE,
        glad=Sentiment.POSITIVE,
    )
    # The most probable label is neutral, the most probable sentiment negative.
    answer = {"p": np.array([[0.4, 0.25, 0.25, 0.1]], np.float32)}
    graph = constant_graph(input_name="x", input_shape=SHAPE, outputs=answer)
    (reading,) = open_reader(tmp_path, graph, manifest=manifest).read(
        half_bright(), [face_at(0, 0)]
    )
    assert reading is not None
    assert (reading.negative, reading.neutral, reading.positive) == pytest.approx((0.5, 0.4, 0.1))


def test_outputs_that_are_no_probabilities_are_refused(tmp_path):
    answer = {"p": np.array([[3.0, -1.0]], np.float32)}
    graph = constant_graph(input_name="x", input_shape=SHAPE, outputs=answer)
    with pytest.raises(ModelInvalid, match=r"its outputs add up to 2.000 instead of 1"):
        open_reader(tmp_path, graph)


def test_another_number_of_labels_than_the_manifests_is_refused(tmp_path):
    manifest = expression_manifest(labels=("bright", "dark", "dim"))
    with pytest.raises(ModelInvalid, match=r"no output probabilities\[\?,3\], only prob"):
        open_reader(tmp_path, manifest=manifest)


def test_another_input_than_the_manifests_is_refused(tmp_path):
    graph = brightness_graph(input_shape=("n", 1, 24, 24))
    with pytest.raises(ModelInvalid, match=r"input\[\?,1,24,24\] instead of input\[\?,1,16,16\]"):
        open_reader(tmp_path, graph)


@pytest.mark.parametrize("batch", [1, 3])
def test_a_file_of_fixed_batch_size_reads_any_number_of_faces(tmp_path, batch):
    graph = brightness_graph(input_shape=(batch, 1, 16, 16))
    faces = [face_at(20 + 130 * (index % 2), 40) for index in range(5)]
    readings = open_reader(tmp_path, graph).read(half_bright(), faces)
    assert [reading and reading.positive for reading in readings] == pytest.approx([0, 1, 0, 1, 0])


def test_outputs_that_turn_wrong_in_service_name_the_file(tmp_path):
    # Sums to 1 for the empty picture of the trial, and to something else for any other.
    graph = brightness_graph(input_shape=SHAPE, weights=(1.0, 1.0))
    reader = open_reader(tmp_path, graph)
    with pytest.raises(ModelInvalid, match=r"tiny-expression.onnx\): its outputs add up to 3"):
        reader.read(half_bright(), [face_at(150, 40)])
