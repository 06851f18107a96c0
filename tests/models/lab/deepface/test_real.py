"""Through deepface itself, where `sh setup.sh deepface` has set it up."""

from __future__ import annotations

import csv
import hashlib
import shutil

import cv2
import numpy as np
import pytest

from models.lab.deepface.client import find_python
from models.lab.deepface.entries import open_expression_model, open_face_detector
from models.lab.evaluation.errors import ModelUnfit
from tests.edge.vision.graphs import constant_graph

ANSWER = np.array([[0.05, 0.0, 0.05, 0.7, 0.1, 0.05, 0.05]], np.float32)
FACE = np.full((60, 60, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def python():
    try:
        return find_python()
    except ModelUnfit as error:
        pytest.skip(str(error))


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """The folder in which deepface looks for weights: empty."""
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    folder = tmp_path / ".deepface" / "weights"
    folder.mkdir(parents=True)
    return folder


def put_emotion(folder, answer) -> bytes:
    graph = constant_graph(input_name="x", input_shape=("n", 48, 48, 1), outputs={"p": answer})
    (folder / "facial_expression_model_weights.onnx").write_bytes(graph)
    return graph


def test_absent_weights_are_one_line_that_says_how_to_get_them(python, weights):
    with pytest.raises(ModelUnfit) as caught:
        open_expression_model("emotion", python=python)
    text = str(caught.value)
    assert "\n" not in text
    assert str(weights / "facial_expression_model_weights.onnx") in text
    assert "releases/download/v1.0/facial_expression_model_weights.onnx" in text
    assert "DEEPFACE_HOME" in text


def test_expressions_are_read_through_deepface(python, weights):
    graph = put_emotion(weights, ANSWER)
    model = open_expression_model("emotion", python=python)
    assert model.name == "deepface:emotion"
    assert model.labels == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    assert model.sha256 == hashlib.sha256(graph).hexdigest()
    outputs = model.outputs([FACE, FACE[:30], np.zeros((5, 5, 3), np.uint8)])
    assert outputs.labels == pytest.approx(np.tile(ANSWER, (3, 1)), abs=1e-6)
    assert outputs.sentiments[0] == pytest.approx((0.2, 0.1, 0.7), abs=1e-6)
    assert model.outputs([]).labels.shape == (0, 7)


@pytest.mark.parametrize(
    "content", [b"", b"<html>", "five"], ids=["empty", "a page instead", "five classes"]
)
def test_weights_that_are_none_are_one_line(python, weights, content):
    if content == "five":
        put_emotion(weights, ANSWER[:, :5])
    else:
        (weights / "facial_expression_model_weights.onnx").write_bytes(content)
    with pytest.raises(ModelUnfit, match="model deepface:emotion: its weights ") as caught:
        open_expression_model("emotion", python=python)
    assert "\n" not in str(caught.value)
    assert "allow DeepFace" not in str(caught.value)


def test_a_detector_of_another_package_says_which(python, weights):
    with pytest.raises(ModelUnfit, match="deepface:mtcnn: You must install mtcnn"):
        open_face_detector("mtcnn", python=python)


def test_nobody_is_found_in_an_empty_picture(python, weights):
    detector = open_face_detector("opencv", python=python)
    assert detector.detect(np.zeros((120, 160, 3), np.uint8)) == []
    assert detector.name == "deepface:opencv"


@pytest.mark.shared
@pytest.mark.parametrize("name", ["opencv", "yunet"])
def test_a_portrait_has_one_face_where_another_implementation_saw_it(python, weights, shared, name):
    # The file that deepface wants is elsewhere; this one has the same outputs.
    shutil.copy(
        shared / "models" / "yunet_n_320_320.onnx", weights / "face_detection_yunet_2023mar.onnx"
    )
    with (shared / "data" / "expressions" / "faces.csv").open() as file:
        row = next(csv.DictReader(file))
    image = cv2.imread(str(shared / "data" / "expressions" / row["file"]))
    (found,) = open_face_detector(name, python=python).detect(image)
    x, y, width, height = (float(row[column]) for column in "xywh")
    assert found.box.centre == pytest.approx((x + width / 2, y + height / 2), abs=0.1 * width)
    assert found.score > 0.8
