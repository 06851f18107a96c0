"""Manifests for the tiny models of tests; the hash is set when the weights are written."""

from __future__ import annotations

import msgspec

from contract.manifest import (
    ColourOrder,
    ModelInput,
    ModelManifest,
    ModelSource,
    ModelTask,
    Sentiment,
)

NO_HASH = "0" * 64
_SOURCE = ModelSource(origin="made by the test", licence="Apache-2.0", trained_on="nothing")


def face_manifest(
    *,
    name: str = "tiny-yunet",
    side_px: int = 0,
    multiple_of_px: int = 32,
    preference: int = 0,
    adapter: str = "yunet",
) -> ModelManifest:
    """Return the manifest of a YuNet of free input size, or of `side_px` squared."""
    return ModelManifest(
        name=name,
        task=ModelTask.FACE_DETECTION,
        adapter=adapter,
        file=f"{name}.onnx",
        sha256=NO_HASH,
        input=ModelInput(
            width_px=side_px,
            height_px=side_px,
            multiple_of_px=multiple_of_px,
            colour=ColourOrder.BGR,
        ),
        source=_SOURCE,
        score_threshold=0.5,
        preference=preference,
    )


def person_manifest(adapter: str, *, side_px: int) -> ModelManifest:
    """Return the manifest of a person detector."""
    return ModelManifest(
        name=f"tiny-{adapter}",
        task=ModelTask.PERSON_DETECTION,
        adapter=adapter,
        file=f"{adapter}.onnx",
        sha256=NO_HASH,
        input=ModelInput(width_px=side_px, height_px=side_px, colour=ColourOrder.BGR),
        source=_SOURCE,
        score_threshold=0.5,
    )


def expression_manifest(
    *,
    name: str = "tiny-expression",
    labels: tuple[str, ...] = ("bright", "dark"),
    minimum_face_px: float = 0,
    adapter: str = "label_probabilities",
) -> ModelManifest:
    """Return the manifest of `brightness_graph`: a bright face is happy, a dark one is not."""
    sentiments = (Sentiment.POSITIVE, Sentiment.NEGATIVE, Sentiment.NEUTRAL)
    return ModelManifest(
        name=name,
        task=ModelTask.EXPRESSION,
        adapter=adapter,
        file=f"{name}.onnx",
        sha256=NO_HASH,
        input=ModelInput(width_px=16, height_px=16, colour=ColourOrder.GREY, scale=1 / 255),
        source=_SOURCE,
        minimum_face_px=minimum_face_px,
        labels=labels,
        sentiment=dict(zip(labels, sentiments, strict=False)),
    )


def aligned_manifest() -> ModelManifest:
    """Return the manifest of an expression model that wants faces as OpenCV Zoo's does."""
    return msgspec.structs.replace(
        expression_manifest(),
        input=ModelInput(width_px=112, height_px=112, colour=ColourOrder.RGB),
        crop_margin=0.04,
        alignment=(
            (38.2946, 51.6963),
            (73.5318, 51.5014),
            (56.0252, 71.7366),
            (41.5493, 92.3655),
            (70.7299, 92.2041),
        ),
    )
