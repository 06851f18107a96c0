"""Says whether a file is a report as it was issued, and what of its figures was restated since."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg import AsyncConnection

from server.errors import ServerError
from server.reports import store
from server.reports.comparison import Restated
from server.reports.stamps import digest_in
from server.reports.store import Issue

LARGEST_FILE = 64 * 1024 * 1024
_LARGEST_PART = 1024 * 1024


class Genuine(StrEnum):
    """What a file is."""

    GENUINE = "genuine"
    """Issued here, byte for byte."""
    CHANGED = "changed"
    """It bears the digest of a report that was issued, and is another file."""
    UNKNOWN = "unknown"
    """It bears a digest that was never issued here."""
    UNSTAMPED = "unstamped"
    """It bears none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is known of a file; without `restated`, `not_compared` says why."""

    genuine: Genuine
    digest: str | None = None
    issued_at: datetime | None = None
    edition: str | None = None
    draft: bool | None = None
    restated: Restated | None = None
    not_compared: str | None = None


async def find(
    connection: AsyncConnection, content: bytes
) -> tuple[Genuine, str | None, Issue | None]:
    """Return what a file is, the digest that it bears, and its issue."""
    digest = borne_digest(content)
    issue = await store.find_issue(connection, content, digest)
    if issue is None:
        return (Genuine.UNSTAMPED if digest is None else Genuine.UNKNOWN), digest, None
    same = issue.file_digest == store.file_digest(content)
    return (Genuine.GENUINE if same else Genuine.CHANGED), digest, issue


def verdict(
    kind: Genuine, digest: str | None, issue: Issue | None, compared: Restated | ServerError | None
) -> Verdict:
    """Return what is said of a file."""
    if issue is None:
        return Verdict(genuine=kind, digest=digest)
    return Verdict(
        genuine=kind,
        digest=issue.digest,
        issued_at=issue.issued_at,
        edition=issue.edition,
        draft=issue.draft,
        restated=compared if isinstance(compared, Restated) else None,
        not_compared=str(compared) if isinstance(compared, ServerError) else None,
    )


def borne_digest(content: bytes) -> str | None:
    """Return the digest that a file bears, whatever its format; None without."""
    for text in _texts(content):
        if (found := digest_in(text)) is not None:
            return found
    return None


def _texts(content: bytes) -> Iterator[str]:
    if not content.startswith(b"PK"):
        yield content.decode("utf-8", "ignore")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book, book.open("docProps/core.xml") as part:
            yield part.read(_LARGEST_PART).decode("utf-8", "ignore")
    except (KeyError, OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        return
