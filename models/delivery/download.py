"""Brings one file into a folder: received once, checked by size and hash, then given its name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from edge.vision.fingerprint import Fingerprint, fingerprint
from models.delivery.errors import ContentRefused, FolderUnusable
from models.delivery.landing import landing, require_room, settle
from models.delivery.transfer import Located

LARGEST_BYTES = 100_000_000
"""Ours are under 4 MB, those of others under 40; it bounds a place that sends without end."""

Accept: TypeAlias = Callable[[Path], None]
"""Shown the complete file under a passing name; raises a DeliveryError to have it thrown away."""


def accept_all(part: Path) -> None:
    """Accept whatever has the right hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file to bring: from where, and what tells that it is the right one.

    `sha256` and `git_blob` are "" where they are not known.
    """

    file: str
    located: Located
    sha256: str = ""
    git_blob: str = ""
    size_bytes: int | None = None

    @property
    def place(self) -> str:
        """What messages call the place."""
        return self.located.place


def bring(download: Download, folder: Path, *, accept: Accept = accept_all) -> Fingerprint:
    """Put the file into `folder`, complete, and return its fingerprint.

    Raises a DeliveryError; nothing of the file is kept then.
    """
    with landing(folder) as incoming:
        part = incoming / f"{download.file}.part"
        try:
            require_room(incoming, download.size_bytes or 0, download.file)
            _receive(download, part)
            found = fingerprint(part)
            _check(download, found)
            accept(part)
            settle(part, folder, download.file)
        except OSError as error:
            raise FolderUnusable(
                f"{folder / download.file} cannot be written: {error.strerror}; free some space or "
                "name another folder with --models"
            ) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return found


def _receive(download: Download, part: Path) -> None:
    most = download.size_bytes or LARGEST_BYTES
    here = 0
    with download.located.open() as chunks, part.open("wb") as file:
        for chunk in chunks:
            here += len(chunk)
            if here > most:
                raise ContentRefused(
                    f"{download.place} sends more than the {most} bytes of {download.file}: it is "
                    "another file and was not kept; fetch it from elsewhere"
                )
            file.write(chunk)


def _check(download: Download, found: Fingerprint) -> None:
    """Raise ContentRefused unless size and digests are those that are known."""
    if download.size_bytes not in {None, found.size}:
        raise ContentRefused(
            f"{download.place} has {found.size} bytes instead of {download.size_bytes}: it is cut "
            "off or another file and was not kept; publish it again, or fetch it from elsewhere "
            "with --from"
        )
    for kind, wanted, digest in (
        ("SHA-256", download.sha256, found.sha256),
        ("git name", download.git_blob, found.git_blob),
    ):
        if wanted and digest != wanted:
            raise ContentRefused(
                f"{download.file} from {download.place} ({found.size} bytes) is damaged or another "
                f"file: its {kind} starts with {digest[:12]} instead of {wanted[:12]}; it was not "
                "kept: try again, then fetch it from elsewhere with --from"
            )
