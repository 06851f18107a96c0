"""What a client of the stream holds after the updates that it was sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from contract.readings import Place, Reading, Update


@dataclass(slots=True)
class Held:
    """The readings of one scope, kept current by `apply`."""

    revision: int = -1
    computed_at: datetime | None = None
    places: tuple[Place, ...] = ()
    readings: dict[tuple[str, str], Reading] = field(default_factory=dict)

    def apply(self, update: Update) -> None:
        """Take over an update; one that leaves a gap fails the test."""
        if update.since is None:
            self.places, self.readings = update.places, {}
        else:
            assert update.since <= self.revision, "an update was left out"
        self.readings |= {(reading.scope, reading.kpi): reading for reading in update.readings}
        for kpi, by_scope in update.observed.items():
            for scope, at in by_scope.items():
                self.readings[scope, kpi] = replace(self.readings[scope, kpi], observed_at=at)
        self.revision, self.computed_at = update.revision, update.computed_at

    def reading(self, kpi: str, scope: str = "province") -> Reading:
        """Return one reading."""
        return self.readings[scope, kpi]

    def units(self) -> list[str]:
        """Return the scopes within the one that is held."""
        return [place.scope for place in self.places[1:]]


def held(updates: Iterable[Update]) -> Held:
    """Return what a client holds after these updates."""
    state = Held()
    for update in updates:
        state.apply(update)
    return state


def decode(text: str | bytes) -> Update:
    """Return an update from its JSON."""
    return msgspec.json.decode(text, type=Update)
