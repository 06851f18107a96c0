"""A scene's tiles: a heading, the age of what it shows, one large figure with its bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from contract.readings import KpiDefinition, Reading
from dashboards.look import formats
from dashboards.look.figures import describe
from dashboards.look.formats import Quantity
from dashboards.look.texts import tell
from dashboards.push.nodes import Node, node, part, several

LIVE_EVERY_S = 15.0
"""Devices report every 5 to 10 s; past two of these their figures count as old (`fresh_for_s`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One tile: `body` changes with the figures, and so do its further `parts`, by name.

    Its data are from `at`, and newer ones come every `every_s`. `frame` stays while the scene does.
    """

    name: str
    title: str
    at: datetime | None
    every_s: float
    body: tuple[Node, ...] = ()
    parts: Mapping[str, tuple[Node, ...]] = field(default_factory=lambda: MappingProxyType({}))
    frame: tuple[Node, ...] = ()

    @property
    def skeleton(self) -> Node:
        """What stays: heading, age, the places of body and parts, the sign of lost data."""
        return node(
            "section.tile",
            node(
                "header",
                node("h2", self.title),
                node("span.age"),
            ),
            node("div.content", part(self.name), self.frame),
            node("div.lost", tell("link.cut_off")),
            data_tile=self.name,
            data_every_s=f"{self.every_s:g}",
        )

    @property
    def said(self) -> dict[str, str]:
        """What stands in its places, as JSON by name."""
        own = {name: several(*nodes) for name, nodes in self.parts.items()}
        return {self.name: several(*self.body)} | own


def large(quantity: Quantity, kind: str = "") -> Node:
    """Return the tile's figure with its unit behind it."""
    return node(f"div.figure{kind}", quantity.figure, _unit(quantity))


def _unit(quantity: Quantity) -> Node | None:
    return node("span.of", quantity.unit) if quantity.unit else None


def note(*said: str) -> Node:
    """Return a line below the figure: what is not empty of `said`."""
    return node("p.note", " · ".join(filter(None, said)))


def missing(key: str = "no_data", bounds: str = "") -> tuple[Node, ...]:
    """Return why there is no figure: the text `withheld.<key>`."""
    return (node("div.withheld", tell(f"withheld.{key}")), note(bounds))


def figure(
    definition: KpiDefinition | None, reading: Reading | None, kind: str = ""
) -> tuple[Node, ...]:
    """Return a reading's figure and the line that bounds it, or why there is none."""
    if definition is None or reading is None:
        return missing()
    said = describe(definition, reading)
    if said.quantity is None:
        return (node("div.withheld", said.withheld.text if said.withheld else ""), note(said.note))
    return (large(said.quantity, kind), note(said.note))


def brief(definition: KpiDefinition | None, reading: Reading | None) -> str:
    """Return a reading as running text: its figure, or why there is none."""
    if definition is None or reading is None:
        return tell("withheld.no_data")
    said = describe(definition, reading)
    if said.quantity is None:
        return said.withheld.text if said.withheld else ""
    return str(said.quantity)


def count(value: float) -> Quantity:
    """Return a count as it is written."""
    return Quantity(figure=formats.number(value))
