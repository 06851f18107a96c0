"""What stands around the tables of every report: title, filters, cut-off, versions. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from server.reports.contents.wording import Wording
from server.reports.document import (
    Definition,
    Document,
    FunnelChart,
    Named,
    RankChart,
    Table,
)
from server.reports.questions import ReportKind, ReportQuestion

METHOD_VERSION = "1"
"""Of the way members are ranked: docs/statistics.md."""


LAYOUT = 2
"""Of the tables, columns and rows of every kind of report. One more with each release that sets
them otherwise: `report verify` then compares what both have.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """What a kind of report holds of its own.

    It `names_officers` that the question does not name, as few served or as appraisals are listed.
    """

    tables: tuple[Table, ...]
    rank_charts: tuple[RankChart, ...] = ()
    funnels: tuple[FunnelChart, ...] = ()
    notes: tuple[str, ...] = ()
    definitions: tuple[Definition, ...] = ()
    versions: tuple[Named, ...] = ()
    title: str | None = None
    about: tuple[Named, ...] = ()
    names_officers: bool = False
    signed_by: tuple[str, ...] = ("maker", "head")


def framed(
    question: ReportQuestion,
    sections: Sections,
    words: Wording,
    now: datetime,
    *,
    edition: str | None = None,
) -> Document:
    """Return the document of these sections; `edition` names the closing of the period."""
    said, period = words.texts, question.period
    draft = not period.is_over(now)
    _, end = period.bounds
    notes = ((said["note.draft"],) if draft else ()) + sections.notes
    return Document(
        kind=question.kind,
        language=question.language,
        title=sections.title or said[f"title.{question.kind}"],
        subtitle=f"{_place(question, words)}, {words.period(period)}",
        period=str(period),
        draft=draft,
        cut_off=now if draft else end,
        filters=(*_filters(question, words), *sections.about),
        versions=(*sections.versions, Named(name=said["stamp.layout"], value=str(LAYOUT))),
        tables=sections.tables,
        rank_charts=sections.rank_charts,
        funnels=sections.funnels,
        notes=notes,
        definitions=sections.definitions,
        edition=edition,
        layout=LAYOUT,
        names_officers=True if sections.names_officers else None,
        signatures=tuple(said[f"signature.{name}"] for name in sections.signed_by),
    )


def _place(question: ReportQuestion, words: Wording) -> str:
    place = words.place(question.place)
    return place if question.officer is None else f"{question.officer}, {place}"


def _filters(question: ReportQuestion, words: Wording) -> list[Named]:
    said = words.texts
    found = [
        Named(name=said["filter.period"], value=words.period(question.period)),
        Named(name=said["filter.days"], value=words.days(question.period)),
        Named(name=said["filter.scope"], value=words.place(question.place)),
    ]
    if question.officer is not None:
        found.append(Named(name=said["filter.officer"], value=question.officer))
    if question.kind is ReportKind.RANKINGS:
        found += [
            Named(name=said["filter.kpi"], value=words.kpi(question.kpi)),
            Named(name=said["filter.by"], value=said[f"by.{question.by}"]),
        ]
    return found
