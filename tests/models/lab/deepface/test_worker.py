"""The pipe's messages, and what deepface's process answers, with another library in its place."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from models.lab.deepface.worker import (
    Reply,
    Request,
    WeightsMissing,
    WeightsUnfit,
    receive,
    send,
    serve,
    try_out,
)

PICTURES = arrays(np.uint8, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
FIGURES = arrays(
    np.float32, array_shapes(max_dims=2, max_side=5), elements=st.floats(0, 1, width=32)
)


@given(name=st.text(), array=st.none() | PICTURES | FIGURES)
def test_a_message_arrives_as_it_was_sent(name, array):
    stream = io.BytesIO()
    send(stream, Request(do="find", name=name), array)
    send(stream, Reply(problem="next"))
    stream.seek(0)
    message, arrived = receive(stream)
    assert message == {"do": "find", "name": name}
    assert (arrived is None) == (array is None)
    if array is not None:
        assert arrived.dtype == array.dtype
        np.testing.assert_array_equal(arrived, array)
    assert receive(stream)[0]["problem"] == "next"


@given(data=st.data(), array=PICTURES.filter(lambda a: a.size))
def test_a_message_that_is_cut_off_is_an_end(data, array):
    stream = io.BytesIO()
    send(stream, Request(do="find"), array)
    whole = stream.getvalue()
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(EOFError):
        receive(io.BytesIO(whole[:cut]))


class Stand:
    """A library that knows a picture's mean, one model, and two ways to fail."""

    def open_expression(self, name):
        if name != "mean":
            raise WeightsMissing("not there;\n  get them")
        return Reply(labels=("mean",), sha256="0" * 64), None

    def open_detector(self, name):
        raise KeyError(name)

    def read(self, face):
        return Reply(), np.array([[face.mean()]], np.float32)

    find = read


def asked(*messages):
    source, sink = io.BytesIO(), io.BytesIO()
    for message, array in messages:
        send(source, message, array)
    source.seek(0)
    serve(source, sink, Stand())
    sink.seek(0)
    return [receive(sink) for _ in messages]


def test_requests_are_answered_one_by_one_until_the_input_ends():
    opened, read = asked(
        (Request(do="open_expression", name="mean"), None),
        (Request(do="read"), np.full((2, 3, 3), 7, np.uint8)),
    )
    assert opened[0] == {"problem": "", "labels": ["mean"], "sha256": "0" * 64}
    assert read[1].tolist() == [[7.0]]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request(do="open_expression", name="other"), "WeightsMissing"),
        (Request(do="open_detector", name="other"), "KeyError: 'other'"),
        (Request(do="dance"), "KeyError: 'dance'"),
    ],
)
def test_a_failure_is_one_line_and_no_end(request_, said):
    failed, opened = asked((request_, None), (Request(do="open_expression", name="mean"), None))
    said = "not there; get them" if said == "WeightsMissing" else said
    assert failed[0]["problem"] == said
    assert opened[0]["problem"] == ""


def fail(_):
    try:
        raise RuntimeError("INVALID_PROTOBUF")
    except RuntimeError as error:
        raise ValueError("allow DeepFace to download it again") from error


def test_weights_that_cannot_be_loaded_are_named_without_a_promise_to_download_them():
    weights = {Path("/srv/weights.onnx"): "https://example.org/weights.onnx"}
    with pytest.raises(WeightsUnfit) as caught:
        try_out(fail, np.zeros((4, 4, 3), np.uint8), weights)
    assert str(caught.value) == (
        "its weights /srv/weights.onnx are damaged, or those of another model (RuntimeError); "
        "download https://example.org/weights.onnx to there again"
    )


def test_a_failure_before_any_weights_keeps_its_own_words():
    with pytest.raises(ValueError, match="allow DeepFace"):
        try_out(fail, np.zeros((4, 4, 3), np.uint8), {})
