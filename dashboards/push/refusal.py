"""What a wall says instead of figures: why its address shows none, and what can be chosen."""

from __future__ import annotations

from dashboards.api.views import Catalogue
from dashboards.look.texts import name_of, tell
from dashboards.push.choice import SCENES, Refusal
from dashboards.push.nodes import Node, node

_MOST_LISTED = 32
"""KPIs whose ids and names fit on the page in three columns."""
_EXAMPLE = "…/wall?scope=province&scenes=now,map&kpis=share_satisfied"


def render_refusal(refusal: Refusal, catalogue: Catalogue) -> Node:
    """Return the page that says why the address cannot be shown."""
    return node(
        "main.wall.refused",
        node("h1", tell("refusal.title")),
        node("p.reason", tell(f"refusal.{refusal.key}", **refusal.figures)),
        tuple(_choices(refusal, catalogue)),
        node("p.example", f"{tell('refusal.example')}: ", node("code", _EXAMPLE)),
    )


def _choices(refusal: Refusal, catalogue: Catalogue) -> list[Node]:
    if refusal.key == "scene":
        scenes = (node("div", node("code", name), tell(f"scene.{name}")) for name in SCENES)
        return [node("h2", tell("refusal.scenes")), node("div.choices", *scenes)]
    if refusal.key != "kpis" or not catalogue:
        return []
    listed = [
        node("div", node("code", each.id), node("span", name_of(each).text))
        for each in catalogue[:_MOST_LISTED]
    ]
    rest = len(catalogue) - len(listed)
    if rest > 0:
        listed.append(node("div", tell("refusal.more", count=rest)))
    return [node("h2", tell("refusal.choice")), node("div.choices", *listed)]
