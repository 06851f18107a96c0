"""The way from the province down to a unit, a counter or a procedure, and whose work it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, Unit
from dashboards.api.offices import Counter
from dashboards.api.rest import Answer, Post, Readings, RestClient
from dashboards.api.visiting import may, visitor
from dashboards.desk.labels import named
from dashboards.desk.member_names import member_names
from dashboards.desk.standing_ways import MEMBERS
from dashboards.look.texts import Bilingual, name_of, tell
from runtime.root_path import below_root

PROVINCE = "province"
_BY_PROCEDURE = frozenset({"dossiers", "open_dossiers", "processing_times", "complaints"})
"""The sources that know procedures; what happens at counters is known by family alone."""
_OF_PROCEDURES = "dossiers_on_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A figure on the way down: which KPI of which place, when, and into what it is told apart."""

    kpi: str
    scope: str
    period: str
    by: str = ""

    @property
    def address(self) -> str:
        """The address of the page that shows it."""
        asked = {"kpi": self.kpi, "scope": self.scope, "period": self.period}
        asked |= {"by": self.by} if self.by else {}
        return f"{below_root('/indicators')}?{urlencode(asked)}"

    @property
    def unit(self) -> str:
        """The unit of the place, nothing for the province."""
        return _unit_of(self.scope.partition(";")[0])

    def into(self, by: str, member: str) -> str:
        """Return the address of one of the parts into which this is told apart."""
        if by == "officer":
            asked = {"officer": member, "period": self.period, "kpi": self.kpi, "scope": self.scope}
            return f"{below_root('/officer')}?{urlencode(asked)}"
        deeper = {"unit": f"subtree:{member}", "counter": f"counter:{self.unit}/{member}"}
        scope = deeper.get(by, f"{self.scope};{by}:{member}")
        return Way(kpi=self.kpi, scope=scope, period=self.period).address


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the places and parts on the way are called."""

    units: Mapping[str, str]
    counters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    members: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Of procedures, families and officers, by their codes."""

    def of(self, scope: str) -> str:
        """Return what the last part of a scope is called."""
        place, _, part = scope.rpartition(";")
        if place:
            code = part.partition(":")[2]
            return self.members.get(code, code)
        if scope == PROVINCE:
            return tell("place.province")
        counter = scope.partition("/")[2]
        unit = _unit_of(scope)
        return self.counters.get(counter, counter) if counter else self.units.get(unit, unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """The parts of a place: into what it is told apart; the answer lacks where nothing tells it."""

    by: str
    answer: Answer[Readings]


def parts_of(way: Way, units: Sequence[Unit]) -> list[str]:
    """Return into what a place can be told apart, what is asked for first."""
    place, *parts = way.scope.split(";")
    if any(part.startswith("officer:") for part in parts):
        return []
    if parts:
        found = ["officer"]
    elif place == PROVINCE:
        found = ["unit", "procedure", "family"]
    elif place.startswith("counter:"):
        found = ["family", "officer"]
    else:
        below = any(unit.parent == way.unit for unit in units)
        found = [*(["unit"] if below else []), "counter", "procedure", "family", "officer"]
    return sorted(found, key=lambda each: each != way.by)


async def read_within(api: RestClient, way: Way, units: Sequence[Unit]) -> Within:
    """Return the place told apart as it is asked for, else as the KPI is known first."""
    known = parts_of(way, units)
    asked = known[:1] if way.by in known else known
    for by in asked:
        if by == "officer" and not may("read_officers"):
            continue
        scope = _where_named(way.scope) if by == "officer" else way.scope
        answer = await api.readings(kpis=(way.kpi,), scope=scope, period=way.period, by=(by,))
        if answer.value is not None:
            return Within(by=by, answer=answer)
    return Within(by=asked[0] if asked else "", answer=Answer(value=None))


async def read_names(api: RestClient, way: Way, by: str, units: Sequence[Unit]) -> Names:
    """Return what stands on the way, and what the parts below it are called."""
    spoken_of = {by, *(part.partition(":")[0] for part in way.scope.split(";")[1:])}
    counters: Mapping[str, str] = {}
    members: dict[str, str] = {}
    if "/" in way.scope or by == "counter":
        found = (await api.read("/counters", tuple[Counter, ...])).value or ()
        counters = {
            each.id: Bilingual(vi=each.name_vi, en=each.name_en).text or each.id
            for each in found
            if each.unit == way.unit
        }
    for told in await asyncio.gather(*(member_names(api, part) for part in spoken_of)):
        members |= told
    if "officer" in spoken_of and may("read_staff"):
        staff = (await api.staff()).value or ()
        members |= {post.code: _officer(post) for post in staff}
    return Names(
        units={unit.id: name_of(unit).text for unit in units}, counters=counters, members=members
    )


def member_of(scope: str) -> str:
    """Return the id or code of the last part of a scope: of a counter, that within its unit."""
    return scope.rpartition(";")[2].partition(":")[2].rpartition("/")[2]


def crumbs(way: Way, names: Names, last: str = "") -> Component:
    """Return the way back, from the rankings down to the place itself, or to `last` below it."""
    steps: list[tuple[str, str]] = []
    if way.kpi in MEMBERS:
        asked = urlencode({"kpi": way.kpi, "period": way.period})
        steps.append((tell("page.rankings"), f"{below_root('/rankings')}?{asked}"))
    steps += [
        (names.of(scope), Way(kpi=way.kpi, scope=scope, period=way.period).address)
        for scope in _above(way.scope)
        if _is_open(scope)
    ]
    here = last or names.of(way.scope)
    current: dict[str, Any] = {"aria-current": "page"}
    before = steps if last else steps[:-1]
    return html.Div(
        html.Ol(
            [
                *(html.Li(html.A(said, href=address)) for said, address in before),
                html.Li(html.Span(here, **current)),
            ]
        ),
        className="crumbs",
        role="navigation",
        **named(tell("drill.crumbs")),
    )


def other_parts(way: Way, by: str, kpi: KpiDefinition, units: Sequence[Unit]) -> list[Component]:
    """Return the links that tell the place apart by something else."""
    links = []
    for each in sorted(parts_of(way, units)):
        if each == "officer" and not may("read_officers"):
            continue
        known = each != "procedure" or kpi.source in _BY_PROCEDURE
        of = Way(
            kpi=way.kpi if known else _OF_PROCEDURES, scope=way.scope, period=way.period, by=each
        )
        here: dict[str, Any] = {"aria-current": "true"} if each == by else {}
        links.append(html.A(tell(f"drill.by.{each}"), href=of.address, **here))
    if way.scope.startswith("counter:"):
        of = Way(kpi=_OF_PROCEDURES, scope=f"subtree:{way.unit}", period=way.period, by="procedure")
        links.append(html.A(tell("drill.procedures_of_unit"), href=of.address))
    if not links:
        return []
    return [html.P([html.Span(tell("drill.apart")), *links], className="apart")]


def _officer(post: Post) -> str:
    return f"{post.name} · {post.code}" if post.name not in ("", post.code) else post.code


def _where_named(scope: str) -> str:
    """Return the place in which the visitor may see officers: heads those of their unit alone."""
    place, *parts = scope.split(";")
    found = visitor()
    own = f"unit:{_unit_of(place)}"
    alone = found is not None and own in found.rights.get("read_officers", ())
    return ";".join([own, *parts]) if alone and place.startswith("subtree:") else scope


def _above(scope: str) -> list[str]:
    """Return the province, the unit, and whatever else a scope lies in, itself the last."""
    place, *parts = scope.split(";")
    unit = _unit_of(place)
    found = [PROVINCE, *([f"subtree:{unit}"] if unit else []), place]
    for part in parts:
        found.append(f"{found[-1]};{part}")
    return list(dict.fromkeys(found))


def _is_open(scope: str) -> bool:
    """Return whether a step may be opened: the province by who may read all of it alone."""
    found = visitor()
    return scope != PROVINCE or found is None or PROVINCE in found.rights.get("read_figures", ())


def _unit_of(place: str) -> str:
    return place.partition(":")[2].partition("/")[0]
