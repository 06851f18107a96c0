"""Tables of classes by a legal scheme: of many units, and of one with each criterion. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from server.reports.contents.wording import Wording
from server.reports.document import Cell, CellKind, Column, Definition, Missing, Row, Table
from server.schemes.explanations import Explanation, said
from server.schemes.figures import write_days
from server.schemes.schemes import Scheme
from server.schemes.scores import ComponentScore, Score


def class_table(scheme: Scheme, scores: Sequence[Score], words: Wording) -> Table:
    """Return points and class of each unit, or officer, the best first; groups stand as columns."""
    told = words.texts
    columns = [
        Column(id="number", title=told["column.number"], kind=CellKind.COUNT, width=4),
        Column(id="unit", title=told["column.unit"], kind=CellKind.TEXT, width=24),
        Column(id="total", title=told["column.total"], kind=CellKind.POINTS, width=8),
        Column(id="class", title=told["column.class"], kind=CellKind.TEXT, width=10),
    ]
    columns += [
        Column(
            id=group.id,
            title=f"{said(group.name, words.language)} ({group.maximum:f})",
            kind=CellKind.POINTS,
            width=9,
        )
        for group in scheme.groups
    ]
    columns.append(
        Column(id="remark", title=told["column.remark"], kind=CellKind.TEXT, width=20),
    )
    ordered = sorted(scores, key=lambda score: _order(score, words))
    notes = [said(scheme.basis, words.language), *_missing(scheme, scores, words)]
    if any(score.total is None for score in scores):
        notes.append(told["note.class_missing"])
    return Table(
        id=f"classes.{scheme.id}",
        title=told.format("section.classes", scheme=said(scheme.name, words.language)),
        columns=tuple(columns),
        rows=tuple(_row(number, score, scheme, words) for number, score in enumerate(ordered, 1)),
        notes=tuple(notes),
        empty=told["note.no_rows"],
    )


def criteria_table(
    scheme: Scheme, score: Score, explanation: Explanation, words: Wording
) -> tuple[Table, tuple[str, ...]]:
    """Return each criterion with what its points rest on, and what stands above the criteria."""
    told = words.texts
    rows = []
    for earned, explained in zip(_components(score), explanation.components, strict=True):
        because = [*explained.lines, *(line for term in explained.terms for line in term.lines)]
        rows.append(
            Row(
                key=explained.id,
                cells=(
                    explained.name,
                    Missing(reason=told["missing.no_points"])
                    if earned.points is None
                    else earned.points,
                    earned.maximum,
                    "\n".join(because),
                ),
            )
        )
    total: Cell = score.total
    if score.total is None:
        total = Missing(reason=told["missing.no_points"])
    rows.append(
        Row(
            key="total",
            cells=(told["column.total"], total, score.maximum, _band(score, scheme, words)),
            strong=True,
        )
    )
    table = Table(
        id=f"criteria.{scheme.id}",
        title=told.format("section.criteria", scheme=said(scheme.name, words.language)),
        columns=(
            Column(id="criterion", title=told["column.criterion"], kind=CellKind.TEXT, width=26),
            Column(id="points", title=told["column.points"], kind=CellKind.POINTS, width=8),
            Column(id="maximum", title=told["column.maximum"], kind=CellKind.POINTS, width=8),
            Column(id="because", title=told["column.because"], kind=CellKind.TEXT, width=56),
        ),
        rows=tuple(rows),
    )
    return table, explanation.heading


def scheme_definition(scheme: Scheme, words: Wording) -> Definition:
    """Return what the scheme is and which version of its formula holds."""
    texts = [said(each, words.language) for each in (scheme.basis, scheme.note) if each is not None]
    return Definition(
        name=said(scheme.name, words.language),
        text=". ".join(each.rstrip(".") for each in texts) + ".",
        version=str(scheme.version),
    )


def _missing(scheme: Scheme, scores: Sequence[Score], words: Wording) -> list[str]:
    """Return a note of the criteria that lack points, each with of how many it does."""
    lacking = Counter(each for score in scores for each in score.missing)
    names = [
        f"{said(each.name, words.language)} ({lacking[each.id]})"
        for each in scheme.components()
        if lacking[each.id]
    ]
    return [words.texts.format("note.lacking", names="; ".join(names))] if names else []


def _components(score: Score) -> list[ComponentScore]:
    return [each for group in score.groups for each in group.components]


def _row(number: int, score: Score, scheme: Scheme, words: Wording) -> Row:
    told = words.texts
    missing = Missing(reason=told["missing.no_points"])
    cells: list[Cell] = [
        number,
        words.unit(score.unit) if score.officer is None else score.officer,
        missing if score.total is None else score.total,
        _band(score, scheme, words),
    ]
    cells += [missing if group.points is None else group.points for group in score.groups]
    remarks = []
    if score.present is not None:
        first, last = (write_days(day) for day in (score.present.first, score.present.last))
        remarks.append(told.format("remark.present", first=first, last=last))
    if score.missing:
        remarks.append(told.format("remark.missing", count=len(score.missing)))
    cells.append("; ".join(remarks))
    key = score.unit if score.officer is None else f"{score.unit}/{score.officer}"
    return Row(key=key, cells=tuple(cells))


def _band(score: Score, scheme: Scheme, words: Wording) -> str:
    for band in scheme.bands:
        if band.id == score.band:
            return said(band.name, words.language)
    return ""


def _order(score: Score, words: Wording) -> tuple[Decimal, str, str]:
    total = Decimal(-1) if score.total is None else score.total
    return -total, words.unit(score.unit), score.officer or ""
