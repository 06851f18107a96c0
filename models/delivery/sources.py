"""From a word of the user's to the place that offers models: "official", an address, a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from contract.errors import ManifestError, ModelIndexError
from contract.manifest import ModelManifest
from contract.mirror import (
    INDEX_FILE,
    LARGEST_INDEX_BYTES,
    ReadIndex,
    decode_index,
    decode_signed,
    manifest_of,
)
from models.delivery.errors import IndexRefused, ManifestRefused, NotOffered, SourceAway
from models.delivery.signature import verified
from models.delivery.transfer import open_place
from models.delivery.trust import require_newest

OFFICIAL = "official"
"""Instead of a mirror: the address that each manifest names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model whose weights can be brought from `place`, an address or a path.

    `signed`: a trusted key stands for manifest and SHA-256.
    """

    manifest: ModelManifest
    place: str
    size_bytes: int | None = None
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


def open_source(
    place: str, product: Sequence[ModelManifest], trusted: Sequence[str], into: Path
) -> Source:
    """Return what `place` offers, to be fetched into the folder `into`.

    An address has a signed index; a folder may be without one, and then offers weights whose hash
    the manifests of `product` know. Raises a DeliveryError.
    """
    known = {manifest.name: manifest for manifest in product}
    if not place.strip():
        raise NotOffered(f"--from names no place: name a mirror's address or folder, or {OFFICIAL}")
    if place == OFFICIAL:
        return Official(known)
    if "://" not in place and not _has_index(Path(place)):
        return Folder(Path(place), known)
    base = place.removesuffix(f"/{INDEX_FILE}").rstrip("/")
    return Mirror(base, _trusted_index(f"{base}/{INDEX_FILE}", trusted, into))


class Official:
    """The addresses at which the models' authors offer them."""

    index: ReadIndex | None = None

    def __init__(self, known: Mapping[str, ModelManifest]) -> None:
        self._known = known

    def names(self) -> tuple[str, ...]:
        """Return the models that have an address."""
        return tuple(name for name, manifest in self._known.items() if manifest.download)

    def find(self, name: str) -> Offer:
        """Return the offer called `name`; raise NotOffered."""
        manifest = _known(name, self._known)
        if (download := manifest.download) is None:
            raise NotOffered(
                f"{name} has no official address: fetch it from your server with --from, or copy "
                f"{manifest.file} into a folder and name it with --models"
            )
        return Offer(manifest=manifest, place=download.address, size_bytes=download.size_bytes)


class Folder:
    """Weights that somebody copied: the product's manifests tell whether they are right."""

    index: ReadIndex | None = None

    def __init__(self, folder: Path, known: Mapping[str, ModelManifest]) -> None:
        self._folder, self._known = folder, known

    def names(self) -> tuple[str, ...]:
        """Return the models whose files are there; raise NotOffered where there are none."""
        found = tuple(name for name, m in self._known.items() if (self._folder / m.file).is_file())
        if not found:
            raise NotOffered(
                f"{self._folder} offers nothing: it has neither an {INDEX_FILE}, as `motcua models "
                "publish` writes it, nor weights that this release knows; name another with --from"
            )
        return found

    def find(self, name: str) -> Offer:
        """Return the offer called `name`; raise NotOffered."""
        manifest = _known(name, self._known)
        path = self._folder / manifest.file
        if not path.is_file():
            raise NotOffered(f"{path} is not there, nor is an {INDEX_FILE} that offers {name}")
        return Offer(manifest=manifest, place=str(path))


class Mirror:
    """A folder, or an address, whose signed index says what it offers."""

    def __init__(self, base: str, index: ReadIndex) -> None:
        self.index = index
        self._base = base
        self._entries = {entry.name: entry for entry in index.models}

    def names(self) -> tuple[str, ...]:
        """Return the models in the index."""
        return self.index.names

    def find(self, name: str) -> Offer:
        """Return the offer called `name`; raise NotOffered, or ManifestRefused if unreadable."""
        where = f"{self._base}/{INDEX_FILE}"
        if name in self.index.unreadable:
            problem = self.index.unreadable[name]
            raise ManifestRefused(f"{where}: the entry of {name} cannot be read: {problem}")
        if name not in self._entries:
            offered = ", ".join(self.names()) or "nothing"
            raise NotOffered(f"{where} does not offer {name}; it offers {offered}")
        entry = self._entries[name]
        try:
            manifest = manifest_of(entry)
        except ManifestError as error:
            raise ManifestRefused(f"{where}: {error}") from error
        place = f"{self._base}/{entry.file}"
        return Offer(manifest=manifest, place=place, size_bytes=entry.size_bytes, signed=True)


def _trusted_index(place: str, trusted: Sequence[str], into: Path) -> ReadIndex:
    """Return the index, if a trusted key signed it and `into` knows no newer one."""
    content = bytearray()
    with open_place(place) as chunks:
        for chunk in chunks:
            content += chunk
            if len(content) > LARGEST_INDEX_BYTES:
                raise IndexRefused(
                    f"{place} is larger than {LARGEST_INDEX_BYTES} bytes, which no index of models "
                    "is; something else answers there"
                )
    try:
        signed = decode_signed(bytes(content), place)
        index = decode_index(verified(signed, trusted, place), place)
    except ModelIndexError as error:
        raise IndexRefused(str(error)) from error
    require_newest(index.published_at, signed.key, trusted, into, place)
    return index


def _has_index(folder: Path) -> bool:
    """Say whether `folder` has an index; raise NotOffered or SourceAway if it is no such place."""
    try:
        if not folder.is_dir():
            raise NotOffered(f"{folder} is neither a folder nor an address (http://...)")
        return (folder / INDEX_FILE).exists()
    except OSError as error:
        raise SourceAway(
            f"{folder} cannot be read: {error.strerror}; let this user enter it, or name another "
            "place with --from"
        ) from error


def _known(name: str, known: Mapping[str, ModelManifest]) -> ModelManifest:
    if name not in known:
        raise NotOffered(
            f"this release knows no model called {name}; it knows {', '.join(sorted(known))}"
        )
    return known[name]
