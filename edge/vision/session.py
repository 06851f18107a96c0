"""ONNX Runtime behind one method: one float input, outputs in a known order, times measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as _ort

from edge.errors import ModelInvalid
from edge.vision.registry import ModelFile
from edge.vision.stages import Stage, StageClock

Floats: TypeAlias = NDArray[np.float32]

# ONNX Runtime's errors have no common base.
_ORT_ERRORS = (
    _ort.EPFail,
    _ort.Fail,
    _ort.InvalidArgument,
    _ort.InvalidGraph,
    _ort.InvalidProtobuf,
    _ort.NoSuchFile,
    _ort.NotImplemented,
    _ort.RuntimeException,
)
_FATAL = 4
_FLOAT = "tensor(float)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """A tensor's name and shape; a dimension that is not fixed is None."""

    name: str
    shape: tuple[int | None, ...]
    type: str = _FLOAT

    def fits(self, expected: Tensor) -> bool:
        """Say whether a model's tensor can serve as the expected one."""
        return (
            (self.name, self.type) == (expected.name, expected.type)
            and len(self.shape) == len(expected.shape)
            and all(
                mine is None or theirs is None or mine == theirs
                for mine, theirs in zip(self.shape, expected.shape, strict=True)
            )
        )

    def __str__(self) -> str:
        kind = "" if self.type == _FLOAT else f" {self.type}"
        return f"{self.name}[{','.join('?' if d is None else str(d) for d in self.shape)}]{kind}"


class Session:
    """Loaded weights. `run` counts its time on the clock's `stage`, and nothing else does."""

    def __init__(
        self, file: ModelFile, *, stage: Stage, clock: StageClock, threads: int = 1
    ) -> None:
        self.manifest = file.manifest
        self._path = file.path
        self._stopwatch = clock.measure(stage)
        try:
            self._session = onnxruntime.InferenceSession(
                str(file.path), _options(threads), providers=["CPUExecutionProvider"]
            )
        except _ORT_ERRORS as error:
            raise self.invalid(f"ONNX Runtime cannot load it ({_first_line(error)})") from error
        inputs = _tensors(self._session.get_inputs())
        if len(inputs) != 1:
            raise self.invalid(f"it has {len(inputs)} inputs instead of one")
        self.input = inputs[0]
        self.outputs = _tensors(self._session.get_outputs())
        self._names = [tensor.name for tensor in self.outputs]

    def expect(self, wanted_input: Tensor, wanted_outputs: Sequence[Tensor]) -> list[Floats]:
        """Fix the order in which `run` returns outputs; raise ModelInvalid where they differ.

        Names and declared shapes are compared, then those of a run on zeros, which is returned:
        a file may declare less than it does. What is None in `wanted_input` is 1 in that run.
        """
        if not self.input.fits(wanted_input):
            raise self.invalid(f"its input is {self.input} instead of {wanted_input}")
        for wanted in wanted_outputs:
            if not any(tensor.fits(wanted) for tensor in self.outputs):
                raise self.invalid(f"it has no output {wanted}, only {_list(self.outputs)}")
        self._names = [tensor.name for tensor in wanted_outputs]
        zeros = np.zeros([size or 1 for size in wanted_input.shape], np.float32)
        outputs = self._run(zeros)
        for wanted, output in zip(wanted_outputs, outputs, strict=True):
            real = Tensor(name=wanted.name, shape=output.shape)
            if not real.fits(wanted):
                raise self.invalid(f"its output is {real} instead of {wanted}")
        return outputs

    def run(self, tensor: Floats) -> list[Floats]:
        """Return the outputs for one input, in the order given to `expect`."""
        with self._stopwatch:
            return self._run(tensor)

    def _run(self, tensor: Floats) -> list[Floats]:
        try:
            outputs: list[Floats] = self._session.run(self._names, {self.input.name: tensor})
        except _ORT_ERRORS as error:
            size = "x".join(str(size) for size in tensor.shape)
            raise self.invalid(f"it fails on an input of {size} ({_first_line(error)})") from error
        return outputs

    def invalid(self, what: str) -> ModelInvalid:
        """Return the error that names this model and its file."""
        return ModelInvalid(
            f"model {self.manifest.name} ({self._path}): {what}; "
            "the file and its manifest do not belong together"
        )


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    # A Pi has four cores and other work; one thread also makes results the same everywhere.
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # What goes wrong is raised; printing it too would make two lines of one error.
    options.log_severity_level = _FATAL
    # The arena stays on: without it each run pays page faults (5 to 15 %) and the process was
    # larger by 25 MB. It cannot grow in service: detectors keep one input shape per camera, and
    # expression batches are cut to a fixed size.
    return options


def _tensors(nodes: Iterable[Any]) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(
            name=node.name,
            shape=tuple(size if isinstance(size, int) else None for size in node.shape),
            type=node.type,
        )
        for node in nodes
    )


def _list(tensors: Iterable[Tensor]) -> str:
    return ", ".join(str(tensor) for tensor in tensors)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
