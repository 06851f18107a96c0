"""The weights that travel with the product: what PyTorch said they say, and what they see."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
import skimage.data

from contract.manifest import ModelTask
from edge.capture.synthetic.scene import SyntheticScene
from edge.vision.adapters import load_detector, load_expression_reader
from edge.vision.registry import ModelRegistry, open_registry
from models.lab.evaluation.scenes import overlap

BUNDLED = Path(__file__).resolve().parents[2] / "models" / "bundled"
CARDS = BUNDLED.parent / "cards"
DETECTORS = ("motcua-face", "motcua-face-int8")
READERS = ("motcua-expression", "motcua-expression-int8")
SURE = 0.75  # both models' rounding is far from the threshold
LARGEST_BYTES = {"motcua-face": 1_000_000, "motcua-expression": 2_000_000}


@pytest.fixture(scope="module")
def registry():
    """The registry as in a fresh clone: nothing but what is bundled."""
    return open_registry(environment={})


@pytest.fixture(scope="module")
def portrait():
    """A press photograph in the public domain: one woman, smiling, seen from the front."""
    return np.ascontiguousarray(skimage.data.astronaut()[..., ::-1])


@pytest.mark.parametrize("name", LARGEST_BYTES)
def test_the_onnx_file_says_what_pytorch_said(name):
    with np.load(BUNDLED / f"{name}.parity.npz") as recorded:
        session = onnxruntime.InferenceSession(
            str(BUNDLED / f"{name}.onnx"), providers=["CPUExecutionProvider"]
        )
        names = [output.name for output in session.get_outputs()]
        assert set(recorded) == {"input", *names}
        outputs = session.run(names, {"input": recorded["input"]})
        for output, value in zip(names, outputs, strict=True):
            np.testing.assert_allclose(value, recorded[output], atol=2e-4, err_msg=output)


@pytest.mark.parametrize("name", LARGEST_BYTES)
def test_the_files_are_small_and_described(name):
    size = (BUNDLED / f"{name}.onnx").stat().st_size
    assert size <= LARGEST_BYTES[name]
    assert (BUNDLED / f"{name}-int8.onnx").stat().st_size < 0.5 * size
    assert (CARDS / f"{name}.md").read_text().startswith(f"# {name}\n")


def test_int8_finds_the_faces_that_float_finds(registry):
    exact, rounded = (load_detector(registry, name) for name in DETECTORS)
    scene = SyntheticScene()
    for at_s in range(4, 60, 4):
        picture = scene.render(at_s)
        faces = [face for face in exact.detect(picture) if face.score > SURE]
        assert faces
        for face in faces:
            assert max(overlap(face.box, other.box) for other in rounded.detect(picture)) > 0.8


def test_int8_reads_what_float_reads(registry):
    finder = load_detector(registry, DETECTORS[0])
    exact, rounded = (load_expression_reader(registry, name) for name in READERS)
    scene = SyntheticScene()
    for at_s in range(4, 60, 4):
        picture = scene.render(at_s)
        faces = finder.detect(picture)
        for one, other in zip(
            exact.read(picture, faces), rounded.read(picture, faces), strict=True
        ):
            if one is not None and other is not None:
                assert other.negative == pytest.approx(one.negative, abs=0.1)
                assert other.positive == pytest.approx(one.positive, abs=0.1)


@pytest.mark.parametrize(
    ("task", "names"),
    [(ModelTask.FACE_DETECTION, DETECTORS), (ModelTask.EXPRESSION, READERS)],
    ids=["faces", "expressions"],
)
def test_a_fresh_clone_chooses_a_bundled_model(registry, task, names):
    bundled = ModelRegistry(manifests=registry.manifests, folders=(BUNDLED,))
    file = bundled.choose(task)
    assert file.manifest.name in names
    assert file.path.parent == BUNDLED


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("width_px", [24, 48, 96])
def test_a_face_is_found_with_its_eyes_where_they_are(registry, portrait, name, width_px):
    scale = width_px / 96  # her face is about that wide
    image = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    (face,) = load_detector(registry, name, input_width_px=image.shape[1]).detect(image)
    right, left = face.landmarks[:2] / scale
    assert np.hypot(*(right - (203, 104))) < 12
    assert np.hypot(*(left - (248, 104))) < 12


@pytest.mark.parametrize("name", READERS)
def test_a_smile_is_read_and_noise_is_not(registry, portrait, name):
    (face,) = load_detector(registry, DETECTORS[0], input_width_px=512).detect(portrait)
    reader = load_expression_reader(registry, name)
    (reading,) = reader.read(portrait, [face])
    assert reading.positive > 0.8
    noise = np.random.default_rng(0).integers(0, 256, portrait.shape).astype(np.uint8)
    assert reader.read(noise, [face]) == [None]
