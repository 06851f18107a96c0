"""What a wall shows: what its address and its screen's token choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from contract.access import Visitor
from contract.readings import KpiDefinition
from contract.texts import Language
from dashboards.api.views import Catalogue
from dashboards.look.texts import language_named

PROVINCE = "province"
SCENES = ("now", "map", "help", "dossiers", "best", "unit", "fleet")
"""The names of all scenes, in the order in which they turn."""
MAP_KPIS = ("share_satisfied", "people_waiting", "waited_within_15", "dossiers_on_time")
"""What the map's colours tell, one after the other."""
TURN_S, SHORTEST_TURN_S, LONGEST_TURN_S = 25.0, 3.0, 120.0
"""Seconds that a scene stays: what seven tiles say is read in about twenty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A scope, the scenes in their order, the map's KPIs, how long a scene stays, the language."""

    scope: str = PROVINCE
    scenes: tuple[str, ...] = SCENES
    kpis: tuple[str, ...] = ()
    turn_s: float = TURN_S
    language: Language = Language.VI

    @classmethod
    def parse(
        cls, query: Mapping[str, str], visitor: Visitor | None = None, *, turn_s: float = TURN_S
    ) -> Self:
        """Return what an address's `scope`, `scenes`, `kpis`, `turn` and `lang` choose.

        What it leaves open is as the screen's token says, else the default.
        """
        allowed = visitor.scenes if visitor is not None else None
        usual_s = (visitor.turn_s if visitor is not None else None) or turn_s
        spoken = language_named(query.get("lang"))
        if spoken is None and visitor is not None:
            spoken = language_named(visitor.language)
        return cls(
            scope=query.get("scope") or PROVINCE,
            scenes=_names(query.get("scenes", "")) or allowed or SCENES,
            kpis=_names(query.get("kpis", "")),
            turn_s=_seconds(query.get("turn", ""), usual_s),
            language=spoken or Language.VI,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an address cannot be shown: the text `refusal.<key>` with its figures."""

    key: str
    figures: Mapping[str, object]


def refusal_of(choice: Choice, catalogue: Catalogue) -> Refusal | None:
    """Return why `choice` cannot be shown, None where it can."""
    strange = [name for name in choice.scenes if name not in SCENES]
    if strange:
        named = _cut(", ".join(strange))
        return Refusal(key="scene", figures={"scene": named, "known": ", ".join(SCENES)})
    known = {definition.id for definition in catalogue}
    unknown = [kpi for kpi in choice.kpis if kpi not in known]
    if unknown:
        return Refusal(key="kpis", figures={"unknown": _cut(", ".join(unknown))})
    return None


def map_kpis(choice: Choice, catalogue: Catalogue) -> tuple[KpiDefinition, ...]:
    """Return what the map's colours tell in turn: what was chosen, as far as it is known."""
    by_id = {definition.id: definition for definition in catalogue}
    return tuple(by_id[kpi] for kpi in choice.kpis or MAP_KPIS if kpi in by_id)


_LONGEST_NAMED = 120


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in text.split(",") if (name := each.strip())))


def _seconds(text: str, otherwise: float) -> float:
    try:
        asked = float(text)
    except ValueError:
        return otherwise
    return min(max(asked, SHORTEST_TURN_S), LONGEST_TURN_S) if asked == asked else otherwise


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_NAMED else text[: _LONGEST_NAMED - 1] + "…"
