"""Brings one file into a folder: received once, checked by size and hash, then given its name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from edge.vision.fingerprint import Fingerprint, fingerprint
from models.delivery.errors import ContentRefused, FolderUnusable
from models.delivery.landing import landing, require_room, settle
from models.delivery.sources import Offer
from models.delivery.transfer import open_place

LARGEST_BYTES = 100_000_000
"""Ours are under 4 MB, those of others under 40; it bounds a place that sends without end."""

Accept: TypeAlias = Callable[[Path], None]
"""Shown the complete file under a passing name; raises a DeliveryError to have it thrown away."""


def accept_all(part: Path) -> None:
    """Accept whatever has the right hash."""


def bring(offer: Offer, folder: Path, *, accept: Accept = accept_all) -> Fingerprint:
    """Put the weights into `folder`, complete, and return their fingerprint.

    Raises a DeliveryError; nothing of the file is kept then.
    """
    file = offer.manifest.file
    with landing(folder) as incoming:
        part = incoming / f"{file}.part"
        try:
            require_room(incoming, offer.size_bytes or 0, file)
            _receive(offer, part)
            found = fingerprint(part)
            _check(offer, found)
            accept(part)
            settle(part, folder, file)
        except OSError as error:
            raise FolderUnusable(
                f"{folder / file} cannot be written: {error.strerror}; free some space or "
                "name another folder with --models"
            ) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return found


def _receive(offer: Offer, part: Path) -> None:
    most = offer.size_bytes or LARGEST_BYTES
    here = 0
    with open_place(offer.place) as chunks, part.open("wb") as file:
        for chunk in chunks:
            here += len(chunk)
            if here > most:
                raise ContentRefused(
                    f"{offer.place} sends more than the {most} bytes of {offer.manifest.file}: it "
                    "is another file and was not kept; fetch it from elsewhere"
                )
            file.write(chunk)


def _check(offer: Offer, found: Fingerprint) -> None:
    """Raise ContentRefused unless size and digests are those that are known."""
    if offer.size_bytes not in {None, found.size}:
        raise ContentRefused(
            f"{offer.place} has {found.size} bytes instead of {offer.size_bytes}: it is cut "
            "off or another file and was not kept; publish it again, or fetch it from elsewhere "
            "with --from"
        )
    for kind, wanted, digest in (
        ("SHA-256", offer.manifest.sha256, found.sha256),
        ("git name", offer.manifest.git_blob, found.git_blob),
    ):
        if wanted and digest != wanted:
            raise ContentRefused(
                f"{offer.manifest.file} from {offer.place} ({found.size} bytes) is damaged or "
                f"another file: its {kind} starts with {digest[:12]} instead of {wanted[:12]}; it "
                "was not kept: try again, then fetch it from elsewhere with --from"
            )
