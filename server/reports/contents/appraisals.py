"""Tables of appraisals: how far each has come, and one with its points and steps. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from server.appraisal.appraisals import Appraisal, Step, StepTaken
from server.reports.contents.wording import Wording
from server.reports.document import Cell, CellKind, Column, Row, Table
from server.reports.figures import write_instant
from server.schemes.explanations import said
from server.schemes.points import Entry
from server.schemes.schemes import Scheme

_SCORED = (Step.SELF_SCORE, Step.APPRAISAL, Step.FINAL)


def appraisal_list(
    scheme: Scheme, found: Sequence[tuple[Appraisal, StepTaken | None]], words: Wording
) -> Table:
    """Return a row for each appraisal with its final step, where there is one."""
    told = words.texts
    columns = (
        Column(id="number", title=told["column.number"], kind=CellKind.COUNT, width=4),
        Column(id="unit", title=told["column.unit"], kind=CellKind.TEXT, width=24),
        Column(id="officer", title=told["column.officer"], kind=CellKind.TEXT, width=14),
        Column(id="state", title=told["column.state"], kind=CellKind.TEXT, width=16),
        Column(id="total", title=told["column.total"], kind=CellKind.POINTS, width=8),
        Column(id="class", title=told["column.class"], kind=CellKind.TEXT, width=14),
        Column(id="appraiser", title=told["column.appraiser"], kind=CellKind.TEXT, width=16),
        Column(id="due", title=told["column.due"], kind=CellKind.TEXT, width=16),
    )
    bands = {band.id: said(band.name, words.language) for band in scheme.bands}
    rows = []
    for number, (each, final) in enumerate(found, 1):
        rows.append(
            Row(
                key=str(each.id),
                cells=(
                    number,
                    words.unit(each.unit),
                    each.officer or "",
                    told[f"state.{each.state}"],
                    None if final is None else final.total,
                    ""
                    if final is None or final.band is None
                    else bands.get(final.band, final.band),
                    each.appraiser_name,
                    "" if each.due_at is None else write_instant(each.due_at),
                ),
            )
        )
    return Table(
        id="appraisals",
        title=told["title.appraisals"],
        columns=columns,
        rows=tuple(rows),
        empty=told["note.no_rows"],
    )


def points_table(scheme: Scheme, steps: Sequence[StepTaken], words: Wording) -> Table:
    """Return the points of each term as they were scored by each side."""
    told = words.texts
    given: Mapping[Step, Mapping[str, Entry]] = {
        step: {
            entry.term: entry for taken in steps if taken.step is step for entry in taken.entries
        }
        for step in _SCORED
    }
    rows = []
    for component in scheme.components():
        for term in component.terms:
            entries = [given[step].get(term.id) for step in _SCORED]
            evidence = next((each.evidence for each in reversed(entries) if each), "")
            rows.append(
                Row(
                    key=term.id,
                    cells=(
                        said(term.name, words.language),
                        term.most,
                        *(_points(each) for each in entries),
                        evidence,
                    ),
                )
            )
    return Table(
        id="points",
        title=told["section.points"],
        columns=(
            Column(id="criterion", title=told["column.criterion"], kind=CellKind.TEXT, width=46),
            Column(id="maximum", title=told["column.maximum"], kind=CellKind.POINTS, width=8),
            Column(id="self", title=told["column.self_score"], kind=CellKind.POINTS, width=8),
            Column(id="appraised", title=told["column.appraised"], kind=CellKind.POINTS, width=8),
            Column(id="final", title=told["column.final"], kind=CellKind.POINTS, width=8),
            Column(id="evidence", title=told["column.evidence"], kind=CellKind.TEXT, width=24),
        ),
        rows=tuple(rows),
        empty=told["note.no_rows"],
    )


def step_table(steps: Sequence[StepTaken], words: Wording) -> Table:
    """Return the history of an appraisal."""
    told = words.texts
    return Table(
        id="steps",
        title=told["section.steps"],
        columns=(
            Column(id="step", title=told["column.step"], kind=CellKind.TEXT, width=18),
            Column(id="at", title=told["column.at"], kind=CellKind.TEXT, width=16),
            Column(id="actor", title=told["column.actor"], kind=CellKind.TEXT, width=16),
            Column(id="comment", title=told["column.comment"], kind=CellKind.TEXT, width=40),
        ),
        rows=tuple(
            Row(
                key=str(step.number),
                cells=(
                    told[f"step.{step.step}"],
                    write_instant(step.at),
                    step.actor,
                    step.comment,
                ),
            )
            for step in steps
        ),
        empty=told["note.no_rows"],
    )


def _points(entry: Entry | None) -> Cell:
    if entry is None:
        return None
    if entry.points is not None:
        return entry.points
    if entry.numerator is None or not entry.denominator:
        return None
    return Decimal(entry.numerator)
