"""Takes away what a server's signed index no longer offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from contract.errors import ManifestError
from contract.manifest import ModelManifest, read_manifest
from contract.mirror import ReadIndex
from edge.vision.folders import FETCHED_SUFFIX, OWN_SUFFIX
from models.delivery.landing import landing


def withdraw(index: ReadIndex, folder: Path, product: Sequence[ModelManifest]) -> list[Path]:
    """Remove the fetched manifests that `index` does not offer, and weights that only they name.

    Returns where the manifests lay; raises FolderUnusable.
    """
    with landing(folder):
        fetched = sorted(folder.glob(f"*{FETCHED_SUFFIX}"))
        gone = [path for path in fetched if model_of(path) not in index.names]
        staying = [path for path in fetched if path not in gone]
        kept = {
            *(model.file for model in index.models),
            *(manifest.file for manifest in product),
            *_weights([*staying, *folder.glob(f"*{OWN_SUFFIX}")]),
        }
        for path in gone:
            for file in _weights([path]):
                if file not in kept:
                    (folder / file).unlink(missing_ok=True)
            path.unlink()
    return gone


def model_of(manifest_file: Path) -> str:
    """Return the name of the model whose fetched manifest lies at this path."""
    return manifest_file.name.removesuffix(FETCHED_SUFFIX)


def _weights(manifest_files: Iterable[Path]) -> Iterator[str]:
    """Yield the weights that the manifests name; nobody uses those of an unreadable one."""
    for path in manifest_files:
        try:
            yield read_manifest(path).file
        except ManifestError:
            continue
