"""Starts deepface's process and asks it; the process ends with the one who asks."""

from __future__ import annotations

import os
import subprocess
import tempfile
import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from edge.scene import Image
from models.lab.deepface import worker
from models.lab.deepface.worker import ADVICE, PYTHON_VARIABLE, Array, Reply, Request
from models.lab.evaluation.errors import ModelUnfit

_PYTHON = Path(__file__).resolve().parents[3] / ".venv-deepface" / "bin" / "python"
_PATIENCE_S = 5.0


def find_python(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the Python that has deepface; raise ModelUnfit with what to do where there is none."""
    python = Path(environment.get(PYTHON_VARIABLE) or _PYTHON)
    if not python.is_file():
        raise ModelUnfit(f"deepface is not set up ({python} is missing): {ADVICE}")
    return python


class DeepFace:
    """One model of DeepFace's, in a process of its own; `name` is for error messages."""

    def __init__(self, name: str, *, python: Path) -> None:
        self.name = name
        # deepface may print a lot: a pipe that nobody reads would stop it.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed by _end
        try:
            self._process = _start(python, self._said)
        except OSError as error:
            self._said.close()
            raise ModelUnfit(
                f"model {name}: {python} cannot be run: {error.strerror}; {ADVICE}"
            ) from error
        self.close = weakref.finalize(self, _end, self._process, self._said)

    def open(self, do: str, name: str) -> Reply:
        """Load the model; raise ModelUnfit with the reason where that fails."""
        reply, _ = self._ask(Request(do=do, name=name))
        return reply

    def call(self, do: str, image: Image) -> Array:
        """Return the answer to a picture; raise ModelUnfit."""
        _, answer = self._ask(Request(do=do), image)
        if answer is None:
            raise ModelUnfit(f"model {self.name}: deepface's process gave no figures")
        return answer

    def _ask(self, request: Request, image: Image | None = None) -> tuple[Reply, Array | None]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            worker.send(self._process.stdin, request, image)
            message, answer = worker.receive(self._process.stdout)
        except (BrokenPipeError, EOFError, ValueError) as error:
            words = self._last_words()
            # The process itself needs NumPy, before it can tell what else is missing.
            advice = f"; {ADVICE}" if "No module named" in words else ""
            raise ModelUnfit(
                f"model {self.name}: deepface's process ended: {words}{advice}"
            ) from error
        reply = Reply(**{**message, "labels": tuple(message["labels"])})
        if reply.problem:
            raise ModelUnfit(f"model {self.name}: {reply.problem}")
        return reply, answer

    def _last_words(self) -> str:
        if self._said.closed:
            return "it was closed"
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _start(python: Path, said: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        # Isolated: neither our packages nor the user's may get between deepface and its own.
        [python, "-I", worker.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env={**os.environ, "DEEPFACE_BACKEND_ENGINE": "onnx"},
    )


def _end(process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    """Let the process see the end of its input, and end it where that is not enough."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it ended with a request unread
        process.stdin.close()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with process.stdout or said, said:
        pass
