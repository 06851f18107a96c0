"""What a model's manifest says of it, as a card for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contract.manifest import ModelManifest
from models.lab.evaluation.grids import NONE, Grid, number

_SHOWN_DIGITS = 12


def list_of_models(manifests: Sequence[ModelManifest]) -> Grid:
    """Return all models in one table."""
    return Grid(
        title="Models",
        heading=("model", "task", "file", "SHA-256", "licence", "trained on"),
        rows=tuple(
            (
                f"[`{m.name}`](#{m.name})",
                m.task.replace("_", " "),
                f"`{m.file}`",
                f"`{m.sha256[:_SHOWN_DIGITS]}…`" if m.sha256 else NONE,
                m.source.licence,
                m.source.trained_on,
            )
            for m in manifests
        ),
        has_numbers=False,
    )


def card(manifest: ModelManifest) -> str:
    """Return the card: origin, terms, use, limits and the figures in the manifest."""
    facts = "\n".join(f"- **{name}**: {text}" for name, text in _facts(manifest) if text)
    parts = [f"### {manifest.name}", f"{manifest.summary}.", facts]
    if manifest.measured:
        parts.append(_measured(manifest).as_markdown())
    return "\n\n".join(parts)


def _facts(manifest: ModelManifest) -> Iterator[tuple[str, str]]:
    source = manifest.source
    yield "File", f"`{manifest.file}`"
    yield "SHA-256", f"`{manifest.sha256}`" if manifest.sha256 else "its authors publish none"
    yield "Name in its authors' git", f"`{manifest.git_blob}`" if manifest.git_blob else ""
    yield "Origin", source.origin
    yield "Download", manifest.download.address if manifest.download else ""
    yield "Licence of the weights", source.licence
    yield "Trained on", source.trained_on
    yield "Terms of the training data", source.training_data_terms or "not stated"
    yield "Numbers", str(manifest.precision)
    yield "Labels", _labels(manifest)
    yield "Smallest face", f"{manifest.minimum_face_px:g} px" if manifest.minimum_face_px else ""
    yield "Not told", _limits(manifest)
    yield "Intended use", manifest.intended_use
    yield "Forbidden use", manifest.forbidden_use


def _labels(manifest: ModelManifest) -> str:
    return ", ".join(f"{label} ({manifest.sentiment[label]})" for label in manifest.labels)


def _limits(manifest: ModelManifest) -> str:
    limits = []
    if manifest.abstention.minimum_legibility:
        limits.append(f"legibility below {manifest.abstention.minimum_legibility:g}")
    if manifest.abstention.maximum_turn is not None:
        limits.append(f"turned aside by more than {manifest.abstention.maximum_turn:g}")
    return ", ".join(limits)


def _measured(manifest: ModelManifest) -> Grid:
    return Grid(
        title=manifest.name,
        heading=("figure", "value", "data", "command"),
        rows=tuple(
            (m.figure, number(m.value), m.data, f"`{m.command}`") for m in manifest.measured
        ),
        has_numbers=False,
    )
