"""Published models whose weights are elsewhere, on graphs of the same names and shapes."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from contract.manifest import read_manifest
from edge.errors import ModelInvalid
from edge.scene import Box, Detection
from edge.vision.adapters import load_detector, load_expression_reader
from edge.vision.pixels import PixelWriter, empty_tensor
from edge.vision.registry import ModelRegistry
from tests.edge.vision.graphs import constant_graph, store
from tests.edge.vision.manifests import person_manifest
from tests.edge.vision.planted import face_graph, outputs_with_a_face

MANIFESTS = Path(__file__).resolve().parents[3] / "models" / "manifests"
FACE = Detection(box=Box(left=10, top=10, right=70, bottom=90), score=0.9)
ROOM = np.zeros((100, 120, 3), np.uint8)
LOGITS_7 = np.array([[0.1, -2, -1, 4, 1, 0, 0.5]], np.float32)
LOGITS_8 = np.array([[0.1, -1, -2, -1, 4, 1, 0, 0.5]], np.float32)

# Input and outputs as the projects' own code names and shapes them.
EXPRESSIONS = {
    "mobilefacenet": ("data", (1, 3, 112, 112), "label", LOGITS_7),
    "emotieff-b0": ("input", ("batch_size", 3, 224, 224), "output", LOGITS_8),
    "emotieff-b0-va": (
        "input",
        ("batch_size", 3, 224, 224),
        "output",
        np.concatenate((LOGITS_8, [[0.7, -0.3]]), axis=1, dtype=np.float32),
    ),
    "deepface-emotion": (
        "x",
        ("n", 48, 48, 1),
        "probabilities",
        np.array([[0.01, 0.01, 0.02, 0.9, 0.02, 0.02, 0.02]], np.float32),
    ),
}


def registry_of(folder, manifest, content):
    file = store(folder, manifest, content)
    return ModelRegistry(manifests=(file.manifest,), folders=(folder,))


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_happy_face_is_read_as_positive(tmp_path, name):
    input_name, input_shape, output, answer = EXPRESSIONS[name]
    graph = constant_graph(input_name=input_name, input_shape=input_shape, outputs={output: answer})
    registry = registry_of(tmp_path, read_manifest(MANIFESTS / f"{name}.toml"), graph)
    reader = load_expression_reader(registry, name)
    (reading,) = reader.read(ROOM, [FACE])
    assert reading.positive > 0.8
    assert reading.positive + reading.neutral + reading.negative == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_graph_with_another_number_of_classes_is_refused(tmp_path, name):
    input_name, input_shape, output, answer = EXPRESSIONS[name]
    outputs = {output: answer[:, :-1]}
    graph = constant_graph(input_name=input_name, input_shape=input_shape, outputs=outputs)
    registry = registry_of(tmp_path, read_manifest(MANIFESTS / f"{name}.toml"), graph)
    with pytest.raises(ModelInvalid, match=r"it has no output") as caught:
        load_expression_reader(registry, name)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_graph_with_another_input_is_refused(tmp_path, name):
    _, _, output, answer = EXPRESSIONS[name]
    graph = constant_graph(input_name="x", input_shape=(1, 3, 99, 99), outputs={output: answer})
    registry = registry_of(tmp_path, read_manifest(MANIFESTS / f"{name}.toml"), graph)
    with pytest.raises(ModelInvalid, match=r"its input is x\[1,3,99,99\] instead of"):
        load_expression_reader(registry, name)


def imagenet(rgb):
    return (rgb / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])


# From the projects' code, on RGB 0..255: facial_fer_model.py, facial_analysis.py, Emotion.py.
@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("mobilefacenet", lambda rgb: np.moveaxis((rgb / 255 - 0.5) / 0.5, -1, 0)),
        ("emotieff-b0", lambda rgb: np.moveaxis(imagenet(rgb), -1, 0)),
        ("emotieff-b0-va", lambda rgb: np.moveaxis(imagenet(rgb), -1, 0)),
        ("deepface-emotion", lambda rgb: (rgb @ [[0.299], [0.587], [0.114]]) / 255),
    ],
)
def test_pixels_are_scaled_as_in_the_projects_own_code(name, formula):
    spec = read_manifest(MANIFESTS / f"{name}.toml").input
    rng = np.random.default_rng(0)
    bgr = rng.integers(0, 256, (spec.height_px, spec.width_px, 3), np.uint8)
    tensor = empty_tensor(1, spec.width_px, spec.height_px, spec)
    PixelWriter(spec.width_px, spec.height_px, spec).write(bgr, tensor[0])
    expected = formula(bgr[..., ::-1].astype(float))
    assert tensor[0] == pytest.approx(expected, abs=0.51 / 255 if spec.width_px == 48 else 1e-4)


def test_yunet_2023mar_is_read_at_its_640_pixels(tmp_path):
    outputs = outputs_with_a_face(x_px=200, y_px=100, width_px=40, height_px=60, side_px=640)
    manifest = read_manifest(MANIFESTS / "yunet-2023mar.toml")
    registry = registry_of(tmp_path, manifest, face_graph(outputs, side=640))
    frame = np.zeros((720, 1280, 3), np.uint8)
    (face,) = load_detector(registry, "yunet-2023mar").detect(frame)
    box = (face.box.left, face.box.top, face.box.right, face.box.bottom)
    assert box == pytest.approx((360, 140, 440, 260), rel=1e-4)
    assert face.landmarks == pytest.approx(np.tile((400, 200), (5, 1)), rel=1e-3)


@pytest.mark.parametrize(
    ("name", "side_px", "cells"), [("yolox-s", 640, 8400), ("yolox-nano", 416, 3549)]
)
def test_yolox_is_read_at_the_size_of_its_manifest(tmp_path, name, side_px, cells):
    output = np.zeros((1, cells, 85), np.float32)
    # The tenth row's fifth cell of stride 8: centre, log size, objectness, person.
    output[0, 10 * side_px // 8 + 5, :6] = (0.5, 0.5, math.log(4), math.log(10), 0.9, 1.0)
    graph = constant_graph(
        input_name="images", input_shape=(1, 3, side_px, side_px), outputs={"output": output}
    )
    registry = registry_of(tmp_path, read_manifest(MANIFESTS / f"{name}.toml"), graph)
    frame = np.zeros((side_px, side_px, 3), np.uint8)
    (person,) = load_detector(registry, name).detect(frame)
    box = (person.box.left, person.box.top, person.box.right, person.box.bottom)
    assert box == pytest.approx((44 - 16, 84 - 40, 44 + 16, 84 + 40), abs=1e-3)
    assert person.score == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("adapter", "side_px", "input_name", "output"),
    [
        ("yolox", 640, "images", ("output", (1, 8400, 6))),
        ("yolox", 640, "images", ("output", (1, 3549, 85))),
        ("fastestdet", 352, "input.1", ("758", (1, 85, 20, 20))),
        ("yunet", 640, "input", ("cls_8", (1, 6400, 1))),
    ],
)
def test_a_detectors_wrong_tensors_are_one_line_that_names_the_file(
    tmp_path, adapter, side_px, input_name, output
):
    name, shape = output
    graph = constant_graph(
        input_name=input_name,
        input_shape=(1, 3, side_px, side_px),
        outputs={name: np.zeros(shape, np.float32)},
    )
    manifest = msgspec.structs.replace(person_manifest(adapter, side_px=side_px), adapter=adapter)
    registry = registry_of(tmp_path, manifest, graph)
    with pytest.raises(ModelInvalid, match="it has no output") as caught:
        load_detector(registry, manifest.name)
    assert str(tmp_path / manifest.file) in str(caught.value)
    assert "\n" not in str(caught.value)
