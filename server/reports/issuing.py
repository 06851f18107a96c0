"""Makes a report's file on behalf of whoever asked, and compares an issued one with the present."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from server.db.pool import Database
from server.reports.comparison import Restated, differences
from server.reports.document import Document, Format
from server.reports.making import make_document
from server.reports.questions import ReportQuestion
from server.reports.reading import Making
from server.reports.store import Asker, Issue
from server.reports.writers import write
from server.schemes.library import Schemes


async def read_document(
    database: Database, question: ReportQuestion, asker: Asker, schemes: Schemes, now: datetime
) -> Document:
    """Return the document, read as whoever asked may read, however long that takes."""
    making = Making(schemes=schemes, now=now, seen=asker.seen)
    async with database.read(asker.viewer(question.officer)) as connection:
        return await make_document(connection, question, making)


async def make_file(
    database: Database,
    question: ReportQuestion,
    written: Format,
    asker: Asker,
    schemes: Schemes,
    now: datetime,
    made: Callable[[], Awaitable[None]] | None = None,
) -> tuple[Document, bytes]:
    """Return the document and its file; `made` is called between reading and writing."""
    document = await read_document(database, question, asker, schemes, now)
    if made is not None:
        await made()
    return document, await asyncio.to_thread(write, document, written)


async def compare(database: Database, issue: Issue, schemes: Schemes, now: datetime) -> Restated:
    """Return how present figures differ from those of the issue, read with the sight of then.

    Raises a ServerError where they cannot be computed any more.
    """
    question = ReportQuestion.read(issue.question, now)
    return differences(await read_document(database, question, issue.asker, schemes, now), issue)
