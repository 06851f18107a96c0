"""What the rule of needs is told of each unit, from the live figures and what was asked."""

from __future__ import annotations

from collections.abc import Mapping

from contract.readings import Reading
from dashboards.api.views import View
from dashboards.look.figures import reason
from dashboards.push.choice import PROVINCE
from dashboards.push.needs import Share, UnitFacts
from dashboards.push.questions import (
    DUE_BY_UNIT,
    NOTHING,
    OUTLOOK,
    USUAL_BY_UNIT,
    Found,
    Question,
)


def needs_asked() -> tuple[Question, ...]:
    """Return what the rule rests on besides the live figures."""
    return (OUTLOOK, DUE_BY_UNIT, USUAL_BY_UNIT)


def unit_facts(view: View, answers: Mapping[str, Found]) -> tuple[UnitFacts, ...]:
    """Return what is known of each unit of the view."""
    places = view.places[1:] if view.scope == PROVINCE or len(view.places) > 1 else view.places
    outlook, due, usual = (answers.get(each.name, NOTHING) for each in needs_asked())
    return tuple(
        UnitFacts(
            scope=place.scope,
            waiting=_value(view.reading(place.scope, "people_waiting")),
            open_counters=_value(outlook.reading(place.scope, "open_counters")),
            expected_wait_s=_value(outlook.reading(place.scope, "expected_wait")),
            satisfied=_share(view.reading(place.scope, "share_satisfied")),
            usual=_share(usual.reading(place.scope, "share_satisfied")),
            due_soon=_value(due.reading(place.scope, "dossiers_due_soon")),
            done=_value(usual.reading(place.scope, "dossiers_done")),
        )
        for place in places
    )


def _value(reading: Reading | None) -> float | None:
    return None if reading is None or reason(reading) is not None else reading.value


def _share(reading: Reading | None) -> Share | None:
    value = _value(reading)
    if reading is None or value is None or reading.low is None or reading.high is None:
        return None
    return Share(value=value, low=reading.low, high=reading.high)
