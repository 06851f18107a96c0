"""Answers questions with DeepFace's own API, over pipes; it runs where deepface is installed.

A script for that environment's Python: it imports nothing of ours. A message is one line of JSON
and, where the line has a shape, the bytes of one array.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
"""Bytes, or float32."""

POINTS = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
"""DeepFace's names of the five landmarks, in our order."""

FOUND_COLUMNS = 5 + 2 * len(POINTS)
"""Left, top, right, bottom, score, and the landmarks' x and y; NaN where there is none."""

PYTHON_VARIABLE = "MOTCUA_DEEPFACE_PYTHON"

ADVICE = (
    "run `sh setup.sh deepface`, or name the Python of an environment that has it with "
    f"{PYTHON_VARIABLE}"
)
"""What to do where deepface, or something that it needs, is not installed."""

_STDIN, _STDOUT, _STDERR = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to do: "open_expression", "read", "open_detector" or "find"; opening needs a `name`."""

    do: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Why nothing could be done, in one line; or what was opened."""

    problem: str = ""
    labels: tuple[str, ...] = ()
    sha256: str = ""


class WeightsMissing(Exception):
    """A file of weights is not in DEEPFACE_HOME; the text says where it must lie and its origin."""


class WeightsUnfit(Exception):
    """A file of weights cannot be loaded; the text says where it lies and its origin."""


def send(stream: IO[bytes], message: Request | Reply, array: Array | None = None) -> None:
    """Write a message, with an array of bytes or of float32 behind it."""
    line: dict[str, object] = {"message": asdict(message)}
    if array is not None:
        line |= {"shape": array.shape, "type": array.dtype.name}
    stream.write(json.dumps(line).encode() + b"\n")
    if array is not None:
        stream.write(np.ascontiguousarray(array).tobytes())
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], Array | None]:
    """Return a message's fields and its array; raise EOFError where the other side is gone."""
    text = stream.readline()
    if not text.endswith(b"\n"):
        raise EOFError
    line = json.loads(text)
    if "shape" not in line:
        return line["message"], None
    kind = np.dtype({"uint8": np.uint8, "float32": np.float32}[line["type"]])
    size = int(np.prod(line["shape"])) * kind.itemsize
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return line["message"], np.frombuffer(content, kind).reshape(line["shape"])


class Library:
    """DeepFace, with one model open; nothing is ever downloaded."""

    def __init__(self) -> None:
        self._weights: dict[Path, str] = {}  # and where each can be had
        self._detector = ""

    def open_expression(self, name: str) -> tuple[Reply, None]:
        """Load the model called `name` and try it once."""
        if name != "emotion":
            raise ValueError(f"no expression model is called {name}")
        self._stay_at_home()
        from deepface.models.demography.DemographyUtils import EMOTION_LABELS

        try_out(self.read, np.full((48, 48, 3), 127, np.uint8), self._weights)
        return Reply(labels=tuple(EMOTION_LABELS), sha256=self._sha256()), None

    def read(self, face: Array) -> tuple[Reply, Array]:
        """Return the labels' probabilities for a picture that is one face."""
        from deepface import DeepFace

        found = DeepFace.analyze(
            face, actions=["emotion"], detector_backend="skip", align=False, silent=True
        )
        percents = found[0]["emotion"].values()
        return Reply(), np.array([[percent / 100 for percent in percents]], np.float32)

    def open_detector(self, name: str) -> tuple[Reply, None]:
        """Load the detector called `name` and try it once."""
        self._stay_at_home()
        self._detector = name
        try_out(self.find, np.full((64, 64, 3), 127, np.uint8), self._weights)
        return Reply(sha256=self._sha256()), None

    def find(self, image: Array) -> tuple[Reply, Array]:
        """Return the faces of a picture, n x FOUND_COLUMNS."""
        from deepface import DeepFace
        from deepface.modules.exceptions import FaceNotDetected

        try:
            faces = DeepFace.extract_faces(image, detector_backend=self._detector, align=False)
        except FaceNotDetected:
            faces = []
        rows = [_row(face["facial_area"], face["confidence"]) for face in faces]
        return Reply(), np.array(rows, np.float32).reshape(-1, FOUND_COLUMNS)

    def _stay_at_home(self) -> None:
        """Take weights from DEEPFACE_HOME alone: an audit runs on files that a person chose."""
        from deepface.commons import folder_utils, weight_utils
        from retinaface.commons import weight_utils as other_weight_utils

        home = Path(folder_utils.get_deepface_home())

        def weights(
            file_name: str,
            source_url: str | Sequence[str] = (),
            compress_type: str | None = None,  # noqa: ARG001  what is here is unpacked already
            source_urls: Sequence[str] = (),
        ) -> str:
            path = home / ".deepface" / "weights" / file_name
            addresses = [source_url] if isinstance(source_url, str) else source_url
            address = next(iter([*addresses, *source_urls]), "its authors' file")
            if not path.is_file():
                raise WeightsMissing(
                    f"its weights are not at {path}; download {address} to there, or set "
                    "DEEPFACE_HOME to the folder in which .deepface/weights has them"
                )
            self._weights[path] = address
            return str(path)

        weight_utils.download_weights_if_necessary = weights
        other_weight_utils.download_weights_if_necessary = weights

    def _sha256(self) -> str:
        """Return the digest of the weights that were opened; "" where there are none."""
        if not self._weights:
            return ""
        with list(self._weights)[-1].open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def try_out(do: Callable[[Array], object], image: Array, weights: Mapping[Path, str]) -> None:
    """Answer one picture; raise WeightsUnfit where `weights` were opened and that fails.

    deepface's own words are to let it download them again, which never happens here.
    """
    try:
        do(image)
    except WeightsMissing:
        raise
    except Exception as error:
        if not weights:
            raise
        path, address = list(weights.items())[-1]
        raise WeightsUnfit(
            f"its weights {path} are damaged, or those of another model "
            f"({type(error.__cause__ or error).__name__}); download {address} to there again"
        ) from error


def _row(area: dict[str, Any], score: float) -> list[float]:
    left, top = area["x"], area["y"]
    points = [area.get(name) or (np.nan, np.nan) for name in POINTS]
    edges = (left, top, left + area["w"], top + area["h"])
    return [*edges, score, *(value for point in points for value in point)]


def serve(source: IO[bytes], sink: IO[bytes], library: Library) -> None:
    """Answer requests until the other side goes."""
    openers: dict[str, Callable[[str], tuple[Reply, Array | None]]] = {
        "open_expression": library.open_expression,
        "open_detector": library.open_detector,
    }
    questions: dict[str, Callable[[Array], tuple[Reply, Array | None]]] = {
        "read": library.read,
        "find": library.find,
    }
    while True:
        try:
            request, array = receive(source)
        except EOFError:
            return
        do = request["do"]
        try:
            reply, answer = openers[do](request["name"]) if array is None else questions[do](array)
        except Exception as error:  # noqa: BLE001  the loop's top: the client is told
            reply, answer = Reply(problem=_one_line(error)), None
        send(sink, reply, answer)


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or "no reason given"
    if isinstance(error, ModuleNotFoundError):
        return f"{text} for {sys.executable}; {ADVICE}"
    # deepface's own complaints are ValueErrors with a whole sentence.
    if isinstance(error, WeightsMissing | WeightsUnfit | ValueError):
        return text
    return f"{type(error).__name__}: {text}"


def main() -> None:
    """Serve on the standard streams, which deepface's own prints must not reach."""
    source, sink = os.fdopen(os.dup(_STDIN), "rb"), os.fdopen(os.dup(_STDOUT), "wb")
    os.dup2(_STDERR, _STDOUT)
    sys.stdin.close()
    serve(source, sink, Library())


if __name__ == "__main__":
    main()
