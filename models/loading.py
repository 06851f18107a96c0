"""Whether weights can be loaded as their manifest says."""

from __future__ import annotations

from contract.manifest import ModelManifest, ModelTask
from edge.errors import EdgeError
from edge.vision.registry import ModelRegistry


def refusal(registry: ModelRegistry, manifest: ModelManifest) -> str:
    """Load the model; return why it does not fit its manifest, or ""."""
    from edge.vision.adapters import load_detector, load_expression_reader

    try:
        if manifest.task is ModelTask.EXPRESSION:
            load_expression_reader(registry, manifest.name)
        else:
            load_detector(registry, manifest.name)
    except EdgeError as error:
        return str(error)
    return ""
