"""One unit in focus, another each turn: its queue, expected wait, ratings of the day, counters."""

from __future__ import annotations

from collections.abc import Iterator

from contract.readings import Place, Reading
from dashboards.look import formats
from dashboards.look.figures import reason
from dashboards.look.texts import RATINGS, name_of, tell
from dashboards.push.nodes import Node, node
from dashboards.push.questions import CATALOGUE, OUTLOOK, Found, Question, of_counters
from dashboards.push.sight import Sight
from dashboards.push.tiles import LIVE_EVERY_S, Tile, brief, figure, missing, note

_MOST_COUNTERS = 6
_COLUMNS = ("people_waiting", "expected_wait", "visits", "share_satisfied")


def asks(sight: Sight) -> tuple[Question, ...]:
    """Return the questions for the unit whose turn it is, and for the next one."""
    shown = [_focus(sight, later) for later in (0, 1)]
    counters = {place.scope: of_counters(place.scope) for place in shown if place is not None}
    return (CATALOGUE, OUTLOOK, *counters.values())


def draw(sight: Sight) -> tuple[Tile, ...]:
    """Return the scene's tiles."""
    place = _focus(sight)
    if place is None:
        title = tell("scene.unit")
        body = (node("div.withheld", tell("wall.no_units")),)
        return (Tile(name="focus", title=title, at=None, every_s=LIVE_EVERY_S, body=body),)
    scope, heard = place.scope, sight.heard_at(place.scope)
    outlook = sight.found(OUTLOOK)
    return (
        Tile(
            name="focus",
            title=tell("tile.focus"),
            at=heard,
            every_s=LIVE_EVERY_S,
            body=(node("div.focus-name", name_of(place).text), *_simulated(place)),
        ),
        Tile(
            name="waiting",
            title=tell("tile.waiting"),
            at=sight.live("people_waiting", scope).observed_at,
            every_s=LIVE_EVERY_S / 2,
            body=figure(sight.definition("people_waiting"), sight.live("people_waiting", scope)),
        ),
        Tile(
            name="expected",
            title=tell("tile.expected_wait"),
            at=outlook.at,
            every_s=OUTLOOK.every_s,
            body=figure(sight.definition("expected_wait"), outlook.reading(scope, "expected_wait")),
        ),
        Tile(
            name="satisfied",
            title=tell("tile.satisfied_today"),
            at=heard,
            every_s=LIVE_EVERY_S,
            body=figure(sight.definition("share_satisfied"), sight.live("share_satisfied", scope)),
        ),
        Tile(
            name="levels",
            title=tell("tile.levels"),
            at=heard,
            every_s=LIVE_EVERY_S,
            body=_levels(sight.live("ratings", scope)),
        ),
        _counters(sight, sight.found(of_counters(scope))),
    )


def _focus(sight: Sight, later: int = 0) -> Place | None:
    """Return the unit whose turn it is; those of which nothing was ever heard have none."""
    heard = [place for place in sight.units if sight.heard_at(place.scope) is not None]
    units = heard or list(sight.units)
    return units[(sight.turn + later) % len(units)] if units else None


def _simulated(place: Place) -> tuple[Node, ...]:
    return (node("span.simulated", tell("wall.simulated")),) if place.simulated else ()


def _levels(reading: Reading) -> tuple[Node, ...]:
    if reason(reading) is not None or not reading.parts:
        return missing()
    most = max(reading.parts.values(), default=0.0) or 1.0
    return tuple(
        node(
            "div.bar",
            node("span.name", tell(f"rating.{level}")),
            node("span.track", node("i", style=f"width:{100 * n / most:.1f}%")),
            node("b", formats.number(n)),
        )
        for level in RATINGS
        for n in (reading.parts.get(level, 0.0),)
    )


def _counters(sight: Sight, found: Found) -> Tile:
    scopes = sorted({scope for scope, _ in found.readings})
    # The line that says how many more there are takes the place of one.
    most = _MOST_COUNTERS if len(scopes) <= _MOST_COUNTERS else _MOST_COUNTERS - 1
    rows = tuple(_rows(sight, found, scopes[:most])) if scopes else missing()
    rest = len(scopes) - most
    if rest > 0:
        rows += (note(tell("tile.more_counters", count=rest)),)
    return Tile(
        name="counters",
        title=tell("tile.counters"),
        at=found.at,
        every_s=of_counters("").every_s,
        body=rows,
    )


def _rows(sight: Sight, found: Found, scopes: list[str]) -> Iterator[Node]:
    heads = (tell(f"counter.{kpi}") for kpi in _COLUMNS)
    yield node("div.counter.head", node("span", ""), *(node("span", head) for head in heads))
    for scope in scopes:
        yield node(
            "div.counter",
            node("span.name", scope.rpartition("/")[2]),
            *(node("span", _short(sight, kpi, found.reading(scope, kpi))) for kpi in _COLUMNS),
        )


def _short(sight: Sight, kpi: str, reading: Reading | None) -> str:
    """Return a figure for a narrow column, a dash where there is none."""
    if reading is None or reason(reading) is not None:
        return "–"
    return brief(sight.definition(kpi), reading)
