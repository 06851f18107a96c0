"""Explains a score: each criterion with its formula, the numbers and what they rest on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import assert_never

from contract.local_time import LOCAL_TIME
from contract.readings import Reading
from contract.texts import Language, texts
from server.schemes.figures import write_days, write_number
from server.schemes.schemes import (
    Bilingual,
    Combine,
    Component,
    Count,
    EnteredPoints,
    Scheme,
    Share,
    Steps,
    Term,
)
from server.schemes.scores import ComponentScore, Score, State, TermScore, counted

_PLACES = 4
"""Decimal places of points before they are rounded."""

_WITHHELD: Mapping[State, str] = MappingProxyType(
    {State.EMPTY: "formula.empty_withheld", State.MISSING: "formula.missing_withheld"}
)
"""What is said of a term without points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedTerm:
    """Where a term's points come from: lines of text, and the readings behind them."""

    id: str
    name: str
    state: State
    lines: tuple[str, ...]
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedComponent:
    """A criterion with its points as they are written."""

    id: str
    group: str
    name: str
    points: str
    maximum: str
    lines: tuple[str, ...]
    terms: tuple[ExplainedTerm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A score in words of one language: what stands above, then each criterion."""

    heading: tuple[str, ...]
    components: tuple[ExplainedComponent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What units, officers and KPIs are called in the language of the explanation.

    `period` is the score's in words, where it has some; `dated` readings say of when they are.
    """

    whom: str
    unit: str
    kpis: Mapping[str, str]
    period: str = ""
    dated: bool = True


def explain(scheme: Scheme, score: Score, names: Names, language: Language) -> Explanation:
    """Return the explanation of a score by the scheme that gave it."""
    writer = _Writer(scheme, score, names, language)
    return Explanation(
        heading=tuple(writer.heading()),
        components=tuple(
            writer.component(component, earned, said(group.name, language))
            for group, group_score in zip(scheme.groups, score.groups, strict=True)
            for component, earned in zip(group.components, group_score.components, strict=True)
        ),
    )


def as_text(explanation: Explanation) -> str:
    """Return the explanation as indented lines."""
    lines = list(explanation.heading)
    group = ""
    for component in explanation.components:
        if component.group != group:
            group = component.group
            lines += ["", group]
        lines.append(f"  {component.name}: {component.points}/{component.maximum}")
        lines += (f"    {line}" for line in component.lines)
        for term in component.terms:
            indent = "    "
            if len(component.terms) > 1:
                lines.append(f"    {term.name}")
                indent = "      "
            lines += (f"{indent}{line}" for line in term.lines)
    return "\n".join(lines) + "\n"


def said(text: Bilingual, language: Language) -> str:
    """Return a scheme's text in one language."""
    return text.vi if language is Language.VI else text.en


class _Writer:
    """Writes one score in one language."""

    def __init__(self, scheme: Scheme, score: Score, names: Names, language: Language) -> None:
        self._scheme, self._score, self._names = scheme, score, names
        self._language = language
        self._texts = texts("server.schemes", language)

    def heading(self) -> Iterator[str]:
        """Yield what stands above the criteria."""
        scheme, score = self._scheme, self._score
        yield self._say("heading.scheme", name=self._said(scheme.name), version=scheme.version)
        yield self._say("heading.basis", basis=self._said(scheme.basis))
        if score.officer is None:
            yield self._say("heading.whom_unit", unit=self._names.unit)
        else:
            whom = self._names.whom
            yield self._say("heading.whom_officer", officer=whom, unit=self._names.unit)
        yield self._say("heading.period", period=self._period(score.period))
        if score.running:
            yield self._say("heading.running")
        if score.present is not None:
            first, last = (write_days(d) for d in (score.present.first, score.present.last))
            yield self._say("heading.present", first=first, last=last)
        yield from self._total()
        if scheme.note is not None:
            yield self._say("heading.note", note=self._said(scheme.note))

    def component(
        self, component: Component, earned: ComponentScore, group: str
    ) -> ExplainedComponent:
        """Return a criterion's explanation."""
        lines = []
        parts = [term.exact for term in earned.terms if term.exact is not None]
        if component.combine is not Combine.SUM:
            all_count = component.combine is Combine.MEAN
            count = len(component.terms) if all_count else len(parts)
            lines.append(self._say("formula.mean", count=count))
        elif sum(parts, Fraction(0)) > component.maximum:
            lines.append(self._say("formula.capped", maximum=self._number(component.maximum)))
        if component.note is not None:
            lines.append(self._say("heading.note", note=self._said(component.note)))
        no_points = self._texts["line.no_points"]
        return ExplainedComponent(
            id=component.id,
            group=group,
            name=self._said(component.name),
            points=no_points if earned.points is None else self._number(earned.points),
            maximum=self._number(component.maximum),
            lines=tuple(lines),
            terms=tuple(
                self._term(term, score)
                for term, score in zip(component.terms, earned.terms, strict=True)
            ),
        )

    def _total(self) -> Iterator[str]:
        score = self._score
        shown = {
            name: self._number(getattr(score, name)) for name in ("known", "highest", "maximum")
        }
        if score.total is None:
            yield self._say("heading.withheld", **shown)
        else:
            bands = {band.id: self._said(band.name) for band in self._scheme.bands}
            key = "heading.total_alone" if score.band is None else "heading.total"
            band = bands.get(score.band or "", "")
            total = self._number(score.total)
            yield self._say(key, total=total, maximum=shown["maximum"], band=band)
        if score.missing:
            named = {each.id: self._said(each.name) for each in self._scheme.components()}
            said = "; ".join(named[each] for each in score.missing)
            count = len(score.missing)
            yield self._say("heading.missing", count=count, names=said, highest=shown["highest"])

    def _term(self, term: Term, earned: TermScore) -> ExplainedTerm:
        lines = [self._formula(term, earned), *self._counts(term, earned)]
        if earned.entered is not None:
            given = earned.entered
            at = f"{given.entered_at.astimezone(LOCAL_TIME):%d/%m/%Y %H:%M}"
            lines.append(
                self._say("formula.evidence", evidence=given.evidence, by=given.entered_by, at=at)
            )
        lines += (self._reading(reading, term) for reading in earned.readings)
        return ExplainedTerm(
            id=term.id,
            name=self._said(term.name),
            state=earned.state,
            lines=tuple(lines),
            readings=earned.readings,
        )

    def _formula(self, term: Term, earned: TermScore) -> str:
        if earned.state in (State.EMPTY, State.MISSING):
            key = f"formula.{earned.state}"
            if earned.exact is None:
                return self._texts[_WITHHELD[earned.state]]
            return self._say(key, points=self._number(earned.exact))
        assert earned.exact is not None
        points = self._number(earned.exact)
        match term.rule:
            case EnteredPoints():
                return self._say("formula.entered", points=points)
            case Steps():
                measured = self._number(_measured(earned))
                return self._say("formula.steps", measured=measured, points=points)
            case Share() as rule:
                return self._share(rule, term, earned, points)
            case _:
                assert_never(term.rule)

    def _share(self, rule: Share, term: Term, earned: TermScore, points: str) -> str:
        raw = Fraction(rule.weight) * _measured(earned) / Fraction(rule.full_from)
        key = "formula.share" if rule.full_from == 1 else "formula.share_full"
        formula = self._say(
            key,
            weight=self._number(rule.weight),
            numerator=self._number(max(Fraction(0), earned.numerator or Fraction(0))),
            denominator=self._number(earned.denominator or Fraction(1)),
            full_from=self._number(Fraction(rule.full_from) * 100),
            points=self._number(raw),
        )
        if raw <= Fraction(term.most):
            return formula
        most = self._number(term.most)
        return self._say("formula.share_most", formula=formula, most=most, points=points)

    def _counts(self, term: Term, earned: TermScore) -> Iterator[str]:
        """Yield which counts of which readings make numerator and denominator."""
        if earned.state is State.ENTERED and term.quantity is not None:
            yield self._texts["formula.entered_counts"]
        if earned.state is not State.COMPUTED or term.quantity is None:
            return
        readings = {reading.kpi: reading for reading in earned.readings}
        for key, counts in (
            ("numerator", term.quantity.numerator),
            ("denominator", term.quantity.denominator),
        ):
            if counts:
                yield self._say(f"formula.{key}", counts=self._summands(counts, readings))

    def _summands(self, counts: tuple[Count, ...], readings: Mapping[str, Reading]) -> str:
        parts: list[str] = []
        for count in counts:
            reading = readings.get(count.kpi)
            value = (None if reading is None else counted(count, reading)) or Fraction(0)
            of = self._say(f"of.{count.of}", part=count.part)
            kpi = self._names.kpis.get(count.kpi, count.kpi)
            shown = self._say("formula.count", value=self._number(value), kpi=kpi, of=of)
            sign = "− " if count.negative else "+ " if parts else ""
            parts.append(f"{sign}{shown}")
        return " ".join(parts)

    def _reading(self, reading: Reading, term: Term) -> str:
        name = self._names.kpis.get(reading.kpi, reading.kpi)
        n = self._number(Fraction(reading.n))
        told: dict[str, object] = {"name": name, "n": n, "period": self._of_period(reading)}
        at = reading.observed_at
        if reading.value is None:
            reason = self._texts[f"withheld.{reading.withheld or 'no_data'}"]
            line = self._say("line.readings_withheld", **told, reason=reason)
        else:
            told["value"] = self._number(Fraction(repr(reading.value)))
            if at is None or not self._names.dated:
                line = self._say("line.readings_undated", **told)
            else:
                observed = f"{at.astimezone(LOCAL_TIME):%d/%m/%Y %H:%M}"
                line = self._say("line.readings", **told, observed=observed)
        if reading.kpi in term.beside:
            return f"{line}. {self._texts['line.beside']}."
        return f"{line}."

    def _of_period(self, reading: Reading) -> str:
        told = self._period(reading.period)
        if told != reading.period:
            return told
        return self._say("line.period", period=told)

    def _period(self, period: str) -> str:
        if period == self._score.period and self._names.period:
            return self._names.period
        return period

    def _number(self, figure: object) -> str:
        # Screens write 1.234,5 in both languages; reports in English have figures of their own.
        written = self._language if self._names.period else Language.VI
        return write_number(figure, written, places=_PLACES)

    def _said(self, text: Bilingual) -> str:
        return said(text, self._language)

    def _say(self, key: str, /, **figures: object) -> str:
        return self._texts.format(key, **figures)


def _measured(earned: TermScore) -> Fraction:
    numerator = max(Fraction(0), earned.numerator or Fraction(0))
    return numerator / (earned.denominator or Fraction(1))
