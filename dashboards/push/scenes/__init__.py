"""The scenes of a wall: each says what it asks for and draws its tiles from what is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dashboards.push.questions import Question
from dashboards.push.scenes import best, dossiers, fleet, help, map, now, unit  # noqa: A004
from dashboards.push.sight import Sight
from dashboards.push.tiles import Tile


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One scene: `asks` says what it needs to know for a sight, `draw` makes its tiles."""

    asks: Callable[[Sight], tuple[Question, ...]]
    draw: Callable[[Sight], tuple[Tile, ...]]


BY_NAME: Mapping[str, Scene] = MappingProxyType(
    {
        "now": Scene(asks=now.asks, draw=now.draw),
        "map": Scene(asks=map.asks, draw=map.draw),
        "help": Scene(asks=help.asks, draw=help.draw),
        "dossiers": Scene(asks=dossiers.asks, draw=dossiers.draw),
        "best": Scene(asks=best.asks, draw=best.draw),
        "unit": Scene(asks=unit.asks, draw=unit.draw),
        "fleet": Scene(asks=fleet.asks, draw=fleet.draw),
    }
)
