"""What a place that offers models answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from contract.manifest import ModelManifest
from contract.mirror import ReadIndex
from models.delivery.download import Download
from models.delivery.transfer import Located


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model that can be brought. `signed`: a trusted key stands for manifest and SHA-256."""

    manifest: ModelManifest
    download: Download
    signed: bool = False


class Source(Protocol):
    """A place that offers models."""

    @property
    def index(self) -> ReadIndex | None:
        """What a trusted key signed, None where nobody did: only this can withdraw a model."""

    def names(self) -> tuple[str, ...]:
        """Return the names of the models offered; raise NotOffered where none ever were."""

    def find(self, name: str) -> Offer:
        """Return the offer called `name`; raise NotOffered or ManifestRefused."""


def download_of(
    manifest: ModelManifest, located: Located, *, size_bytes: int | None = None
) -> Download:
    """Return what brings the weights of `manifest` from where they are located."""
    return Download(
        file=manifest.file,
        located=located,
        sha256=manifest.sha256,
        git_blob=manifest.git_blob,
        size_bytes=size_bytes,
    )
