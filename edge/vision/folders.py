"""The folders in which models are looked for, and the manifests that lie beside weights there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import structlog

from contract.errors import ManifestError
from contract.manifest import ModelManifest, read_manifest

MODELS_VARIABLE = "MOTCUA_MODELS"

FETCHED_SUFFIX = ".manifest.json"
"""Ends the name of a manifest that came with weights from a server: NAME.manifest.json."""

OWN_SUFFIX = ".manifest.toml"
"""Ends the name of a manifest that its user wrote for weights of their own."""

log = structlog.get_logger()


def fetched_folder(environment: Mapping[str, str]) -> Path | None:
    """Return where fetched weights go: the folder of MOTCUA_MODELS, else the user's own.

    None for a user without a home, who has to name a folder.
    """
    named = environment.get(MODELS_VARIABLE)
    return Path(named) if named else users_folder(environment)


def users_folder(environment: Mapping[str, str]) -> Path | None:
    """Return the folder of this user's models, whether it exists or not; None without a home."""
    data, home = environment.get("XDG_DATA_HOME"), environment.get("HOME")
    if data:
        return Path(data) / "motcua" / "models"
    return Path(home) / ".local" / "share" / "motcua" / "models" if home else None


def manifests_beside_weights(
    folders: Sequence[Path], product: Sequence[ModelManifest]
) -> tuple[ModelManifest, ...]:
    """Return the manifests in `folders` of models that the product does not know, each name once.

    An unreadable one is logged and passed over: it must not keep the others from being used. The
    product's own manifests win, so that a release's models are the same everywhere.
    """
    taken = {manifest.name for manifest in product}
    found: list[ModelManifest] = []
    for manifest in _read(folders):
        if isinstance(manifest, ManifestError):
            log.warning("manifest_unusable", problem=str(manifest))
        elif manifest.name not in taken:
            taken.add(manifest.name)
            found.append(manifest)
    return tuple(found)


def unreadable_manifests(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return what is wrong with each manifest in `folders` that is passed over."""
    return tuple(str(error) for error in _read(folders) if isinstance(error, ManifestError))


def _read(folders: Sequence[Path]) -> Iterator[ModelManifest | ManifestError]:
    """Yield each manifest beside weights, or why it cannot be read."""
    for folder in folders:
        for suffix in (OWN_SUFFIX, FETCHED_SUFFIX):
            for path in sorted(folder.glob(f"*{suffix}")):
                try:
                    yield read_manifest(path)
                except ManifestError as error:
                    yield error
