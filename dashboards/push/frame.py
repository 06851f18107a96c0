"""What stands around a scene: who and when, what is wrong, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contract.texts import Language
from dashboards.api.views import View
from dashboards.look.texts import Bilingual, name_of, spoken, tell
from dashboards.push.choice import PROVINCE
from dashboards.push.nodes import Node, node
from dashboards.push.sight import Sight
from dashboards.push.tiles import Tile
from runtime.identity import Identity


def render_frame(
    identity: Identity,
    sight: Sight,
    scene: str,
    tiles: Sequence[Tile],
    *,
    pinned: str = "",
) -> Node:
    """Return the wall around the places of what changes; `pinned` is why the scene stays."""
    return node(
        "main.wall",
        render_header(identity, tell(f"scene.{scene}"), _place(sight)),
        tuple(_alarms(sight.view)),
        node("div.pinned", node("b", tell("wall.pinned")), node("span", pinned))
        if pinned
        else None,
        node(f"div.scene.scene-{scene}", *(tile.skeleton for tile in tiles)),
        _footer(sight, scene),
    )


def render_header(identity: Identity, title: str, place: str = "") -> Node:
    """Return the header: where, what is shown, what day and time it is, whether it is live."""
    english = identity.name_en if spoken() is Language.EN else ""
    return node(
        "header.top",
        node("i.emblem") if identity.emblem is not None else None,
        node(
            "div.place",
            node("b", english or identity.name),
            node("span", place or tell("wall.place")),
        ),
        node("h1", title),
        node("div.day", node("span.date")),
        node("div.clock"),
    )


def render_waiting(identity: Identity) -> Node:
    """Return the wall before its first figures."""
    return node(
        "main.wall",
        render_header(identity, ""),
        node("div.waiting", tell("link.waiting")),
    )


def _place(sight: Sight) -> str:
    return "" if sight.view.scope == PROVINCE else name_of(sight.head).text


def _alarms(view: View) -> Iterator[Node]:
    """Yield what is wrong with the server itself: no figure is as true as usual."""
    if view.alarms:
        said = (Bilingual(vi=each.text_vi, en=each.text_en).text for each in view.alarms)
        yield node("div.alarm", *(node("p", each) for each in said))


def _footer(sight: Sight, scene: str) -> Node:
    """Return the scenes, the one that is shown marked, and whether figures are simulated."""
    scenes = (
        node("span.here" if name == scene else "span", tell(f"turn.{name}"))
        for name in sight.choice.scenes
    )
    units = [place.simulated for place in sight.view.places[1:]] or [sight.head.simulated]
    mark = "" if not any(units) else "wall.simulated" if all(units) else "wall.partly_simulated"
    return node(
        "footer",
        node("div.turns", *scenes),
        node("div.simulated", tell(mark)) if mark else None,
    )
