"""Reads and stores reports that were asked for, their files, and what identifies issued files."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import kwargs_row
from psycopg.types.json import Jsonb

from contract.texts import Language
from runtime.sql import statements
from server.access.principals import Reach
from server.db.viewers import ALL, Viewer
from server.errors import NotFound
from server.reports.canonical import RowDigests, digest_of, row_digests
from server.reports.document import Document, Format
from server.reports.questions import ReportQuestion, ReportState

_SQL = statements("server.reports", "reports.sql")

MOST_LISTED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asked, and of which units' officers they may know: as the reading role is told it.

    `own` says that the report is of whoever asked.
    """

    name: str
    kind: str
    officers: str = ""
    staff: str = ""
    own: bool = False

    @property
    def seen(self) -> Reach:
        """Where figures may be told that name officers."""
        if self.officers == ALL:
            return Reach(everywhere=True)
        return Reach(units=frozenset(filter(None, self.officers.split(","))))

    def viewer(self, officer: str | None) -> Viewer:
        """Return on whose behalf the database is read for a report of `officer`."""
        return Viewer(
            officers=self.officers, staff=self.staff, officer=(officer or "") if self.own else ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A report that was asked for; `progress` is 0 to 1, `problem` says why it failed."""

    id: uuid.UUID
    asked_at: datetime
    asker: Asker
    question: Mapping[str, Any]
    format: Format
    state: ReportState
    progress: float
    problem: str | None
    name: str | None
    digest: str | None
    bytes: int | None
    ready_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A file that was issued, by its own digest and that of its content."""

    file_digest: str
    digest: str
    issued_at: datetime
    question: Mapping[str, Any]
    asker: Asker
    format: Format
    edition: str | None
    draft: bool
    layout: int
    row_digests: RowDigests


async def ask(
    connection: AsyncConnection, question: ReportQuestion, written: Format, asker: Asker
) -> uuid.UUID:
    """Store a question and have its job deferred; return the report's id."""
    id_ = uuid.uuid4()
    row = _row(question, written, asker) | {"asked_by": asker.name, "asked_kind": asker.kind}
    await connection.execute(_SQL["ask"], row | {"id": id_})
    return id_


async def read_reports(connection: AsyncConnection) -> list[Asked]:
    """Return the reports that are kept, the newest first, at most MOST_LISTED."""
    cursor = connection.cursor(row_factory=kwargs_row(_asked))
    await cursor.execute(_SQL["reports"], {"id": None, "most": MOST_LISTED})
    return await cursor.fetchall()


async def read_report(connection: AsyncConnection, id_: uuid.UUID) -> Asked:
    """Return one report; raise NotFound."""
    cursor = connection.cursor(row_factory=kwargs_row(_asked))
    await cursor.execute(_SQL["reports"], {"id": id_, "most": 1})
    found = await cursor.fetchone()
    if found is None:
        raise NotFound("there is no such report; files are kept for a week")
    return found


async def read_file(connection: AsyncConnection, id_: uuid.UUID) -> bytes:
    """Return a report's file; raise NotFound where it is not made yet, or not any more."""
    row = await (await connection.execute(_SQL["file"], {"id": id_})).fetchone()
    if row is None:
        raise NotFound("the report has no file yet; GET /api/v1/reports/{id} says how far it is")
    return bytes(row[0])


async def take(connection: AsyncConnection, id_: uuid.UUID) -> bool:
    """Begin to make a report; return whether it is still to be made."""
    return (await connection.execute(_SQL["take"], {"id": id_})).rowcount > 0


async def note_progress(connection: AsyncConnection, id_: uuid.UUID, progress: float) -> None:
    """Store what share of the work is done."""
    await connection.execute(_SQL["progress"], {"id": id_, "progress": progress})


async def finish(
    connection: AsyncConnection,
    id_: uuid.UUID,
    name: str,
    digest: str,
    content: bytes,
    now: datetime,
) -> None:
    """Store the file of a report."""
    await connection.execute(_SQL["keep_file"], {"id": id_, "content": content})
    row = {"id": id_, "name": name, "digest": digest, "bytes": len(content), "now": now}
    await connection.execute(_SQL["finish"], row)


async def fail(connection: AsyncConnection, id_: uuid.UUID, problem: str) -> None:
    """Store why a report cannot be made."""
    await connection.execute(_SQL["fail"], {"id": id_, "problem": problem})


async def issue(
    connection: AsyncConnection,
    question: ReportQuestion,
    document: Document,
    written: Format,
    content: bytes,
    asker: Asker,
    now: datetime,
) -> str:
    """Store what identifies an issued file and return the digest of its content."""
    digest = digest_of(document)
    row = _row(question, written, asker) | {
        "file_digest": file_digest(content),
        "digest": digest,
        "now": now,
        "edition": document.edition,
        "draft": document.draft,
        "layout": document.layout,
        "row_digests": Jsonb(row_digests(document)),
    }
    await connection.execute(_SQL["issue"], row)
    return digest


async def find_issue(
    connection: AsyncConnection, content: bytes, digest: str | None
) -> Issue | None:
    """Return the issue of these bytes, else one whose content has the digest; None without."""
    cursor = connection.cursor(row_factory=kwargs_row(_issue))
    asked = {"file_digest": file_digest(content), "digest": digest}
    await cursor.execute(_SQL["issued"], asked)
    return await cursor.fetchone()


async def officer_name(connection: AsyncConnection, officer: str) -> str | None:
    """Return an officer's name; None where the connection may not know it."""
    row = await (await connection.execute(_SQL["officer_name"], {"officer": officer})).fetchone()
    return None if row is None else str(row[0])


async def family_names(connection: AsyncConnection, language: Language) -> dict[str, str]:
    """Return the names of families of procedures by their ids."""
    rows = await (await connection.execute(_SQL["families"])).fetchall()
    return {id_: vi if language is Language.VI else en for id_, vi, en in rows}


async def purge(connection: AsyncConnection, before: datetime) -> int:
    """Remove reports asked for before, but for what still has to be sent; return how many."""
    await connection.execute(_SQL["purge_mails"], {"before": before})
    return (await connection.execute(_SQL["purge"], {"before": before})).rowcount


async def defer_left(connection: AsyncConnection, before: datetime) -> int:
    """Have reports made on which nobody has worked since; return how many."""
    return (await connection.execute(_SQL["defer_left"], {"before": before})).rowcount


def file_digest(content: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def _row(question: ReportQuestion, written: Format, asker: Asker) -> dict[str, Any]:
    kept = question.kept()
    return {
        "kind": question.kind,
        "period": str(question.period),
        "question": Jsonb({name: kept[name] for name in kept if name not in ("unit", "officer")}),
        "unit": question.unit,
        "officer": question.officer,
        "format": written,
        "officers_seen": asker.officers,
        "staff_seen": asker.staff,
        "own": asker.own,
    }


def _asked(
    *,
    asked_by: str,
    asked_kind: str,
    question: dict[str, Any],
    unit: str | None,
    officer: str | None,
    format: str,  # noqa: A002 - the column's name
    officers_seen: str,
    staff_seen: str,
    own: bool,
    state: str,
    **columns: Any,  # noqa: ANN401 - columns of a row
) -> Asked:
    return Asked(
        asker=Asker(
            name=asked_by, kind=asked_kind, officers=officers_seen, staff=staff_seen, own=own
        ),
        question=question | {"unit": unit, "officer": officer},
        format=Format(format),
        state=ReportState(state),
        **columns,
    )


def _issue(
    *,
    question: dict[str, Any],
    unit: str | None,
    officer: str | None,
    format: str,  # noqa: A002 - the column's name
    officers_seen: str,
    staff_seen: str,
    own: bool,
    **columns: Any,  # noqa: ANN401 - columns of a row
) -> Issue:
    return Issue(
        asker=Asker(name="", kind="", officers=officers_seen, staff=staff_seen, own=own),
        question=question | {"unit": unit, "officer": officer},
        format=Format(format),
        **columns,
    )
