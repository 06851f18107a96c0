"""The fleet and the quality of its data: devices, cameras, late and unreadable messages."""

from __future__ import annotations

from dashboards.look.figures import reason
from dashboards.look.texts import tell
from dashboards.push.nodes import node
from dashboards.push.questions import CATALOGUE, QUALITY, Question
from dashboards.push.scenes.now import devices_tile
from dashboards.push.sight import Sight, whole
from dashboards.push.tiles import LIVE_EVERY_S, Tile, count, figure, large, note

_MOST_NAMED = 4
_KPIS = ("device_hours", "camera_hours", "late_messages", "quarantined_messages", "count_agreement")


def asks(_: Sight) -> tuple[Question, ...]:
    """Return what the scene asks for."""
    return (CATALOGUE, QUALITY)


def draw(sight: Sight) -> tuple[Tile, ...]:
    """Return the scene's tiles."""
    found = sight.found(QUALITY)
    return (
        devices_tile(sight),
        _silent(sight),
        *(
            Tile(
                name=kpi,
                title=tell(f"tile.{kpi}"),
                at=found.at,
                every_s=QUALITY.every_s,
                body=figure(sight.definition(kpi), whole(found, kpi)),
            )
            for kpi in _KPIS
        ),
    )


def _silent(sight: Sight) -> Tile:
    """Return the units of which no device is heard, some of them by name."""
    silent = [place.scope for place in sight.units if _is_silent(sight, place.scope)]
    rest = len(silent) - _MOST_NAMED
    named = tuple(node("div.silent", sight.name(scope)) for scope in silent[:_MOST_NAMED])
    more = (note(tell("tile.more_units", count=rest)),) if rest > 0 else ()
    shown = named or (note(tell("tile.nobody_silent")),)
    return Tile(
        name="silent",
        title=tell("tile.silent"),
        at=sight.heard_at(),
        every_s=LIVE_EVERY_S,
        body=(large(count(len(silent))), *shown, *more),
    )


def _is_silent(sight: Sight, scope: str) -> bool:
    reading = sight.live("devices_online", scope)
    return reason(reading) is None and reading.value == 0
