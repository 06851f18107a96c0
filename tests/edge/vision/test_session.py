"""Files that ONNX Runtime or an adapter cannot use end in one line that names them."""

from __future__ import annotations

import numpy as np
import pytest

from edge.errors import ModelInvalid
from edge.vision.session import Session, Tensor
from edge.vision.stages import Stage, StageClock
from tests.edge.vision.graphs import constant_graph, echo_graph, store
from tests.edge.vision.manifests import face_manifest

ANSWERS = {"a": np.array([[1.0, 2.0]], np.float32), "b": np.array([[3.0]], np.float32)}
INPUT = Tensor(name="input", shape=(None, 3, 8, 8))
A = Tensor(name="a", shape=(None, 2))
B = Tensor(name="b", shape=(None, 1))


def open_session(folder, content=None, clock=None):
    graph = constant_graph(input_name="input", input_shape=("n", 3, 8, 8), outputs=ANSWERS)
    file = store(folder, face_manifest(), graph if content is None else content)
    return Session(file, stage=Stage.DETECT, clock=clock or StageClock())


def test_outputs_come_in_the_expected_order(tmp_path):
    session = open_session(tmp_path)
    session.expect(INPUT, [B, A])
    b, a = session.run(np.zeros((1, 3, 8, 8), np.float32))
    assert b.tolist() == [[3.0]]
    assert a.tolist() == [[1.0, 2.0]]


def test_only_runs_are_counted_on_the_clock(tmp_path):
    clock = StageClock()
    session = open_session(tmp_path, clock=clock)
    session.expect(INPUT, [A])
    assert clock.runs(Stage.DETECT) == 0
    session.run(np.zeros((1, 3, 8, 8), np.float32))
    assert clock.runs(Stage.DETECT) == 1
    assert clock.model_s == clock.total_s(Stage.DETECT) > 0


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x00" * 300])
def test_what_is_no_model_is_refused_by_name_and_path(tmp_path, content, capfd):
    with pytest.raises(ModelInvalid, match="ONNX Runtime cannot load it") as caught:
        open_session(tmp_path, content)
    text = str(caught.value)
    assert "tiny-yunet" in text
    assert str(tmp_path / "tiny-yunet.onnx") in text
    assert "\n" not in text
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("wanted_input", "wanted_outputs", "complaint"),
    [
        (Tensor(name="images", shape=INPUT.shape), [A], r"its input is input\[\?,3,8,8\] instead"),
        (Tensor(name="input", shape=(None, 1, 8, 8)), [A], r"instead of input\[\?,1,8,8\]"),
        (Tensor(name="input", shape=(None, 3, 8)), [A], r"instead of input\[\?,3,8\]"),
        (INPUT, [A, Tensor(name="c", shape=(None, 1))], r"it has no output c\[\?,1\], only a"),
        (INPUT, [Tensor(name="a", shape=(None, 7))], r"it has no output a\[\?,7\]"),
    ],
)
def test_other_tensors_than_expected_are_named(tmp_path, wanted_input, wanted_outputs, complaint):
    with pytest.raises(ModelInvalid, match=complaint):
        open_session(tmp_path).expect(wanted_input, wanted_outputs)


def test_a_shape_that_the_file_does_not_declare_is_found_by_trying(tmp_path):
    session = open_session(tmp_path, echo_graph(shape=("n", 3, "h", "w")))
    with pytest.raises(ModelInvalid, match=r"its output is echo\[1,3,8,8\] instead of"):
        session.expect(INPUT, [Tensor(name="echo", shape=(None, 3, 5, 5))])


def test_an_input_that_does_not_fit_is_refused_with_its_size(tmp_path):
    session = open_session(tmp_path)
    session.expect(INPUT, [A])
    with pytest.raises(ModelInvalid, match="fails on an input of 1x3x9x9"):
        session.run(np.zeros((1, 3, 9, 9), np.float32))
