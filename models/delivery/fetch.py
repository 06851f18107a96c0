"""Fetches models: what is here stays, what is not is brought, checked and made known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from contract.manifest import ModelManifest
from edge.vision.fingerprint import checksum_file
from edge.vision.folders import FETCHED_SUFFIX
from edge.vision.registry import ModelRegistry
from models.delivery.download import Accept, accept_all, bring
from models.delivery.errors import ContentRefused, ManifestRefused, NotOffered
from models.delivery.landing import place_bytes
from models.delivery.sources import Offer, Source
from models.delivery.withdrawal import model_of, withdraw
from models.loading import refusal


class Outcome(StrEnum):
    """What became of one model."""

    FETCHED = "fetched"
    ALREADY_HERE = "already here"
    WITHDRAWN = "withdrawn by its server and removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one model, and where it lies or lay."""

    name: str
    outcome: Outcome
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Brings models from `source` into `folder`.

    `product` are the manifests of this release, `searched` the folders in which a model that is
    already here may lie.
    """

    source: Source
    folder: Path
    product: Sequence[ModelManifest]
    searched: Sequence[Path]

    def fetch(self, name: str) -> Result:
        """Have the model called `name` here; raise a DeliveryError.

        One of this release that is here already, for instance bundled, need not be offered.
        """
        known = next((manifest for manifest in self.product if manifest.name == name), None)
        try:
            offer = self.source.find(name)
        except NotOffered:
            here = self._found(known) if known is not None else None
            if here is None:
                raise
            return Result(name=name, outcome=Outcome.ALREADY_HERE, path=here)
        if known is None:
            self._require_own_file(offer)
        else:
            _require_same(known, offer)
        here = self._found(offer.manifest)
        path = here or self.folder / offer.manifest.file
        if here is None:
            accept = accept_all if known is not None else _loads(offer.manifest)
            found = bring(offer, self.folder, accept=accept)
            if not (offer.signed or offer.manifest.sha256 or offer.manifest.git_blob):
                raise _unvouched(path, found.sha256)
        self._make_known(offer, known, path)
        return Result(
            name=name, outcome=Outcome.ALREADY_HERE if here else Outcome.FETCHED, path=path
        )

    def withdraw(self) -> list[Result]:
        """Remove what came with a manifest from a server whose signed index no longer offers it.

        A place without such an index withdraws nothing. Raises FolderUnusable.
        """
        index = self.source.index
        gone = () if index is None else withdraw(index, self.folder, self.product)
        return [Result(name=model_of(path), outcome=Outcome.WITHDRAWN, path=path) for path in gone]

    def _require_own_file(self, offer: Offer) -> None:
        """Refuse what would overwrite the weights of a model of this release."""
        file = offer.manifest.file
        for manifest in self.product:
            if manifest.file == file:
                raise ManifestRefused(
                    f"{offer.manifest.name} at {offer.place} has its weights in {file}, "
                    f"as {manifest.name} of this release has: publish it under another file name"
                )

    def _found(self, manifest: ModelManifest) -> Path | None:
        folders = tuple(dict.fromkeys((self.folder, *self.searched)))
        return ModelRegistry(manifests=(manifest,), folders=folders).status(manifest).path

    def _make_known(self, offer: Offer, known: ModelManifest | None, path: Path) -> None:
        """Leave beside the weights what the registry needs to use them."""
        manifest = offer.manifest
        if known is None:
            content = msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"
            _place_if_new(self.folder, f"{manifest.name}{FETCHED_SUFFIX}", content)
        elif offer.signed and not (known.sha256 or known.git_blob) and path.parent == self.folder:
            voucher = f"{manifest.sha256}  {manifest.file}\n"
            _place_if_new(self.folder, checksum_file(path).name, voucher.encode())


def _require_same(known: ModelManifest, offer: Offer) -> None:
    """Refuse what would be called like a model of this release and be another."""
    offered = offer.manifest
    same = (
        known.file == offered.file
        and known.sha256 in {"", offered.sha256}
        and known.git_blob in {"", offered.git_blob}
    )
    if not same:
        raise ManifestRefused(
            f"{known.name} at {offer.place} is another file than this release knows by "
            "that name: bring this machine and the server to the same release"
        )


def _loads(manifest: ModelManifest) -> Accept:
    """Return what refuses weights that this release cannot load as their manifest says."""

    def accept(part: Path) -> None:
        waiting = msgspec.structs.replace(manifest, file=part.name)
        registry = ModelRegistry(manifests=(waiting,), folders=(part.parent,))
        try:
            problem = refusal(registry, waiting)
        except ModuleNotFoundError:
            return  # a server has no ONNX Runtime; whoever uses the model checks it again
        if problem:
            raise ManifestRefused(f"{manifest.name} was not kept: {problem}")

    return accept


def _unvouched(path: Path, sha256: str) -> ContentRefused:
    return ContentRefused(
        f"nobody publishes the SHA-256 of {path.name}; what came has {sha256}. It lies at {path} "
        f"and is not used until you vouch for it: "
        f"`sha256sum {path.name} > {checksum_file(path).name}`"
        " in its folder"
    )


def _place_if_new(folder: Path, name: str, content: bytes) -> None:
    try:
        same = (folder / name).read_bytes() == content
    except OSError:
        same = False
    if not same:
        place_bytes(folder, name, content)
