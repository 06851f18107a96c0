"""A mirror: a folder, or an address, whose index says what it offers and who stands for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from contract.errors import ManifestError, ModelIndexError
from contract.mirror import (
    INDEX_FILE,
    LARGEST_INDEX_BYTES,
    ReadIndex,
    decode_index,
    decode_signed,
    manifest_of,
)
from models.delivery.errors import IndexRefused, ManifestRefused, NotOffered
from models.delivery.offers import Offer, download_of
from models.delivery.signature import verified
from models.delivery.transfer import Located
from models.delivery.trust import require_newest

Locate: TypeAlias = Callable[[str], Located]
"""From a file's name to where it is in the mirror."""


class Mirror:
    """A place whose signed index says what it offers."""

    def __init__(self, index: ReadIndex, locate: Locate) -> None:
        self.index = index
        self._entries = {entry.name: entry for entry in index.models}
        self._locate = locate

    def names(self) -> tuple[str, ...]:
        """Return the models in the index."""
        return self.index.names

    def find(self, name: str) -> Offer:
        """Return the offer called `name`; raise NotOffered, or ManifestRefused if unreadable."""
        place = self._locate(INDEX_FILE).place
        if name in self.index.unreadable:
            problem = self.index.unreadable[name]
            raise ManifestRefused(f"{place}: the entry of {name} cannot be read: {problem}")
        if name not in self._entries:
            offered = ", ".join(self.names()) or "nothing"
            raise NotOffered(f"{place} does not offer {name}; it offers {offered}")
        entry = self._entries[name]
        try:
            manifest = manifest_of(entry)
        except ManifestError as error:
            raise ManifestRefused(f"{place}: {error}") from error
        download = download_of(manifest, self._locate(entry.file), size_bytes=entry.size_bytes)
        return Offer(manifest=manifest, download=download, signed=True)


def open_mirror(locate: Locate, trusted: Sequence[str], folder: Path) -> Mirror:
    """Return the mirror whose index one of the `trusted` keys signed, to fetch from into `folder`.

    Raises IndexRefused, also where a newer index is known in `folder`, FolderUnusable, or what
    opening a place raises where there is no index to read.
    """
    located = locate(INDEX_FILE)
    try:
        signed = decode_signed(_read_index(located), located.place)
        index = decode_index(verified(signed, trusted, located.place), located.place)
    except ModelIndexError as error:
        raise IndexRefused(str(error)) from error
    require_newest(index.published_at, signed.key, trusted, folder, located.place)
    return Mirror(index, locate)


def _read_index(located: Located) -> bytes:
    content = bytearray()
    with located.open() as chunks:
        for chunk in chunks:
            content += chunk
            if len(content) > LARGEST_INDEX_BYTES:
                raise IndexRefused(
                    f"{located.place} is larger than {LARGEST_INDEX_BYTES} bytes, which no index "
                    "of models is; something else answers there"
                )
    return bytes(content)
