"""What a server tells its devices of the models that it offers: one index, signed as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from contract.errors import ManifestError, ModelIndexError
from contract.manifest import ModelManifest, check_manifest
from contract.names import ModelName, WeightsFile

INDEX_FILE = "index.json"
"""The index's name in a mirror's folder and below its address; the weights lie beside it."""

LARGEST_INDEX_BYTES = 4_000_000
"""A manifest takes 2 kB; what is larger than a thousand of them is no index."""

SCHEMA = 1

PublishedAt: TypeAlias = Annotated[datetime, Meta(tz=True)]
"""The publisher's time: of two indexes the earlier one is no longer used."""


class OfferedModel(msgspec.Struct, frozen=True, kw_only=True):
    """One model of an index. `manifest` is read on its own: it may be newer than its reader."""

    name: ModelName
    file: WeightsFile
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Meta(gt=0)]
    manifest: msgspec.Raw


class ModelIndex(msgspec.Struct, frozen=True, kw_only=True):
    """Every model that a mirror offers, as it is written."""

    published_at: PublishedAt
    models: tuple[OfferedModel, ...]
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadIndex:
    """An index as this release reads it: the offered `models`, and by name what is `unreadable`.

    An entry that a later release or another publisher wrote otherwise does not hide the others,
    and its name still counts as offered.
    """

    published_at: datetime
    models: tuple[OfferedModel, ...]
    unreadable: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all entries."""
        return (*(model.name for model in self.models), *self.unreadable)


class _Entries(msgspec.Struct, frozen=True, kw_only=True):
    """An index whose entries are still to be read, each on its own."""

    published_at: PublishedAt
    models: tuple[msgspec.Raw, ...]
    schema: int = SCHEMA


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    """What every entry has to tell."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIndex:
    """A `ModelIndex` as JSON text, with the Ed25519 signature of exactly this text.

    `key` is the base64 of the public key that made the signature. It only says which of the
    trusted keys to check: a key is never trusted because an index names it.
    """

    index: str
    key: str = ""
    signature: str = ""


def offer(manifest: ModelManifest, *, size_bytes: int) -> OfferedModel:
    """Return the index's entry for weights whose SHA-256 stands in `manifest`.

    Raises ManifestError, which names the field, for an entry that no device could read.
    """
    encoded = msgspec.json.encode(manifest)
    entry = OfferedModel(
        name=manifest.name,
        file=manifest.file,
        sha256=manifest.sha256,
        size_bytes=size_bytes,
        manifest=msgspec.Raw(encoded),
    )
    try:
        msgspec.json.decode(encoded, type=ModelManifest)
        return msgspec.json.decode(msgspec.json.encode(entry), type=OfferedModel)
    except msgspec.ValidationError as error:
        raise ManifestError(f"{manifest.name!r} cannot be offered: {error}") from error


def manifest_of(offered: OfferedModel) -> ModelManifest:
    """Return the entry's manifest; raise ManifestError where this release cannot read it."""
    where = f"manifest of {offered.name} in the index"
    try:
        manifest = msgspec.json.decode(offered.manifest, type=ModelManifest)
    except msgspec.DecodeError as error:
        raise ManifestError(f"{where}: {error}; it may be newer than this release") from error
    named = (manifest.name, manifest.file, manifest.sha256)
    if named != (offered.name, offered.file, offered.sha256):
        raise ManifestError(f"{where} names another model, file or SHA-256 than the index")
    return check_manifest(manifest, where)


def decode_signed(content: bytes, where: str) -> SignedIndex:
    """Return what a mirror's index file holds, its signature still unchecked.

    Raises ModelIndexError, which names the place `where` it came from.
    """
    try:
        return msgspec.json.decode(content, type=SignedIndex)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelIndexError(
            f"{where} is no index of models ({error}): it is cut off, or something else answers "
            "there; write it again with `motcua models publish`"
        ) from error


def decode_index(text: str, where: str) -> ReadIndex:
    """Return the index in `text`; raise ModelIndexError for what this release cannot read."""
    try:
        index = msgspec.json.decode(text, type=_Entries)
        if index.schema != SCHEMA:
            raise ModelIndexError(
                f"{where}: the index is of version {index.schema}, this release reads {SCHEMA}: "
                "bring both sides to the same release"
            )
        models, unreadable = _read(index.models)
    except msgspec.DecodeError as error:
        raise ModelIndexError(f"{where}: the index is not what it should be: {error}") from error
    return ReadIndex(published_at=index.published_at, models=models, unreadable=unreadable)


def _read(entries: tuple[msgspec.Raw, ...]) -> tuple[tuple[OfferedModel, ...], dict[str, str]]:
    """Return the entries that can be read, and by name why others cannot.

    Raises msgspec.ValidationError for one without a name.
    """
    models: list[OfferedModel] = []
    unreadable: dict[str, str] = {}
    for entry in entries:
        name = msgspec.json.decode(entry, type=_Named).name
        try:
            models.append(msgspec.json.decode(entry, type=OfferedModel))
        except msgspec.ValidationError as error:
            unreadable[name] = str(error)
    return tuple(models), unreadable
