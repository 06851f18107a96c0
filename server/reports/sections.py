"""Reads what each kind of report rests on and makes its sections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psycopg import AsyncConnection

from contract.readings import Reading
from server.appraisal.appraisals import Appraisal, Step
from server.appraisal.store import read_appraisals, read_steps
from server.errors import NotFound
from server.facts.dossiers import DossierTotals
from server.facts.sources import Dimension
from server.kpi.catalogue import BY_ID
from server.rankings.measures import Ranked
from server.rankings.tables import Table as RankedTable
from server.readings.readings import Breakdown, Question, units_of
from server.readings.store import read_readings
from server.reports import store
from server.reports.closed import Dossiers, read_closed
from server.reports.contents import appraisals, classes, figures, forms, frames, ranked
from server.reports.contents.frames import Sections
from server.reports.contents.wording import Wording, told_in_reports
from server.reports.document import Definition, FunnelChart, Named, RankChart, Table
from server.reports.questions import ReportQuestion
from server.reports.reading import (
    Making,
    Resting,
    dossiers_of,
    explained_score,
    notes_of_others,
    ranked_tables,
    readings_of,
    scheme_asked,
    scores_of,
)
from server.schemes.explanations import said
from server.schemes.schemes import Scheme
from server.scopes import Part, Scope

FormRow = tuple[str, str, forms.Totals]
"""Key, name and totals."""


_MONTHLY_RANKED = ("share_satisfied", "dossiers_on_time")


async def ranking_sections(
    connection: AsyncConnection, question: ReportQuestion, making: Making, words: Wording
) -> Sections:
    """Return members ranked by a KPI, and classes by a scheme where one is named."""
    resting = Resting(words=words)
    asked, found = await ranked_tables(
        connection, question, making, words, resting, question.kpi, question.by
    )
    tables = list(ranked.ranking_tables(found, asked, words))
    definitions = [words.definition(question.kpi), *map(words.method, ranked.METHODS)]
    versions = [_kpi_versions(1, words), _method_version(words)]
    if question.scheme is not None:
        table, definition, version = await _classes(connection, question, making, words, resting)
        tables.insert(0, table)
        definitions.append(definition)
        versions.append(version)
    return Sections(
        tables=tuple(tables),
        rank_charts=ranked.rank_charts(found, asked, words),
        funnels=ranked.funnels(found, asked, words),
        notes=(*ranked.left_out(found, asked, words), *resting.notes),
        definitions=tuple(definitions),
        versions=tuple(versions),
        names_officers=_names_some(found),
    )


async def unit_sections(
    connection: AsyncConnection, question: ReportQuestion, making: Making, words: Wording
) -> Sections:
    """Return all figures of a unit beside former periods, and its class where asked for."""
    assert question.unit is not None
    return await _of_one(connection, question, making, words, Scope.subtree(question.unit))


async def officer_sections(
    connection: AsyncConnection, question: ReportQuestion, making: Making, words: Wording
) -> Sections:
    """Return all figures of an officer in a unit, and the class where asked for."""
    assert question.unit is not None
    assert question.officer is not None
    place = Scope.of_unit(question.unit).narrowed(Part.OFFICER, question.officer)
    found = await _of_one(connection, question, making, words, place)
    name = await store.officer_name(connection, question.officer)
    if name in (None, question.officer):
        return found
    assert name is not None
    return replace(found, about=(Named(name=words.texts["filter.name"], value=name),))


async def monthly_sections(
    connection: AsyncConnection, question: ReportQuestion, making: Making, words: Wording
) -> Sections:
    """Return a place's figures beside former ones, its units', and their rankings."""
    own = await _of_one(connection, question, making, words, question.scope)
    within = question.scope.unit
    units = words.tree.accepted if within is None else words.tree.below(within)
    kpis = tuple(BY_ID[kpi] for kpi in figures.MAIN)
    asked = Question(kpis=kpis, scope=question.scope, period=question.period, by=Breakdown.UNIT)
    by_unit: defaultdict[str, dict[str, Reading]] = defaultdict(dict)
    names_officers = own.names_officers
    closed = await read_closed(connection, question.period, making.seen)
    resting = Resting(words=words)
    for present in await read_readings(connection, asked, making.now, making.seen):
        reading = resting.reading(closed, present)
        names_officers |= bool(reading.named)
        place = Scope.parse(reading.scope)
        if place.unit is not None:
            by_unit[place.unit][reading.kpi] = reading
    tables: list[Table] = [*own.tables, figures.unit_table(by_unit, units, words)]
    charts: list[RankChart] = []
    funnels: list[FunnelChart] = []
    for kpi in _MONTHLY_RANKED:
        about, found = await ranked_tables(
            connection, question, making, words, resting, kpi, Ranked.UNIT
        )
        names_officers |= _names_some(found)
        tables += ranked.ranking_tables(found, about, words)
        charts += ranked.rank_charts(found, about, words)
        funnels += ranked.funnels(found, about, words)
    definitions = [*own.definitions, *map(words.method, ranked.METHODS)]
    versions = [*own.versions, _method_version(words)]
    if question.scheme is not None:
        table, definition, version = await _classes(connection, question, making, words, resting)
        tables.append(table)
        definitions.append(definition)
        versions.append(version)
    return Sections(
        tables=tuple(tables),
        rank_charts=tuple(charts),
        funnels=tuple(funnels),
        notes=(*own.notes, *resting.notes),
        definitions=tuple(definitions),
        versions=tuple(versions),
        names_officers=names_officers,
    )


async def appraisal_sections(
    connection: AsyncConnection, question: ReportQuestion, making: Making, words: Wording
) -> Sections:
    """Return one appraisal with its points and steps, or a list of those of a period."""
    scheme = scheme_asked(question, making)
    found = await read_appraisals(connection, period=str(question.period), unit=question.unit)
    found = [
        each
        for each in found
        if each.scheme == scheme.id and question.officer in (None, each.officer)
    ]
    about = (Named(name=words.texts["filter.scheme"], value=said(scheme.name, words.language)),)
    common: dict[str, Any] = {
        "about": about,
        "definitions": (classes.scheme_definition(scheme, words),),
        "versions": (_scheme_version(scheme, words),),
    }
    if question.unit is None:
        listed = []
        for each in sorted(found, key=lambda one: (words.unit(one.unit), one.officer or "")):
            steps = await read_steps(connection, each.id)
            final = next((step for step in reversed(steps) if step.step is Step.FINAL), None)
            listed.append((each, final))
        table = appraisals.appraisal_list(scheme, listed, words)
        return Sections(
            tables=(table,),
            title=words.texts["title.appraisals"],
            names_officers=any(each.officer is not None for each in found),
            **common,
        )
    own = [each for each in found if each.officer == question.officer]
    if not own:
        raise NotFound(f"{question.unit} has no appraisal by {scheme.id} for {question.period}")
    return await _one_appraisal(connection, own[0], scheme, words, common)


async def form_sections(
    connection: AsyncConnection, question: ReportQuestion, _making: Making, words: Wording
) -> Sections:
    """Return the tables of a form that a rule lays down."""
    assert question.template is not None
    form = forms.form_of(question.template, question.period)
    tables = []
    resting = Resting(words=words)
    for of in form.rows:
        by = Dimension.FAMILY if of == "family" else None
        found = await dossiers_of(connection, question, words, resting, by)
        if of == "family":
            names = await store.family_names(connection, words.language)
            rows = _by_family(question, words, found, names)
        else:
            rows = _by_unit(question, words, found)
        tables.append(forms.form_table(form, of, rows, words))
    basis = said(form.basis, words.language)
    return Sections(
        tables=tuple(tables),
        title=said(form.name, words.language),
        notes=(words.texts.format("note.check_form", basis=basis), *resting.notes),
        definitions=tuple(
            words.definition(kpi)
            for kpi in (
                "dossiers_received",
                "dossiers_done",
                "dossiers_on_time",
                "dossiers_overdue",
            )
        ),
        versions=(
            Named(
                name=words.texts.format("stamp.template", template=form.id),
                value=str(form.version),
            ),
        ),
    )


async def _of_one(
    connection: AsyncConnection,
    question: ReportQuestion,
    making: Making,
    words: Wording,
    place: Scope,
) -> Sections:
    period = question.period
    spans = (period, period.previous(), period.a_year_earlier())
    resting = Resting(words=words)
    now, before, year_before = [
        await readings_of(connection, place, span, making, resting) for span in spans
    ]
    tables: list[Table] = list(figures.figure_tables(now, before, year_before, words))
    told = [kpi for kpi in now if told_in_reports(kpi)]
    definitions = [words.definition(kpi) for kpi in told]
    versions = [_kpi_versions(len(told), words)]
    notes = [words.texts["note.apart"]]
    if question.scheme is not None and question.unit is not None:
        scheme = scheme_asked(question, making)
        score, explained = await explained_score(connection, question, making, words, resting)
        table, heading = classes.criteria_table(scheme, score, explained, words)
        tables.append(table)
        notes += heading
        definitions.append(classes.scheme_definition(scheme, words))
        versions.append(_scheme_version(scheme, words))
    return Sections(
        tables=tuple(tables),
        notes=(*notes, *await notes_of_others(connection, spans, words), *resting.notes),
        definitions=tuple(definitions),
        versions=tuple(versions),
        names_officers=any(
            reading.named for each in (now, before, year_before) for reading in each.values()
        ),
    )


def _names_some(found: Mapping[str, RankedTable]) -> bool:
    return any(row.named for table in found.values() for row in table.rows)


async def _classes(
    connection: AsyncConnection,
    question: ReportQuestion,
    making: Making,
    words: Wording,
    resting: Resting,
) -> tuple[Table, Definition, Named]:
    scheme = scheme_asked(question, making)
    scores = await scores_of(connection, question, making, words, resting)
    return (
        classes.class_table(scheme, scores, words),
        classes.scheme_definition(scheme, words),
        _scheme_version(scheme, words),
    )


async def _one_appraisal(
    connection: AsyncConnection,
    found: Appraisal,
    scheme: Scheme,
    words: Wording,
    common: dict[str, Any],
) -> Sections:
    steps = await read_steps(connection, found.id)
    state = Named(name=words.texts["column.state"], value=words.texts[f"state.{found.state}"])
    common["about"] = (*common["about"], state)
    return Sections(
        tables=(
            appraisals.points_table(scheme, steps, words),
            appraisals.step_table(steps, words),
        ),
        signed_by=("appraised", "appraiser"),
        **common,
    )


def _by_unit(question: ReportQuestion, words: Wording, found: Dossiers) -> list[FormRow]:
    tree, within = words.tree, question.scope.unit
    units = tree.accepted if within is None else tree.below(within)
    own = {each: unit for unit in units for each in tree.counted(unit)}
    rows: dict[str, forms.Totals] = {}
    for (unit, _), (now, before) in found.items():
        if unit in own:
            was_now, was_before = rows.get(own[unit], (DossierTotals(), DossierTotals()))
            rows[own[unit]] = (was_now + now, was_before + before)
    return [(unit, words.unit(unit), rows[unit]) for unit in units if unit in rows]


def _by_family(
    question: ReportQuestion, words: Wording, found: Dossiers, names: Mapping[str, str]
) -> list[FormRow]:
    asked = units_of(question.scope, words.tree)
    rows: dict[str, forms.Totals] = {}
    for (unit, family), (now, before) in found.items():
        if words.tree.counts(unit) and (asked is None or unit in asked):
            was_now, was_before = rows.get(family, (DossierTotals(), DossierTotals()))
            rows[family] = (was_now + now, was_before + before)
    nameless = words.texts["form.none"]
    return [
        (family, names.get(family, family) or nameless, rows[family]) for family in sorted(rows)
    ]


def _kpi_versions(count: int, words: Wording) -> Named:
    said = words.texts
    return Named(name=said["stamp.catalogue"], value=said.format("stamp.definitions", count=count))


def _method_version(words: Wording) -> Named:
    return Named(name=words.texts["stamp.method"], value=frames.METHOD_VERSION)


def _scheme_version(scheme: Scheme, words: Wording) -> Named:
    return Named(
        name=words.texts.format("stamp.scheme", scheme=said(scheme.name, words.language)),
        value=str(scheme.version),
    )
