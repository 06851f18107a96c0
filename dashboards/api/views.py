"""A scope's newest readings, merged from the updates of the API's stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from contract.readings import DeviceProblem, KpiDefinition, Place, Reading, Update, Withheld

Catalogue: TypeAlias = tuple[KpiDefinition, ...]
Key: TypeAlias = tuple[str, str]
"""Scope and KPI of a reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a wall shows: the readings of a scope's places, and the catalogue that explains them.

    `alarms` say what is wrong with the server itself.
    """

    catalogue: Catalogue
    scope: str
    revision: int
    computed_at: datetime
    places: tuple[Place, ...]
    readings: Mapping[Key, Reading]
    alarms: tuple[DeviceProblem, ...] = ()

    def reading(self, scope: str, kpi: str) -> Reading:
        """Return the reading of `kpi` in `scope`; one without data if there is none."""
        return self.readings.get((scope, kpi)) or missing(scope, kpi)


def missing(scope: str, kpi: str) -> Reading:
    """Return the reading that says that there is none."""
    return Reading(kpi=kpi, version=0, scope=scope, period="", n=0, withheld=Withheld.NO_DATA)


def merge(view: View | None, update: Update, catalogue: Catalogue) -> View | None:
    """Return the view that `update` leads to, None where updates between the two are missing."""
    if update.since is None:
        return View(
            catalogue=catalogue,
            scope=update.scope,
            revision=update.revision,
            computed_at=update.computed_at,
            places=update.places,
            readings={(reading.scope, reading.kpi): reading for reading in update.readings},
            alarms=update.alarms,
        )
    if view is None or update.since > view.revision:
        return None
    readings = view.readings
    if update.readings or update.observed:
        changed = {(reading.scope, reading.kpi): reading for reading in update.readings}
        readings = {**readings, **changed, **_observed_anew(view, changed, update)}
    return replace(
        view,
        catalogue=catalogue,
        revision=update.revision,
        computed_at=update.computed_at,
        readings=readings,
        alarms=update.alarms,
    )


def _observed_anew(
    view: View, changed: Mapping[Key, Reading], update: Update
) -> dict[Key, Reading]:
    """Return the readings in which only the time of the newest observation has moved."""
    found = {}
    for kpi, times in update.observed.items():
        for scope, at in times.items():
            held = changed.get((scope, kpi)) or view.readings.get((scope, kpi))
            if held is not None:
                found[scope, kpi] = replace(held, observed_at=at)
    return found
