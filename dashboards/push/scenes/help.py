"""Where help is needed: at most six places, why, since when, and who is told."""

from __future__ import annotations

from dashboards.look import formats
from dashboards.look.texts import tell
from dashboards.push.needs import Need
from dashboards.push.nodes import Node, node
from dashboards.push.questions import ALERTS, CATALOGUE, Question
from dashboards.push.scenes.words import (
    cause_in_words,
    place_in_words,
    since_in_words,
    told_in_words,
)
from dashboards.push.sight import Sight
from dashboards.push.tiles import Tile, missing

MOST_NEEDS = 6


def asks(_: Sight) -> tuple[Question, ...]:
    """Return what the scene asks for."""
    return (CATALOGUE, ALERTS)


def draw(sight: Sight) -> tuple[Tile, ...]:
    """Return the one tile: the gravest needs, or that there is none.

    Before the alerts are known nothing is said, least of all that nobody needs help.
    """
    found = sight.found(ALERTS)
    if found.value is None:
        return (_tile(sight, missing()),)
    shown = sight.needs[:MOST_NEEDS]
    rest = len(sight.needs) - len(shown)
    rows: tuple[Node, ...] = tuple(_row(sight, need) for need in shown)
    if not rows:
        rows = (node("div.calm", tell("need.nobody")),)
    if rest:
        rows += (node("p.note", tell("need.more", count=formats.number(rest))),)
    return (_tile(sight, rows),)


def _tile(sight: Sight, rows: tuple[Node, ...]) -> Tile:
    return Tile(
        name="needs",
        title=tell("tile.needs"),
        at=sight.found(ALERTS).at,
        every_s=ALERTS.every_s,
        body=rows,
    )


def _row(sight: Sight, need: Need) -> Node:
    name = need.gravity.name.lower()
    return node(
        f"div.need.is-{name}",
        node("div.sign", node("i.shape"), node("span", tell(f"gravity.{name}"))),
        node("div.where", place_in_words(sight, need)),
        node(
            "div.cause",
            node("div.why", cause_in_words(need)),
            node("p.note.told", _note(need)),
        ),
        node("div.since", since_in_words(need.since, sight.now)),
    )


def _note(need: Need) -> str:
    said = told_in_words(need)
    if not need.others:
        return said
    return f"{said} · {tell('need.others', count=formats.number(need.others))}"
