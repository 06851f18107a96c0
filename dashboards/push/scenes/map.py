"""All units at once: a tile each, coloured by a KPI that changes each turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import ceil

from contract.readings import KpiDefinition, Measure, Reading, Timing
from dashboards.api.views import missing as no_reading
from dashboards.look import formats
from dashboards.look.texts import name_of, tell
from dashboards.push.choice import map_kpis
from dashboards.push.grid import Spot, arrange, columns_for
from dashboards.push.levels import BEST, WORST, End, Level, compare, ends
from dashboards.push.nodes import Node, node, part
from dashboards.push.questions import CATALOGUE, UNITS, Question, by_unit
from dashboards.push.scenes.shortening import short_name
from dashboards.push.sight import Sight
from dashboards.push.tiles import LIVE_EVERY_S, Tile, brief, figure

_NAMED_UP_TO = 40
"""More tiles than these have no room for a name in the smallest type."""
_CALLED_OUT = 3
_LETTER_PX, _ROOM_PX = 17.0, 1380.0
"""Of a digit in the smallest type, and of the whole map, on a screen of 1920 x 1080."""


def asks(sight: Sight) -> tuple[Question, ...]:
    """Return where units are, and the readings of the KPIs that the stream does not have."""
    polled = (each for each in map_kpis(sight.choice, sight.catalogue) if not each.live)
    return (CATALOGUE, UNITS, *(_question(each) for each in polled))


def draw(sight: Sight) -> tuple[Tile, ...]:
    """Return the map and, beside it, what its colours mean and who stands at the ends."""
    chosen = map_kpis(sight.choice, sight.catalogue)
    if not chosen:
        title = tell("tile.map")
        return (
            Tile(name="map", title=title, at=None, every_s=LIVE_EVERY_S, body=figure(None, None)),
        )
    definition = chosen[sight.turn % len(chosen)]
    readings, whole, at, every_s = _readings(sight, definition)
    levels = compare(definition, readings, whole)
    best, worst = ends(levels, _CALLED_OUT, lambda each: _one(definition, each))
    marks = {each.scope: f".is-best{n}" for n, each in enumerate(best.named)}
    marks |= {each.scope: f".is-worst{n}" for n, each in enumerate(worst.named)}
    by_scope = {each.scope: each for each in levels}
    order = _order(sight)
    named = len(order) <= _NAMED_UP_TO
    columns = columns_for(len(order))
    return (
        Tile(
            name="map",
            title=_title(definition),
            at=at,
            every_s=every_s,
            body=(),
            frame=(_cells(order, columns, named=named),),
            parts={
                f"u{at}": (_cell(sight, definition, by_scope[scope], columns, named, marks),)
                for at, scope in enumerate(order)
            },
        ),
        Tile(
            name="whole",
            title=name_of(sight.head).text,
            at=at,
            every_s=every_s,
            body=figure(definition, whole),
        ),
        _called("best", definition, best, sight, at, every_s),
        _called("worst", definition, worst, sight, at, every_s),
        Tile(
            name="legend",
            title=tell("map.legend"),
            at=None,
            every_s=every_s,
            frame=_legend(),
        ),
    )


def _question(definition: KpiDefinition) -> Question:
    return by_unit(definition.id, now=definition.timing is Timing.NOW)


def _title(definition: KpiDefinition) -> str:
    """Return the KPI, the unit of the figures in the tiles, and of when they are."""
    units = {
        Measure.SHARE: "%",
        Measure.MIX: "%",
        Measure.SECONDS: tell("measured_in.minutes"),
        Measure.DAYS: tell("measured_in.working_days"),
    }
    unit = units.get(definition.measure, "")
    named = name_of(definition).text + (f" ({unit})" if unit else "")
    return f"{named} · {_period(definition)}"


def _period(definition: KpiDefinition) -> str:
    if definition.timing is Timing.NOW:
        return tell("map.now")
    return tell("map.today" if definition.live else "map.this_month")


def _readings(
    sight: Sight, definition: KpiDefinition
) -> tuple[tuple[Reading, ...], Reading | None, datetime | None, float]:
    """Return each unit's reading, the whole's, from when they are, and how often they come."""
    scopes = [place.scope for place in sight.units]
    if definition.live:
        live = tuple(sight.live(definition.id, scope) for scope in scopes)
        return live, sight.live(definition.id), sight.heard_at(), LIVE_EVERY_S
    question = _question(definition)
    found = sight.found(question)
    polled = tuple(
        found.reading(scope, definition.id) or no_reading(scope, definition.id) for scope in scopes
    )
    return polled, _middle(definition, polled), found.at, question.every_s


def _middle(definition: KpiDefinition, readings: Sequence[Reading]) -> Reading | None:
    """Return a share's mean over all units, weighted by n: it is the share of the whole.

    Of other measures the whole is not what its parts are in the mean, and nothing is returned.
    """
    told = [each for each in readings if each.value is not None and each.withheld is None]
    n = sum(each.n for each in told)
    if definition.measure is not Measure.SHARE or n == 0:
        return None
    mean = sum((each.value or 0.0) * each.n for each in told) / n
    return replace(told[0], scope="", n=n, value=mean, low=None, high=None, parts=None)


def _order(sight: Sight) -> tuple[str, ...]:
    spots = {
        f"subtree:{unit.id}": Spot(latitude=unit.latitude, longitude=unit.longitude)
        for unit in sight.found(UNITS).value or ()
        if unit.latitude is not None and unit.longitude is not None
    }
    return arrange([place.scope for place in sight.units], spots)


def _cells(order: Sequence[str], columns: int, *, named: bool) -> Node:
    rows = ceil(len(order) / columns) if order else 1
    size = "named" if named else "plain"
    return node(
        f"div.cells.{size}",
        tuple(part(f"u{at}") for at in range(len(order))),
        style=f"--columns:{columns};--rows:{rows}",
    )


def _cell(
    sight: Sight,
    definition: KpiDefinition,
    level: Level,
    columns: int,
    named: bool,
    marks: dict[str, str],
) -> Node:
    state = "unknown" if level.level is None else f"l{level.level}"
    doubt = ".doubt" if level.uncertain or level.level is None else ""
    written = "–" if level.value is None else compact(definition.measure, level.value)
    if not named and len(written) * _LETTER_PX > _ROOM_PX / columns - 8:
        written = ""
    return node(
        f"div.cell.{state}{doubt}{marks.get(level.scope, '')}",
        node("span.name", short_name(sight.name(level.scope))) if named else None,
        node("b", written),
    )


def compact(measure: Measure, value: float) -> str:
    """Return a value in the fewest letters: per cent, minutes or the count, rounded."""
    match measure:
        case Measure.SHARE | Measure.MIX:
            return formats.number(100 * value)
        case Measure.SECONDS | Measure.AGE:
            return formats.number(value / 60)
        case Measure.DAYS | Measure.INDEX:
            return formats.number(value, 1)
        case _:
            return formats.number(value)


def _called(
    name: str,
    definition: KpiDefinition,
    called: End,
    sight: Sight,
    at: datetime | None,
    every_s: float,
) -> Tile:
    """Return those at one end by name, and how many are equal there.

    Nobody is named where none can be told apart from the whole.
    """
    rows: list[Node] = [
        node(
            "div.called",
            node(f"i.mark.is-{name}{n}", str(n + 1)),
            node("span.name", short_name(sight.name(each.scope))),
            node("b", _one(definition, each)),
        )
        for n, each in enumerate(called.named)
    ]
    if called.example is not None:
        said = tell("map.equal", count=called.equal, value=_one(definition, called.example))
        rows.append(node("p.note", said))
    body = tuple(rows) if rows else (node("p.note", tell("map.nobody")),)
    return Tile(name=name, title=tell(f"map.{name}"), at=at, every_s=every_s, body=body)


def _one(definition: KpiDefinition, level: Level) -> str:
    reading = replace(no_reading(level.scope, definition.id), value=level.value, withheld=None)
    return brief(definition, reading)


def _legend() -> tuple[Node, ...]:
    told = {BEST: "map.level_best", WORST: "map.level_worst"}
    scale = node(
        "div.scale",
        *(node(f"i.cell.l{level}", node("b", "")) for level in range(BEST, WORST + 1)),
    )
    words = node("div.scale-words", *(node("span", tell(key)) for key in told.values()))
    return (
        scale,
        words,
        node(
            "div.key", node("i.cell.l3.doubt", node("b", "")), node("span", tell("map.uncertain"))
        ),
        node(
            "div.key",
            node("i.cell.unknown.doubt", node("b", "")),
            node("span", tell("map.unknown")),
        ),
    )
