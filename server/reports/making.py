"""Makes the document that a question asks for, from one consistent view of the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from psycopg import AsyncConnection

from server.closing.editions import edition_of
from server.periods import today
from server.reports.contents import frames
from server.reports.contents.wording import Wording
from server.reports.document import Document
from server.reports.questions import ReportKind, ReportQuestion
from server.reports.reading import Making
from server.reports.sections import (
    appraisal_sections,
    form_sections,
    monthly_sections,
    officer_sections,
    ranking_sections,
    unit_sections,
)
from server.units.store import read_tree

_SECTIONS: Mapping[ReportKind, Callable[..., Awaitable[frames.Sections]]] = {
    ReportKind.RANKINGS: ranking_sections,
    ReportKind.UNIT: unit_sections,
    ReportKind.OFFICER: officer_sections,
    ReportKind.APPRAISAL: appraisal_sections,
    ReportKind.MONTHLY: monthly_sections,
    ReportKind.STATUTORY: form_sections,
}


async def make_document(
    connection: AsyncConnection, question: ReportQuestion, making: Making
) -> Document:
    """Return the document, by the tree of units of the period's last day.

    The same figures give the same document: of a period that is over nothing in it depends on when
    it is made. Raises NotFound, NotScored, BreakdownInvalid or PeriodInvalid.
    """
    assert question.period.end is not None
    last = min(today(making.now), question.period.end - timedelta(days=1))
    words = Wording(language=question.language, tree=await read_tree(connection, last))
    sections = await _SECTIONS[question.kind](connection, question, making, words)
    edition = await edition_of(connection, question.period)
    return frames.framed(
        question,
        sections,
        words,
        making.now,
        edition=None
        if edition is None
        else words.edition(edition.version, edition.closed_at, edition.digest),
    )
