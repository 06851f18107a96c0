"""From a manifest's adapter to the code that feeds the model and reads its tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

import structlog

from contract.manifest import ModelManifest, ModelTask
from edge.errors import ModelInvalid, VisionError
from edge.scene import Detector
from edge.vision.detector import Decoder, OnnxDetector
from edge.vision.expression import Head, OnnxExpressionReader
from edge.vision.fastestdet import FastestDet
from edge.vision.heads import LabelLogits, LabelProbabilities, SentimentHeads
from edge.vision.registry import AUTO, ModelFile, ModelRegistry
from edge.vision.session import Session
from edge.vision.stages import Stage, StageClock
from edge.vision.yolox import YoloX
from edge.vision.yunet import YuNet

NONE = "none"
"""Instead of a model's name: do without."""

_DECODERS: Mapping[str, Callable[[ModelManifest, int], Decoder]] = MappingProxyType(
    {
        "yunet": lambda manifest, width_px: YuNet(manifest=manifest, input_width_px=width_px),
        "yolox": lambda manifest, _: YoloX(manifest=manifest),
        "fastestdet": lambda manifest, _: FastestDet(manifest=manifest),
    }
)
_HEADS: Mapping[str, Callable[[ModelManifest], Head]] = MappingProxyType(
    {
        "label_probabilities": LabelProbabilities,
        "label_logits": LabelLogits,
        "label_logits_valence_arousal": lambda manifest: LabelLogits(manifest, more_columns=2),
        "sentiment_heads": SentimentHeads,
    }
)
_Adapter = TypeVar("_Adapter")
_Opened = TypeVar("_Opened")

log = structlog.get_logger()


def load_detector(
    registry: ModelRegistry,
    name: str = AUTO,
    *,
    task: ModelTask | None = None,
    input_width_px: int = 640,
    threads: int = 1,
    stage: Stage = Stage.DETECT,
    clock: StageClock | None = None,
) -> Detector:
    """Return the detector called `name`; "auto" takes the best for `task` that can be opened.

    Without a `task` that is faces, and a name may be of a detector of faces or of people. The time
    inside the model counts for `stage`. Raises ModelMissing or ModelInvalid with one line that says
    what to do.
    """
    if task is None:
        task = ModelTask.FACE_DETECTION if name == AUTO else registry.find(name).task
    if task is ModelTask.EXPRESSION:
        raise ModelInvalid(f"model {name} reads expressions and finds nothing; name a detector")
    return _load(
        registry,
        task,
        name,
        lambda file: open_detector(
            file, input_width_px=input_width_px, threads=threads, stage=stage, clock=clock
        ),
    )


def load_expression_reader(
    registry: ModelRegistry,
    name: str = AUTO,
    *,
    threads: int = 1,
    clock: StageClock | None = None,
) -> OnnxExpressionReader | None:
    """Return the reader called `name`; None for "none", or for "auto" where none can be opened.

    Raises ModelMissing or ModelInvalid with one line that says what to do.
    """
    if name == NONE:
        return None
    try:
        return _load(
            registry,
            ModelTask.EXPRESSION,
            name,
            lambda file: open_expression_reader(file, threads=threads, clock=clock),
        )
    except VisionError as error:
        if name != AUTO:
            raise
        log.warning("expression_model_missing", reason=str(error))
        return None


def open_detector(
    file: ModelFile,
    *,
    input_width_px: int = 640,
    threads: int = 1,
    stage: Stage = Stage.DETECT,
    clock: StageClock | None = None,
) -> OnnxDetector:
    """Return the detector with these weights; raise ModelInvalid where its manifest does not fit.

    The options are those of `load_detector`.
    """
    decoder = _adapter(file, _DECODERS)(file.manifest, input_width_px)
    clock = clock or StageClock()
    session = Session(file, stage=stage, clock=clock, threads=threads)
    return OnnxDetector(session, decoder, clock=clock)


def open_expression_reader(
    file: ModelFile, *, threads: int = 1, clock: StageClock | None = None
) -> OnnxExpressionReader:
    """Return the reader with these weights; raise ModelInvalid where its manifest does not fit."""
    head = _adapter(file, _HEADS)(file.manifest)
    clock = clock or StageClock()
    session = Session(file, stage=Stage.EXPRESSION, clock=clock, threads=threads)
    return OnnxExpressionReader(session, head, clock=clock)


def _load(
    registry: ModelRegistry, task: ModelTask, name: str, open_file: Callable[[ModelFile], _Opened]
) -> _Opened:
    """Return the model called `name`, opened; for "auto" the first candidate that can be opened.

    Those before it are logged with the reason. Raises ModelMissing or ModelInvalid.
    """
    if name != AUTO:
        return open_file(registry.choose(task, name))
    refused: list[str] = []
    for file in registry.candidates(task):
        try:
            opened = open_file(file)
        except ModelInvalid as error:
            refused.append(str(error))
            continue
        for reason in refused:
            log.warning("model_passed_over", reason=reason)
        return opened
    raise ModelInvalid(" | ".join(refused))


def _adapter(file: ModelFile, table: Mapping[str, _Adapter]) -> _Adapter:
    try:
        return table[file.manifest.adapter]
    except KeyError:
        raise ModelInvalid(
            f"model {file.manifest.name} wants the adapter {file.manifest.adapter}, which this "
            f"release does not have; it has {', '.join(table)}"
        ) from None
