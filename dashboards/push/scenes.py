"""What a wall shows: scenes as data, and what an address chooses from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from contract.readings import KpiDefinition
from dashboards.api.views import Catalogue
from dashboards.look.texts import Bilingual, say

MOST_KPIS = 6
"""KPIs that fit beside one another in the smallest type, whichever they are. Devices online and
data age, which every wall shows, are not counted: they share the last column."""
DEVICES_ONLINE, DATA_AGE = "devices_online", "data_age"
PROVINCE = "province"
_DEFAULT_SCENE = "overview"
_LONGEST_NAMED = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One way to show a scope: which KPIs unless others are asked for, and how rows stand.

    `rows_per_page` rows of three lines (figure, age, interval) fit under the scope's own figures.
    With `levels`, a place alone on the wall also shows every level of its ratings and expressions.
    """

    kpis: tuple[str, ...]
    rows_per_page: int
    levels: bool


SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        _DEFAULT_SCENE: Scene(
            kpis=(
                "ratings",
                "share_satisfied",
                "people_waiting",
                "visits",
                "median_service",
                "expression_mix",
                DEVICES_ONLINE,
            ),
            rows_per_page=4,
            levels=True,
        )
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an address asks for; without `kpis`, the scene's own."""

    scope: str = PROVINCE
    scene: str = _DEFAULT_SCENE
    kpis: tuple[str, ...] = ()

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Self:
        """Return the choice in an address's parameters `scope`, `scene` and `kpis`."""
        named = (kpi.strip() for kpi in query.get("kpis", "").split(","))
        return cls(
            scope=query.get("scope") or PROVINCE,
            scene=query.get("scene") or _DEFAULT_SCENE,
            kpis=tuple(dict.fromkeys(kpi for kpi in named if kpi)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A choice that can be shown: its scene, and the definitions of its KPIs.

    Devices online and data age come last and are always there: a wall must be able to say that
    its figures are old.
    """

    scene: Scene
    definitions: tuple[KpiDefinition, ...]


def resolve(choice: Choice, catalogue: Catalogue) -> Shown | Bilingual:
    """Return what `choice` shows, or why it cannot be shown."""
    scene = SCENES.get(choice.scene)
    if scene is None:
        return say("refusal.scene", scene=_cut(choice.scene), known=", ".join(SCENES))
    by_id = {definition.id: definition for definition in catalogue}
    unknown = [kpi for kpi in choice.kpis if kpi not in by_id]
    if unknown:
        return say("refusal.kpis", unknown=_cut(", ".join(unknown)))
    named = choice.kpis or tuple(kpi for kpi in scene.kpis if kpi in by_id)
    chosen = tuple(by_id[kpi] for kpi in named if not is_status(by_id[kpi]))
    if len(chosen) > MOST_KPIS:
        return say("refusal.too_many", chosen=len(chosen), most=MOST_KPIS)
    status = tuple(definition for definition in catalogue if is_status(definition))
    return Shown(scene=scene, definitions=(*chosen, *status))


def is_status(definition: KpiDefinition) -> bool:
    """Return whether a KPI is about the system itself: devices heard, age of the data."""
    return definition.id in {DEVICES_ONLINE, DATA_AGE}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_NAMED else text[: _LONGEST_NAMED - 1] + "…"
