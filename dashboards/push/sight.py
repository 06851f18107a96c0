"""What a scene is drawn from: the live figures, what was asked, the needs, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from contract.readings import KpiDefinition, Place, Reading
from dashboards.api.views import Catalogue, View
from dashboards.look.figures import reason
from dashboards.look.texts import name_of
from dashboards.push.choice import PROVINCE, Choice
from dashboards.push.needs import Need
from dashboards.push.questions import CATALOGUE, NOTHING, Found, Question

DATA_AGE = "data_age"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One wall's figures at one moment. `turn` counts how often the scene has had its turn."""

    choice: Choice
    view: View
    now: datetime
    answers: Mapping[str, Found] = field(default_factory=lambda: MappingProxyType({}))
    needs: tuple[Need, ...] = ()
    turn: int = 0

    @property
    def head(self) -> Place:
        """The place whose wall it is."""
        return self.view.places[0]

    @property
    def units(self) -> tuple[Place, ...]:
        """The units within the scope; a unit without any is its own."""
        if self.view.scope == PROVINCE or len(self.view.places) > 1:
            return self.view.places[1:]
        return self.view.places

    @property
    def catalogue(self) -> Catalogue:
        """The whole catalogue once it is known, before that the live part of it."""
        return self.found(CATALOGUE).value or self.view.catalogue

    def found(self, question: Question) -> Found:
        """Return the newest answer to a question."""
        return self.answers.get(question.name, NOTHING)

    def definition(self, kpi: str) -> KpiDefinition | None:
        """Return the definition of a KPI, None where the catalogue does not know it."""
        return next((each for each in self.catalogue if each.id == kpi), None)

    def live(self, kpi: str, scope: str = "") -> Reading:
        """Return the live reading of a KPI, of the wall's own scope unless another is named."""
        return self.view.reading(scope or self.view.scope, kpi)

    def heard_at(self, scope: str = "") -> datetime | None:
        """Return when a device of the scope was last heard: how old its live figures are."""
        return self.live(DATA_AGE, scope).observed_at

    def name(self, scope: str) -> str:
        """Return the name of a place in the wall's language; an unknown one's scope."""
        place = next((each for each in self.view.places if each.scope == scope), None)
        return scope.rpartition(":")[2] if place is None else name_of(place).text


def whole(found: Found, kpi: str) -> Reading | None:
    """Return the one reading of `kpi` that is told of the whole scope."""
    return next((each[0] for (_, name), each in found.readings.items() if name == kpi), None)


def known(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return the readings that have a value."""
    return tuple(each for each in readings if reason(each) is None and each.value is not None)
