"""Whether weights can be loaded, and shown a picture, as their manifest says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.manifest import ModelManifest, ModelTask
from edge.errors import EdgeError
from edge.vision.registry import ModelFile, ModelRegistry

if TYPE_CHECKING:
    from edge.scene import Detection, Image

# A frame of odd size, with a face that reaches beyond it: nothing in it fits by chance.
_FRAME_PX = (91, 123)
_FACE_PX = (40.0, 30.0, 100.0, 110.0)
_LANDMARKS_PX = ((55, 60), (85, 58), (70, 75), (58, 92), (83, 91))


def refusal(registry: ModelRegistry, manifest: ModelManifest) -> str:
    """Find and load the model; return why it cannot be used as its manifest says, or ""."""
    try:
        return misfit(registry.choose(manifest.task, manifest.name))
    except EdgeError as error:
        return str(error)


def misfit(file: ModelFile) -> str:
    """Load the weights and show them a picture; return why they do not fit their manifest, or "".

    A face goes the whole way that one at the counter goes: cut out, written into the input, read.
    """
    from edge.vision.adapters import open_detector, open_expression_reader
    from edge.vision.crops import face_crop

    try:
        if file.manifest.task is ModelTask.EXPRESSION:
            crop = face_crop(_frame(), _face(), file.manifest)
            open_expression_reader(file).outputs([crop])
        else:
            open_detector(file).detect(_frame())
    except EdgeError as error:
        return str(error)
    return ""


def _frame() -> Image:
    """Return a grainy picture, always the same."""
    import numpy as np

    return np.random.default_rng(0).integers(0, 256, (*_FRAME_PX, 3), dtype=np.uint8)


def _face() -> Detection:
    import numpy as np

    from edge.scene import Box, Detection

    left, top, right, bottom = _FACE_PX
    return Detection(
        box=Box(left=left, top=top, right=right, bottom=bottom),
        score=1.0,
        landmarks=np.array(_LANDMARKS_PX, np.float32),
    )
