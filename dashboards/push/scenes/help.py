"""Where help is needed: at most six units, why, and since when."""

from __future__ import annotations

from dashboards.look import formats
from dashboards.look.texts import tell
from dashboards.push.needs import Need
from dashboards.push.nodes import Node, node
from dashboards.push.questions import CATALOGUE, DUE_BY_UNIT, OUTLOOK, USUAL_BY_UNIT, Question
from dashboards.push.scenes.words import cause_in_words, since_in_words
from dashboards.push.sight import Sight
from dashboards.push.tiles import LIVE_EVERY_S, Tile

MOST_NEEDS = 6


def asks(_: Sight) -> tuple[Question, ...]:
    """Return what the rule rests on besides the live figures."""
    return (CATALOGUE, OUTLOOK, DUE_BY_UNIT, USUAL_BY_UNIT)


def draw(sight: Sight) -> tuple[Tile, ...]:
    """Return the one tile: the gravest needs, or that there is none."""
    shown = sight.needs[:MOST_NEEDS]
    rest = len(sight.needs) - len(shown)
    rows: tuple[Node, ...] = tuple(_row(sight, need) for need in shown)
    if not rows:
        rows = (node("div.calm", tell("need.nobody")),)
    if rest:
        rows += (node("p.note", tell("need.more", count=formats.number(rest))),)
    return (
        Tile(
            name="needs",
            title=tell("tile.needs"),
            at=sight.heard_at(),
            every_s=LIVE_EVERY_S,
            body=rows,
        ),
    )


def _row(sight: Sight, need: Need) -> Node:
    name = need.gravity.name.lower()
    return node(
        f"div.need.is-{name}",
        node("div.sign", node("i.shape"), node("span", tell(f"gravity.{name}"))),
        node("div.where", sight.name(need.scope)),
        node("div.why", cause_in_words(need)),
        node("div.since", since_in_words(need.since, sight.now)),
    )
