"""Publishes models: intact weights and one signed index in a folder, for a server or a stick."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract.manifest import ModelManifest
from contract.mirror import INDEX_FILE, ModelIndex, OfferedModel, offer
from edge.vision.fingerprint import fingerprint
from edge.vision.registry import ModelRegistry
from models.delivery.download import Progress, bring
from models.delivery.errors import ManifestRefused, NotOffered
from models.delivery.landing import place_bytes
from models.delivery.offers import download_of
from models.delivery.signature import sign
from models.delivery.transfer import in_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A model's intact weights; the manifest's `sha256` is theirs."""

    manifest: ModelManifest
    path: Path


def publishable(registry: ModelRegistry, names: Sequence[str]) -> tuple[Weights, ...]:
    """Return the models called `names`, or every one whose intact weights are here.

    Raises NotOffered for a name that is unknown or has no intact weights, ManifestRefused for two
    models with one file name.
    """
    _require_known(registry, names)
    found: dict[str, Weights] = {}
    for status in registry.statuses():
        manifest = status.manifest
        if names and manifest.name not in names:
            continue
        if status.path is None:
            if names:
                raise NotOffered(f"{manifest.name} cannot be published: {status.problem}")
            continue
        if manifest.file in found:
            other = found[manifest.file].manifest.name
            raise ManifestRefused(
                f"{manifest.name} and {other} both have the file {manifest.file}; rename one of "
                "them, in its manifest too"
            )
        found[manifest.file] = Weights(manifest=manifest, path=status.path)
    return tuple(found.values())


def _require_known(registry: ModelRegistry, names: Sequence[str]) -> None:
    known = {manifest.name for manifest in registry.manifests}
    unknown = sorted(set(names) - known)
    if unknown:
        raise NotOffered(
            f"no model is called {', '.join(unknown)}; known: {', '.join(sorted(known))}"
        )


def publish(
    models: Sequence[Weights],
    folder: Path,
    key: Ed25519PrivateKey,
    *,
    now: datetime,
    progress: Progress,
) -> None:
    """Copy the weights into `folder` where they are not there yet, then sign and write its index.

    Raises FolderUnusable, ContentRefused or SourceAway.
    """
    entries = tuple(_publish_one(weights, folder, progress) for weights in models)
    index = ModelIndex(published_at=now, models=entries)
    signed = sign(msgspec.json.encode(index).decode(), key)
    place_bytes(folder, INDEX_FILE, msgspec.json.encode(signed) + b"\n")
    _let_all_read(folder / INDEX_FILE)


def _publish_one(weights: Weights, folder: Path, progress: Progress) -> OfferedModel:
    manifest = weights.manifest
    path = folder / manifest.file
    try:
        found = fingerprint(path)
    except OSError:
        found = None
    if found is None or found.sha256 != manifest.sha256:
        download = download_of(manifest, in_folder(weights.path))
        found = bring(download, folder, progress=progress)
    _let_all_read(path)
    return offer(manifest, size_bytes=found.size)


def _let_all_read(path: Path) -> None:
    """Let a server of another user read it; where modes do not exist, on a stick, all may."""
    with suppress(OSError):
        path.chmod(0o644)
