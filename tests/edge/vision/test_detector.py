"""A detector end to end, on a tiny model that sees the same face in every picture."""

from __future__ import annotations

import numpy as np
import pytest

from edge.errors import ModelInvalid
from edge.vision.detector import OnnxDetector
from edge.vision.session import Session
from edge.vision.stages import Stage, StageClock
from edge.vision.yunet import YuNet
from tests.edge.vision.graphs import store
from tests.edge.vision.manifests import face_manifest
from tests.edge.vision.planted import SIDE_PX, face_graph, outputs_with_a_face


def open_detector(folder, content=None, *, manifest=None, clock=None):
    clock = clock or StageClock()
    file = store(folder, manifest or face_manifest(side_px=SIDE_PX), content or face_graph())
    session = Session(file, stage=Stage.DETECT, clock=clock)
    return OnnxDetector(session, YuNet(manifest=file.manifest, input_width_px=SIDE_PX), clock=clock)


@pytest.mark.parametrize("scale", [0.5, 1, 2, 7.5])
def test_a_face_is_found_once_in_the_frames_own_pixels(tmp_path, scale):
    size = round(SIDE_PX * scale)
    (face,) = open_detector(tmp_path).detect(np.zeros((size, size, 3), np.uint8))
    box = (face.box.left, face.box.top, face.box.right, face.box.bottom)
    assert box == pytest.approx([value * scale for value in (12, 24, 28, 48)], rel=1e-4)
    assert face.score == pytest.approx(0.81)
    assert face.landmarks is not None
    assert face.landmarks == pytest.approx(np.tile((20 * scale, 36 * scale), (5, 1)), rel=1e-4)


def test_frames_may_change_their_size_between_calls(tmp_path):
    detector = open_detector(tmp_path)
    widths = [
        detector.detect(np.zeros((side, side, 3), np.uint8))[0].box.width for side in (64, 128, 64)
    ]
    assert widths == pytest.approx([16, 32, 16])


def test_an_empty_picture_gives_an_empty_list(tmp_path):
    nobody = {name: np.zeros_like(value) for name, value in outputs_with_a_face().items()}
    assert open_detector(tmp_path, face_graph(nobody)).detect(np.zeros((9, 9, 3), np.uint8)) == []


def test_each_stage_is_measured_once_a_frame(tmp_path):
    clock = StageClock()
    detector = open_detector(tmp_path, clock=clock)
    for _ in range(3):
        detector.detect(np.zeros((64, 64, 3), np.uint8))
    assert [clock.runs(s) for s in (Stage.RESIZE, Stage.DETECT, Stage.BOXES)] == [3, 3, 3]


def test_the_detector_has_its_models_name(tmp_path):
    assert open_detector(tmp_path).name == "tiny-yunet"


def test_a_file_of_another_size_than_its_manifest_is_refused(tmp_path):
    with pytest.raises(ModelInvalid, match=r"input\[1,3,64,64\] instead of input\[\?,3,320,320\]"):
        open_detector(tmp_path, manifest=face_manifest(side_px=320))


def test_free_size_that_is_not_rounded_up_to_the_strides_is_refused(tmp_path):
    with pytest.raises(ModelInvalid, match=r"input\[1,3,64,64\] instead of input\[\?,3,33,33\]"):
        open_detector(tmp_path, manifest=face_manifest(multiple_of_px=1))


def test_a_file_that_lacks_an_output_is_refused(tmp_path):
    outputs = outputs_with_a_face()
    del outputs["kps_16"]
    with pytest.raises(ModelInvalid, match=r"it has no output kps_16\[\?,16,10\]"):
        open_detector(tmp_path, face_graph(outputs))


def test_a_file_with_too_few_cells_is_refused(tmp_path):
    outputs = outputs_with_a_face()
    outputs["cls_8"] = outputs["cls_8"][:, :60]
    with pytest.raises(ModelInvalid, match=r"it has no output cls_8\[\?,64,1\]"):
        open_detector(tmp_path, face_graph(outputs))
