"""The newest readings of each scope, as the stream's updates tell them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from contract.readings import Reading, Update, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeFigures:
    """Every reading of a scope as JSON: a list of `Reading`s."""

    scope: str
    computed_at: datetime
    readings: str


class Figures:
    """What is known of each scope by KPI; an update that is whole replaces it."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Reading]] = {}
        self._computed_at: datetime | None = None

    @property
    def scopes(self) -> Collection[str]:
        """The scopes that have figures."""
        return self._known.keys()

    def apply(self, update: Update) -> set[str]:
        """Return the scopes in which more than a time has changed."""
        before = self._known
        self._computed_at = update.computed_at
        if update.since is None:
            self._known = {}
        else:
            self._known = dict(before)
        for reading in update.readings:
            of_scope = self._known.get(reading.scope)
            if of_scope is None or of_scope is before.get(reading.scope):
                of_scope = self._known[reading.scope] = dict(of_scope or {})
            of_scope[reading.kpi] = reading
        changed = {scope for scope, known in self._known.items() if known != before.get(scope)}
        self._note_times(update)
        return changed

    def of(self, scopes: Iterable[str]) -> list[ScopeFigures]:
        """Return the newest figures of those of the scopes that have some."""
        assert self._computed_at is not None
        return [
            ScopeFigures(
                scope=scope,
                computed_at=self._computed_at,
                readings=encode(tuple(self._known[scope].values())).decode(),
            )
            for scope in scopes
            if scope in self._known
        ]

    def _note_times(self, update: Update) -> None:
        for kpi, times in update.observed.items():
            for scope, observed_at in times.items():
                known = self._known.get(scope, {})
                if kpi in known:
                    self._known[scope] = known | {kpi: replace(known[kpi], observed_at=observed_at)}
