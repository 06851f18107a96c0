"""Reads what reports tell, of closed periods as it was closed, and notes what is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from contract.readings import Reading
from server.access.principals import NOWHERE, Reach
from server.closing.editions import edition_of
from server.closing.parts import PartKind
from server.errors import RequestInvalid
from server.facts.dossiers import DOSSIERS, DossierTotals
from server.facts.sources import Dimension, Selection
from server.facts.store import read_facts
from server.kpi.definition import Kpi
from server.periods import Period
from server.rankings.material import RankingQuestion, rank
from server.rankings.measures import Ranked
from server.rankings.store import read_material
from server.rankings.tables import Table as RankedTable
from server.readings.readings import Question, kpis_named, units_of
from server.readings.store import read_readings
from server.reports.closed import Closed, Dossiers, read_closed, with_changes
from server.reports.contents import forms
from server.reports.contents.wording import Wording
from server.reports.questions import ReportQuestion
from server.schemes.explaining import explain_one
from server.schemes.explanations import Explanation, said
from server.schemes.library import Schemes, scheme_of
from server.schemes.schemes import Level, Scheme
from server.schemes.scores import Score
from server.schemes.store import Asked, read_scores
from server.scopes import Part, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a report is made with: the schemes in force, the clock, and whose officers are told."""

    schemes: Schemes
    now: datetime
    seen: Reach = NOWHERE


@dataclass(slots=True, kw_only=True)
class Resting:
    """What of a report on closed periods their closings do not hold, so that it rests on rows."""

    words: Wording
    names: dict[str, None] = field(default_factory=dict)

    def add(self, closed: Closed, what: str, **named: str) -> None:
        """Note that this is computed from rows, where the period is closed."""
        if not closed:
            return
        self.names[self.words.texts.format(f"rests.{what}", **named)] = None

    def reading(self, closed: Closed, now: Reading) -> Reading:
        """Return the reading as it was closed, else the present one, which rests on rows."""
        was = closed.reading(now)
        if was is None:
            self.add(closed, "figure", kpi=self.words.kpi(now.kpi))
        return now if was is None else was

    @property
    def notes(self) -> tuple[str, ...]:
        """The note that says so; none where everything is as it was closed, or nothing is."""
        if not self.names:
            return ()
        return (self.words.texts.format("note.on_rows", names="; ".join(self.names)),)


async def notes_of_others(
    connection: AsyncConnection, spans: Sequence[Period], words: Wording
) -> list[str]:
    """Return of which editions the periods are that a closed one stands beside."""
    own, *others = [await edition_of(connection, span) for span in spans]
    if own is None:
        return []
    said = words.texts
    return [
        said.format(
            "note.beside",
            period=words.period(span),
            edition=said["stamp.open"]
            if each is None
            else words.edition(each.version, each.closed_at, each.digest),
        )
        for span, each in zip(spans[1:], others, strict=True)
    ]


async def explained_score(
    connection: AsyncConnection,
    question: ReportQuestion,
    making: Making,
    words: Wording,
    resting: Resting,
) -> tuple[Score, Explanation]:
    """Return a score with where each point comes from, as they were closed."""
    assert question.unit is not None
    scheme, period, unit = scheme_asked(question, making), question.period, question.unit
    closed = await _closed_of(connection, question, period, making)
    found = [each for each in closed.scores(scheme) or () if each.unit == unit]
    if not found:
        resting.add(closed, "points", scheme=said(scheme.name, words.language))
    return await explain_one(
        connection,
        scheme=scheme,
        period=period,
        unit=unit,
        officer=question.officer,
        now=making.now,
        language=words.language,
        known=found[0] if found else None,
        written=words.period(period),
    )


async def _closed_of(
    connection: AsyncConnection, question: ReportQuestion, period: Period, making: Making
) -> Closed:
    """Return what was closed of the unit or officer that a report is of."""
    kind = PartKind.UNIT if question.officer is None else PartKind.OFFICER
    return await read_closed(
        connection,
        period,
        making.seen,
        kinds=(kind,),
        units=None if question.unit is None else (question.unit,),
        officer=question.officer,
    )


async def readings_of(
    connection: AsyncConnection, place: Scope, period: Period, making: Making, resting: Resting
) -> dict[str, Reading]:
    """Return by KPI the readings of a place, those of a closed period as they were closed."""
    kpis: tuple[Kpi[Any], ...] = kpis_named((), place, period)
    asked = Question(kpis=kpis, scope=place, period=period)
    readings = await read_readings(connection, asked, making.now, making.seen)
    officer = place.parts.get(Part.OFFICER)
    closed = await read_closed(
        connection,
        period,
        making.seen,
        kinds=() if officer is None else (PartKind.OFFICER,),
        units=None if place.unit is None else (place.unit,),
        officer=officer,
    )
    return {each.kpi: resting.reading(closed, each) for each in readings}


async def ranked_tables(
    connection: AsyncConnection,
    question: ReportQuestion,
    making: Making,
    words: Wording,
    resting: Resting,
    kpi: str,
    by: Ranked,
) -> tuple[RankingQuestion, Mapping[str, RankedTable]]:
    """Return the tables of each kind, those of a closed period as they were closed."""
    asked = RankingQuestion(
        kpi=kpi, period=question.period, by=by, scope=question.scope, compared=question.compare
    )
    tree, scope = words.tree, question.scope.unit
    within = tree.accepted if scope is None else tree.below(scope)
    closed = await _ranks_closed(connection, question, making, by, within)
    was = closed.ranking(asked, within)
    if was is not None and (closed.has_changes or not question.compare):
        return asked, was
    material = await read_material(connection, asked, making.now, making.seen, patient=True)
    found = await rank(material)
    if was is None:
        resting.add(closed, "ranks", kpi=words.kpi(kpi))
        return asked, found
    resting.add(closed, "change")
    return asked, with_changes(was, found)


async def _ranks_closed(
    connection: AsyncConnection,
    question: ReportQuestion,
    making: Making,
    by: Ranked,
    within: Collection[str],
) -> Closed:
    """Return what was closed, with the parts that ranks and changes of a scope stand in."""
    place = question.scope.unit or ""
    # Who may see some officers reads their units' own rows; a unit alone is one of the province's.
    units = {place, *(within if making.seen != NOWHERE else ())}
    if by is Ranked.UNIT and len(within) < 2:
        units.add("")
    return await read_closed(
        connection, question.period, making.seen, kinds=(PartKind.UNIT,), units=sorted(units)
    )


async def dossiers_of(
    connection: AsyncConnection,
    question: ReportQuestion,
    words: Wording,
    resting: Resting,
    by: Dimension | None,
) -> Dossiers:
    """Return totals by unit and member, of the period and the one before."""
    closed = await read_closed(connection, question.period, kinds=(PartKind.UNIT,))
    was = closed.dossiers(by)
    if was is not None:
        return was
    resting.add(closed, "form")
    found: dict[tuple[str, str], forms.Totals] = {}
    units = units_of(question.scope, words.tree)
    for place, period in enumerate((question.period, question.period.previous())):
        asked = Selection(units=units, period=period, by=by)
        for fact in await read_facts(connection, DOSSIERS, asked):
            key = (fact.unit, fact.member or "")
            pair = list(found.get(key, (DossierTotals(), DossierTotals())))
            pair[place] = pair[place] + fact.totals
            found[key] = (pair[0], pair[1])
    return found


async def scores_of(
    connection: AsyncConnection,
    question: ReportQuestion,
    making: Making,
    words: Wording,
    resting: Resting,
) -> list[Score]:
    """Return the scores of a place's units by the scheme that is asked for."""
    scheme = scheme_asked(question, making)
    if scheme.level is not Level.UNIT:
        raise RequestInvalid(f"{scheme.id} scores officers: their reports are of one officer each")
    closed = await read_closed(connection, question.period, kinds=(PartKind.UNIT,))
    scores = closed.scores(scheme)
    if scores is None:
        resting.add(closed, "points", scheme=said(scheme.name, words.language))
        scores = await read_scores(connection, scheme, question.period, Asked(), making.now)
    within = question.scope.unit
    if within is None:
        return scores
    below = set(words.tree.below(within)) if within in words.tree.units else set()
    return [score for score in scores if score.unit in below]


def scheme_asked(question: ReportQuestion, making: Making) -> Scheme:
    """Return the version of the scheme that holds in the period; raise NotScored, NotFound."""
    assert question.scheme is not None
    return scheme_of(making.schemes, question.scheme, question.period)
