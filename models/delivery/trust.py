"""Remembers the newest index that this machine has trusted, so that no older one is replayed to it.

The time is the publisher's own, inside of what is signed: this machine's clock plays no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from models.delivery.errors import IndexRefused
from models.delivery.landing import INCOMING, landing, settle

TRUSTED_FILE = "trusted.json"
"""Below the folder that models are fetched into: when each public key's newest was published."""

_Times: TypeAlias = dict[str, Annotated[datetime, Meta(tz=True)]]


def require_newest(
    published_at: datetime, key: str, trusted: Sequence[str], folder: Path, where: str
) -> None:
    """Remember an index that `key` signed; raise IndexRefused for one older than is known already.

    Known are the indexes of all keys `trusted` now: while one key replaces another, the last index
    of the old one cannot come back. Raises FolderUnusable where `folder` cannot be written.
    """
    newest = _read(folder / INCOMING / TRUSTED_FILE)
    known = max((newest[k] for k in trusted if k in newest), default=published_at)
    if published_at < known:
        raise IndexRefused(
            f"{where} was published at {published_at.isoformat()}, and this machine has trusted "
            f"one of {known.isoformat()}: an old index was put back, and nothing of it was used; "
            "publish anew with `motcua models publish`"
        )
    if newest.get(key) != published_at:
        with landing(folder) as incoming:
            part = incoming / f"{TRUSTED_FILE}.part"
            part.write_bytes(msgspec.json.encode({**newest, key: published_at}) + b"\n")
            settle(part, incoming, TRUSTED_FILE)


def _read(path: Path) -> _Times:
    """Return what is remembered; nothing where the file is absent or spoilt."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Times)
    except (OSError, msgspec.DecodeError):
        return {}
