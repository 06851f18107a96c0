"""Writes tiny ONNX files: graphs whose outputs are constants, or an average of the input.

The few fields needed are written in protobuf's wire format, so that tests need no `onnx` package.
Field numbers are those of onnx.proto.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from contract.manifest import ModelManifest
from edge.vision.registry import ModelFile

Shape = Sequence[int | str]

_FLOAT = 1
_IR_VERSION, _OPSET = 8, 13


def constant_graph(
    *,
    input_name: str,
    input_shape: Shape,
    outputs: Mapping[str, NDArray[np.float32]],
) -> bytes:
    """Return a model that answers `outputs` whatever it is shown."""
    return _model(
        nodes=[_node("Identity", [f"{name}.value"], [name]) for name in outputs],
        initialisers=[_tensor(f"{name}.value", value) for name, value in outputs.items()],
        inputs=[_value(input_name, input_shape)],
        outputs=[_value(name, value.shape) for name, value in outputs.items()],
    )


def echo_graph(*, shape: Shape) -> bytes:
    """Return a model whose output `echo` is its input, of a shape that it need not declare."""
    return _model(
        nodes=[_node("Identity", ["input"], ["echo"])],
        initialisers=[],
        inputs=[_value("input", shape)],
        outputs=[_value("echo", shape)],
    )


def brightness_graph(*, input_shape: Shape, weights: tuple[float, float] = (1.0, -1.0)) -> bytes:
    """Return a model of probabilities [N,2]: the mean of the input, and 1 minus that."""
    return _model(
        nodes=[
            _node("GlobalAveragePool", ["input"], ["mean"]),
            _node("Flatten", ["mean"], ["flat"]),
            _node("MatMul", ["flat", "weights"], ["product"]),
            _node("Add", ["product", "bias"], ["probabilities"]),
        ],
        initialisers=[
            _tensor("weights", np.array([weights], np.float32)),
            _tensor("bias", np.array([0.0, 1.0], np.float32)),
        ],
        inputs=[_value("input", input_shape)],
        outputs=[_value("probabilities", ["n", 2])],
    )


def store(folder: Path, manifest: ModelManifest, content: bytes) -> ModelFile:
    """Write the weights, and return them with the manifest that has their hash."""
    path = folder / manifest.file
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return ModelFile(manifest=msgspec.structs.replace(manifest, sha256=digest), path=path)


def _model(
    *,
    nodes: Sequence[bytes],
    initialisers: Sequence[bytes],
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
) -> bytes:
    graph = b"".join(
        [
            *(_bytes(1, node) for node in nodes),
            _bytes(2, b"graph"),
            *(_bytes(5, tensor) for tensor in initialisers),
            *(_bytes(11, value) for value in inputs),
            *(_bytes(12, value) for value in outputs),
        ]
    )
    return _number(1, _IR_VERSION) + _bytes(7, graph) + _bytes(8, _number(2, _OPSET))


def _node(operation: str, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
    return b"".join(
        [
            *(_bytes(1, name.encode()) for name in inputs),
            *(_bytes(2, name.encode()) for name in outputs),
            _bytes(4, operation.encode()),
        ]
    )


def _tensor(name: str, value: NDArray[np.float32]) -> bytes:
    return b"".join(
        [
            *(_number(1, size) for size in value.shape),
            _number(2, _FLOAT),
            _bytes(8, name.encode()),
            _bytes(9, np.ascontiguousarray(value, "<f4").tobytes()),
        ]
    )


def _value(name: str, shape: Shape) -> bytes:
    dimensions = b"".join(
        _bytes(1, _number(1, size) if isinstance(size, int) else _bytes(2, size.encode()))
        for size in shape
    )
    tensor_type = _number(1, _FLOAT) + _bytes(2, dimensions)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, tensor_type))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
