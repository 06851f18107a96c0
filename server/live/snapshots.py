"""The current readings of every scope, recomputed where something changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from contract.readings import DeviceProblem, Guard, Measure, Place, Reading, Timing
from contract.texts import Language, texts
from server.facts.sources import Fact, Source
from server.kpi.catalogue import BY_ID, LIVE
from server.kpi.definition import Moment
from server.periods import NOW, day_of
from server.readings.cells import withheld
from server.scopes import PROVINCE, Scope
from server.units.units import UnitTree

SOURCES: Mapping[str, Source[Any]] = MappingProxyType({kpi.source.name: kpi.source for kpi in LIVE})
"""What the readings of now and of today rest on."""

OBSERVED_STEP = timedelta(seconds=2)
"""A figure that stays the same is said to be newer in steps of so much: a busy unit is observed
several times a second, and nobody reads an age to the second that is only one or two."""

Facts = Mapping[str, Sequence[Fact[Any]]]
"""Facts by the name of their source."""

Key = tuple[str, str]
"""Scope and KPI of a reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What changed from one revision to the next.

    `observed` are readings in which only the time of the newest observation has moved, by
    OBSERVED_STEP or more.
    """

    revision: int
    computed_at: datetime
    readings: Mapping[Key, Reading] = field(default_factory=dict)
    observed: Mapping[Key, datetime] = field(default_factory=dict)


class SnapshotCache:
    """Facts by unit and the readings that follow from them, as of one revision.

    `concealed` are the places of which opinions and service are not told: few officers served
    there today. They are told to nobody, for all who watch a scope are told the same.
    """

    def __init__(self, *, first_revision: int) -> None:
        self.revision = first_revision
        self.computed_at: datetime | None = None
        self.tree = UnitTree()
        self.alarms: tuple[DeviceProblem, ...] = ()
        self.readings: dict[Key, Reading] = {}
        self.concealed: frozenset[Scope] = frozenset()
        self._facts: dict[str, dict[str, Any]] = {name: {} for name in SOURCES}

    def replace_all(
        self,
        tree: UnitTree,
        facts: Facts,
        now: datetime,
        concealed: frozenset[Scope] = frozenset(),
    ) -> None:
        """Take over a new tree and all facts; what was known before is forgotten."""
        self.tree, self.concealed = tree, concealed
        self._facts = {name: {} for name in SOURCES}
        self._store(facts)
        self.readings = {}
        self._compute([PROVINCE, *map(Scope.subtree, tree.units)], now, frozenset(Timing))
        self._advance(now)

    def change(
        self,
        units: frozenset[str],
        facts: Facts,
        now: datetime,
        *,
        with_time: bool,
        concealed: frozenset[Scope] = frozenset(),
    ) -> Delta:
        """Take over the facts of `units`, recompute what they touch, and return what changed.

        `with_time` also recomputes the readings of now of all other units: who was online may not
        be any more.
        """
        for own in self._facts.values():
            for unit in units:
                own.pop(unit, None)
        self._store(facts)
        touched = {node for unit in units for node in self.tree.above(unit)}
        # Whoever came on or went changes what is told of places where nothing else has changed.
        turned = {scope.unit for scope in self.concealed ^ concealed if scope.unit is not None}
        touched |= turned & self.tree.units.keys()
        self.concealed = concealed
        before = dict(self.readings)
        self._compute([PROVINCE, *map(Scope.subtree, touched)], now, frozenset(Timing))
        if with_time:
            rest = (unit for unit in self.tree.units if unit not in touched)
            self._compute(list(map(Scope.subtree, rest)), now, frozenset({Timing.NOW}))
        self._advance(now)
        return self._delta(before, now)

    def places(self, scopes: Iterable[Scope]) -> tuple[Place, ...]:
        """Return the names of these scopes."""
        return tuple(map(self._place, scopes))

    def within(self, scope: Scope) -> tuple[Scope, ...]:
        """Return `scope` and the units' scopes in it, in their order; KeyError outside the tree."""
        if scope == PROVINCE:
            return (PROVINCE, *map(Scope.subtree, self.tree.accepted))
        assert scope.unit is not None
        others = sorted(set(self.tree.below(scope.unit)) - {scope.unit})
        return (scope, *map(Scope.subtree, others))

    def _place(self, scope: Scope) -> Place:
        if scope.unit is None:
            vi, en = (texts("server", language) for language in (Language.VI, Language.EN))
            return Place(
                scope=str(scope),
                kind=str(scope.kind),
                name_vi=vi["place.province"],
                name_en=en["place.province"],
                simulated=any(self.tree.units[unit].simulated for unit in self.tree.accepted),
            )
        unit = self.tree.units[scope.unit]
        return Place(
            scope=str(scope),
            kind=unit.kind,
            name_vi=unit.name_vi,
            name_en=unit.name_en,
            simulated=self.tree.simulated(unit.id),
        )

    def _store(self, facts: Facts) -> None:
        for name, rows in facts.items():
            own, source = self._facts[name], SOURCES[name]
            for row in rows:
                own[row.unit] = own.get(row.unit, source.totals()) + row.totals

    def _compute(self, scopes: Sequence[Scope], now: datetime, timings: frozenset[Timing]) -> None:
        moments = {
            Timing.NOW: Moment(now=now, period=NOW),
            Timing.PERIOD: Moment(now=now, period=day_of(now)),
        }
        for scope in scopes:
            totals: dict[str, Any] = {}
            for kpi in LIVE:
                source = kpi.source
                if source.timing not in timings:
                    continue
                if source.name not in totals:
                    totals[source.name] = self._total(source, scope)
                moment = moments[source.timing]
                if kpi.guard is not Guard.NONE and scope in self.concealed:
                    reading = withheld(kpi, scope, moment)
                else:
                    reading = kpi.read(totals[source.name], scope, moment)
                self.readings[reading.scope, reading.kpi] = reading

    def _total(self, source: Source[Any], scope: Scope) -> Any:  # noqa: ANN401 - the source's own
        own = self._facts[source.name]
        if scope.unit is None:
            return source.total(own[unit] for unit in own if self.tree.counts(unit))
        counted = self.tree.counted_below(scope.unit)
        return source.total(own[unit] for unit in counted if unit in own)

    def _advance(self, now: datetime) -> None:
        self.revision += 1
        self.computed_at = now

    def _delta(self, before: Mapping[Key, Reading], now: datetime) -> Delta:
        readings: dict[Key, Reading] = {}
        observed: dict[Key, datetime] = {}
        for key, reading in self.readings.items():
            old = before.get(key)
            if old is reading or old == reading:
                continue
            if old is None or _without_time(old) != _without_time(reading):
                readings[key] = reading
            elif _is_newer(reading, old):
                assert reading.observed_at is not None
                observed[key] = reading.observed_at
            else:
                self.readings[key] = old
        return Delta(revision=self.revision, computed_at=now, readings=readings, observed=observed)


def _is_newer(reading: Reading, old: Reading) -> bool:
    """Return whether a time is so much newer that it is worth sending alone."""
    if reading.observed_at is None or old.observed_at is None:
        return False
    return reading.observed_at - old.observed_at >= OBSERVED_STEP


def _without_time(reading: Reading) -> Reading:
    """Return what may not change for a time to be sent alone; clients count ages themselves."""
    if BY_ID[reading.kpi].measure is Measure.AGE and reading.value is not None:
        return replace(reading, value=0.0, observed_at=None)
    return replace(reading, observed_at=None)
