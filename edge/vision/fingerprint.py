"""Whether a file of weights is the one that its manifest means."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from contract.manifest import ModelManifest

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What tells one file from another: its digests, and its size in bytes."""

    sha256: str
    git_blob: str
    size: int


def fingerprint(path: Path) -> Fingerprint:
    """Read the file once and return its fingerprint; raise OSError."""
    size = path.stat().st_size
    sha256 = hashlib.sha256()
    # git names a file by the SHA-1 of this header and the content.
    blob = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha256.update(chunk)
            blob.update(chunk)
    return Fingerprint(sha256=sha256.hexdigest(), git_blob=blob.hexdigest(), size=size)


def checksum_file(path: Path) -> Path:
    """Return the path beside the weights of their checksum file, as `sha256sum` writes it."""
    return path.with_name(f"{path.name}.sha256")


def mismatch(manifest: ModelManifest, path: Path, found: Fingerprint) -> str:
    """Return in what way the file is not the manifest's; "" when it is.

    Where neither a SHA-256 nor a git name is known, a checksum file beside the weights must confirm
    them.
    """
    if manifest.sha256:
        return _differs(path, found, "SHA-256", found.sha256, manifest.sha256)
    if manifest.git_blob:
        return _differs(path, found, "git name", found.git_blob, manifest.git_blob)
    checksums = checksum_file(path)
    if not checksums.is_file():
        return (
            f"nobody publishes the SHA-256 of {path}: if you trust where it came from, run "
            f"`sha256sum {path.name} > {checksums.name}` beside it"
        )
    return _differs(path, found, "SHA-256", found.sha256, _recorded_digest(checksums))


def _recorded_digest(checksums: Path) -> str:
    words = checksums.read_text(encoding="utf-8", errors="replace").split()
    return words[0].lower() if words else ""


def _differs(path: Path, found: Fingerprint, kind: str, digest: str, wanted: str) -> str:
    if digest == wanted:
        return ""
    return (
        f"{path} ({found.size} bytes) is truncated or another file: its {kind} starts with "
        f"{digest[:12]} instead of {wanted[:12] or 'nothing'}; copy it again"
    )
