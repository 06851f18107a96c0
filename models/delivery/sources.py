"""From a word of the user's to the place that offers models: "official", an address, a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from contract.manifest import ModelManifest
from contract.mirror import INDEX_FILE, ReadIndex
from models.delivery.errors import NotOffered, SourceAway
from models.delivery.mirrors import open_mirror
from models.delivery.offers import Offer, Source, download_of
from models.delivery.transfer import Located, at_address, in_folder

OFFICIAL = "official"
"""Instead of a mirror: the address that each manifest names."""


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
    if "://" in place:
        base = place.removesuffix(INDEX_FILE).rstrip("/")
        return open_mirror(lambda file: at_address(f"{base}/{file}"), trusted, into)
    folder = Path(place)
    if _has_index(folder):
        return open_mirror(partial(_in, folder), trusted, into)
    return Folder(folder, known)


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
        if manifest.download is None:
            raise NotOffered(
                f"{name} has no official address: fetch it from your server with --from, or copy "
                f"{manifest.file} into a folder and name it with --models"
            )
        located = at_address(manifest.download.address)
        size_bytes = manifest.download.size_bytes
        return Offer(
            manifest=manifest, download=download_of(manifest, located, size_bytes=size_bytes)
        )


class Folder:
    """Weights that somebody copied: the product's manifests tell whether they are right."""

    index: ReadIndex | None = None

    def __init__(self, folder: Path, known: Mapping[str, ModelManifest]) -> None:
        self._folder, self._known = folder, known

    def names(self) -> tuple[str, ...]:
        """Return the models whose files are there; raise NotOffered where there are none."""
        found = tuple(name for name, manifest in self._known.items() if self._holds(manifest))
        if not found:
            raise NotOffered(
                f"{self._folder} offers nothing: it has neither an {INDEX_FILE}, as `motcua models "
                "publish` writes it, nor weights that this release knows; name another with --from"
            )
        return found

    def find(self, name: str) -> Offer:
        """Return the offer called `name`; raise NotOffered."""
        manifest = _known(name, self._known)
        located = _in(self._folder, manifest.file)
        if not self._holds(manifest):
            raise NotOffered(
                f"{located.place} is not there, nor is an {INDEX_FILE} that offers {name}"
            )
        return Offer(manifest=manifest, download=download_of(manifest, located))

    def _holds(self, manifest: ModelManifest) -> bool:
        return (self._folder / manifest.file).is_file()


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


def _in(folder: Path, file: str) -> Located:
    return in_folder(folder / file)


def _known(name: str, known: Mapping[str, ModelManifest]) -> ModelManifest:
    if name not in known:
        raise NotOffered(
            f"this release knows no model called {name}; it knows {', '.join(sorted(known))}"
        )
    return known[name]
