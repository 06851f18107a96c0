"""Brings one file into a folder: resumed where it broke off, moved to its name once it is right."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from edge.vision.fingerprint import Fingerprint, fingerprint
from models.delivery.errors import ContentRefused, FolderUnusable, ManifestRefused, SourceAway
from models.delivery.landing import landing, require_room, settle
from models.delivery.progress import Progress, waiting
from models.delivery.transfer import Opener, Piece
from runtime.backoff import Backoff

LARGEST_BYTES = 1_000_000_000
"""No model of ours comes near; it bounds a place that does not say how much it sends."""

ATTEMPTS = 5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 8.0
"""Seconds between attempts, in which a short outage passes."""

Accept: TypeAlias = Callable[[Path], None]
"""Shown the complete file under a passing name; raises a DeliveryError to have it thrown away."""


def accept_all(part: Path) -> None:
    """Accept whatever has the right hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file to bring: from where, and what tells that it is the right one.

    `place` is named in messages. `sha256` and `git_blob` are "" where they are not known.
    """

    file: str
    place: str
    open: Opener
    sha256: str = ""
    git_blob: str = ""
    size_bytes: int | None = None


def bring(
    download: Download,
    folder: Path,
    *,
    progress: Progress,
    accept: Accept = accept_all,
    first_pause_s: float = FIRST_PAUSE_S,
) -> Fingerprint:
    """Put the file into `folder`, complete, and return its fingerprint.

    A part that an earlier call left is gone on with. Raises a DeliveryError; what had come is kept
    for the next call, unless it is wrong or the disk needs the room.
    """
    with landing(folder) as incoming:
        part = _part(download, incoming)
        with _thrown_away_if_wrong(part, folder / download.file):
            with part.open("ab") as file:
                _receive_patiently(download, file, progress, first_pause_s)
                file.flush()
                os.fsync(file.fileno())
            found = _verify(download, part)
            accept(part)
        settle(part, folder, download.file)
    return found


@contextmanager
def _thrown_away_if_wrong(part: Path, path: Path) -> Iterator[None]:
    """Remove `part` unless its place was only away; an OSError becomes FolderUnusable."""
    try:
        yield
    except (ContentRefused, ManifestRefused, FolderUnusable):
        part.unlink(missing_ok=True)
        raise
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FolderUnusable(
            f"{path} cannot be written: {error.strerror}; free some space or name another folder "
            "with --models"
        ) from error


def _receive_patiently(
    download: Download, file: BinaryIO, progress: Progress, first_pause_s: float
) -> None:
    """Receive until the end, with a few attempts, each from where the last one broke off."""
    backoff = Backoff(first_pause_s, LONGEST_PAUSE_S, jitter=0)
    while backoff.failures < ATTEMPTS - 1:
        try:
            return _receive(download, file, progress)
        except SourceAway as error:
            pause_s = backoff.next_s()
            progress.tell(f"{error}; trying again in {pause_s:g} s")
            time.sleep(pause_s)
    try:
        _receive(download, file, progress)
    except SourceAway as error:
        of = f" of {download.size_bytes}" if download.size_bytes else ""
        raise SourceAway(
            f"{download.file}: {error}; {file.tell()}{of} bytes are here: run the same command "
            "again, it goes on from there"
        ) from error


def _receive(download: Download, file: BinaryIO, progress: Progress) -> None:
    here = file.seek(0, os.SEEK_END)
    if here and here == download.size_bytes:
        return  # only the check was missing
    with ExitStack() as stack:
        with waiting(progress, download.place):
            piece = stack.enter_context(download.open(here))
        total = _total(piece, download)
        if piece.start not in {0, here}:
            raise SourceAway(f"{download.place} sends another part than the one asked for")
        if piece.start != here:
            here = file.seek(0)
            file.truncate()
        if total is not None:
            require_room(Path(file.name).parent, total - here, download.file)
        for chunk in piece.chunks:
            here += len(chunk)
            if here > (total or LARGEST_BYTES):
                raise ContentRefused(
                    f"{download.place} sends more than the {total or LARGEST_BYTES} bytes of "
                    f"{download.file}: it is another file and was not kept; fetch it from elsewhere"
                )
            file.write(chunk)
            progress.show(here, total)
    if total is not None and here < total:
        raise SourceAway(f"{download.place} broke off after {here} of {total} bytes")


def _total(piece: Piece, download: Download) -> int | None:
    """Return how many bytes the file has, where that is known; refuse a file of another size."""
    if None not in {piece.total, download.size_bytes} and piece.total != download.size_bytes:
        raise ContentRefused(
            f"{download.place} has {piece.total} bytes instead of {download.size_bytes}: it is cut "
            "off or another file and was not kept; publish it again, or fetch it from elsewhere "
            "with --from"
        )
    return piece.total if download.size_bytes is None else download.size_bytes


def _verify(download: Download, part: Path) -> Fingerprint:
    found = fingerprint(part)
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
    return found


def _part(download: Download, incoming: Path) -> Path:
    """Return the part that this content has; parts of other contents are removed."""
    wanted = (download.sha256 or download.git_blob or "unknown")[:12]
    part = incoming / f"{download.file}.{wanted}.part"
    for other in incoming.glob(f"{download.file}.*.part"):
        if other != part:
            other.unlink(missing_ok=True)
    return part
