"""Publishes models: intact weights and one signed index in a folder, for a server or a stick."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract.errors import ManifestError, ModelIndexError
from contract.manifest import ModelManifest
from contract.mirror import (
    INDEX_FILE,
    ModelIndex,
    OfferedModel,
    decode_index,
    decode_signed,
    offer,
)
from edge.errors import ModelMissing
from edge.vision.fingerprint import fingerprint
from edge.vision.registry import ModelRegistry
from models.delivery.download import bring
from models.delivery.errors import ManifestRefused, NotOffered, SourceAway
from models.delivery.landing import place_bytes
from models.delivery.signature import sign
from models.delivery.sources import Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A model's intact weights; the manifest's `sha256` is theirs."""

    manifest: ModelManifest
    path: Path


def publishable(registry: ModelRegistry, names: Sequence[str]) -> tuple[Weights, ...]:
    """Return the models called `names`, or every one whose intact weights are here.

    Raises NotOffered for a name that is unknown or has no intact weights, ManifestRefused for two
    models with one file name or, unless models are named, for a manifest that cannot be read.
    """
    if names:
        _require_known(registry, names)
    else:
        _require_readable(registry)
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
    try:
        for name in names:
            registry.find(name)
    except ModelMissing as error:
        raise NotOffered(str(error)) from error


def _require_readable(registry: ModelRegistry) -> None:
    """Refuse to leave out a model that its operator means to offer: devices would remove it."""
    broken = "; ".join(other.problem for other in registry.passed_over if other.is_broken)
    if broken:
        raise ManifestRefused(
            f"{broken}; nothing was published: correct or remove the manifest, or name the models "
            "to publish"
        )


def publish(
    models: Sequence[Weights],
    folder: Path,
    key: Ed25519PrivateKey,
    *,
    now: datetime,
) -> None:
    """Copy the weights into `folder` where they are not there yet, then sign and write its index.

    Raises ManifestRefused, before anything is written, for what no device could read; then
    FolderUnusable, ContentRefused, NotOffered or SourceAway.
    """
    entries = tuple(_entry(weights) for weights in models)
    for weights in models:
        _copy(weights, folder)
    index = ModelIndex(published_at=_after_last(folder / INDEX_FILE, now), models=entries)
    signed = sign(msgspec.json.encode(index).decode(), key)
    place_bytes(folder, INDEX_FILE, msgspec.json.encode(signed) + b"\n")
    _let_all_read(folder / INDEX_FILE)


def _after_last(index: Path, now: datetime) -> datetime:
    """Return a time after that of the index that is there, whatever this machine's clock says.

    Devices refuse an index that is older than the one they know. One that cannot be read counts for
    nothing: no device has trusted it.
    """
    try:
        signed = decode_signed(index.read_bytes(), str(index))
        last = decode_index(signed.index, str(index)).published_at
    except (OSError, ModelIndexError):
        return now
    return max(now, last + timedelta(seconds=1))


def _entry(weights: Weights) -> OfferedModel:
    try:
        return offer(weights.manifest, size_bytes=weights.path.stat().st_size)
    except OSError as error:
        raise SourceAway(f"{weights.path} cannot be read: {error.strerror}") from error
    except ManifestError as error:
        raise ManifestRefused(
            f"{error}; correct the manifest of {weights.path}, nothing was published"
        ) from error


def _copy(weights: Weights, folder: Path) -> None:
    manifest = weights.manifest
    path = folder / manifest.file
    try:
        found = fingerprint(path)
    except OSError:
        found = None
    if found is None or found.sha256 != manifest.sha256:
        bring(Offer(manifest=manifest, place=str(weights.path)), folder)
    _let_all_read(path)


def _let_all_read(path: Path) -> None:
    """Let a server of another user read it; where modes do not exist, on a stick, all may."""
    with suppress(OSError):
        path.chmod(0o644)
