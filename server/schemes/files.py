"""From the text of a scheme's file to the scheme, checked against itself and the KPIs. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from contract.readings import KpiFamily
from server.errors import SchemeInvalid
from server.periods import Step
from server.schemes.schemes import (
    Band,
    Bilingual,
    Combine,
    Component,
    Count,
    CountOf,
    Deadlines,
    EnteredPoints,
    Group,
    Level,
    Quantity,
    Rounding,
    RoundingMode,
    Scheme,
    Share,
    Stair,
    Steps,
    Term,
)
from server.schemes.tables import Table

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_COUNT = re.compile(
    r"(?P<sign>-?)(?P<kpi>[a-z0-9_]+)\.(?P<of>n|hits|value|parts\.(?P<part>[a-z0-9_]+))(?P<optional>\??)"
)
_EARNED = ("full", "zero", "withheld")


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiTraits:
    """What a scheme has to know of a KPI: its family, whether it is a share, told by officer."""

    family: KpiFamily
    is_share: bool = True
    by_officer: bool = True


Kpis = Mapping[str, KpiTraits]
"""The KPIs that a scheme may name."""


def parse_scheme(text: str, file: str, kpis: Kpis) -> Scheme:
    """Return the scheme that a file's text describes.

    Raises SchemeInvalid, in one line that names the file and the field.
    """
    try:
        values = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise SchemeInvalid(f"{file}: is no TOML: {error}") from error
    return _scheme(Table(file, values), kpis)


def in_order(schemes: Sequence[tuple[str, Scheme]]) -> tuple[Scheme, ...]:
    """Return the schemes by id and validity; pairs are of file and scheme.

    Raises SchemeInvalid where versions of one scheme overlap or leave days between them.
    """
    ordered = sorted(schemes, key=lambda each: (each[1].id, each[1].valid_from))
    for (former_file, former), (file, scheme) in pairwise(ordered):
        if former.id != scheme.id:
            continue
        if former.version == scheme.version:
            raise SchemeInvalid(f"{file}: version: {scheme.version} is also that of {former_file}")
        if former.valid_to is None or former.valid_to > scheme.valid_from:
            raise SchemeInvalid(
                f"{file}: valid_from: {scheme.valid_from} lies within version {former.version} of "
                f"{former_file}, which holds until {former.valid_to or 'further notice'}"
            )
        if former.valid_to < scheme.valid_from:
            raise SchemeInvalid(
                f"{file}: valid_from: no version holds from {former.valid_to} to "
                f"{scheme.valid_from}; {former_file} ends too early or this one begins too late"
            )
    return tuple(scheme for _, scheme in ordered)


def _scheme(table: Table, kpis: Kpis) -> Scheme:
    valid_from = table.day("valid_from")
    valid_to = table.day("valid_to") if table.has("valid_to") else None
    if valid_to is not None and valid_to <= valid_from:
        table.refuse("valid_to", f"{valid_to} is not after valid_from {valid_from}")
    unfilled = table.flag("to_be_filled_in")
    rounding = _rounding(table.table("rounding"))
    maximum = table.number("maximum", positive=True)
    scheme = Scheme(
        id=_id(table),
        version=table.whole("version", least=1),
        level=table.choice("level", Level),
        name=table.bilingual("name"),
        basis=table.bilingual("basis"),
        note=table.bilingual("note") if table.has("note") else None,
        valid_from=valid_from,
        valid_to=valid_to,
        periods=_periods(table),
        maximum=maximum,
        rounding=rounding,
        groups=() if unfilled else _groups(table, rounding, maximum, kpis),
        bands=_bands(table, maximum) if table.has("bands") else (),
        deadlines=_deadlines(table.table("deadlines")),
        to_be_filled_in=unfilled,
    )
    table.done()
    _require_unique(table, scheme)
    for kpi in scheme.kpis():
        if scheme.level is Level.OFFICER and not kpis[kpi].by_officer:
            table.refuse("level", f"KPI {kpi!r} is not told by officer")
    return scheme


def _id(table: Table) -> str:
    written = table.text("id")
    if _ID.fullmatch(written) is None:
        table.refuse("id", f"may hold small letters, digits, - and _ alone, not {written!r}")
    return written


def _periods(table: Table) -> frozenset[Step]:
    written = table.texts("periods")
    for each in written:
        if each not in set(Step):
            table.refuse("periods", f"has to be one of {', '.join(Step)}, not {each!r}")
    if not written:
        table.refuse("periods", "has to name one kind of period at least")
    return frozenset(map(Step, written))


def _rounding(table: Table) -> Rounding:
    found = Rounding(places=table.whole("places", least=0), mode=table.choice("mode", RoundingMode))
    table.done()
    return found


def _deadlines(table: Table) -> Deadlines:
    names = ("self_score", "appraisal", "answer", "final")
    found = Deadlines(**{name: table.whole(name, least=1) for name in names})
    table.done()
    return found


def _groups(table: Table, rounding: Rounding, maximum: Decimal, kpis: Kpis) -> tuple[Group, ...]:
    found = []
    for each in table.tables("groups"):
        group = Group(
            id=_id(each),
            name=each.bilingual("name"),
            maximum=each.number("maximum", positive=True),
            components=tuple(_component(one, rounding, kpis) for one in each.tables("components")),
        )
        each.done()
        _require_sum(each, group.maximum, (one.maximum for one in group.components), "components")
        found.append(group)
    _require_sum(table, maximum, (group.maximum for group in found), "groups")
    return tuple(found)


def _require_sum(table: Table, maximum: Decimal, parts: Iterable[Decimal], of: str) -> None:
    total = sum(parts, Decimal(0))
    if total != maximum:
        table.refuse("maximum", f"is {maximum}, but its {of} add up to {total}")


def _component(table: Table, rounding: Rounding, kpis: Kpis) -> Component:
    id_, name = _id(table), table.bilingual("name")
    maximum = table.number("maximum", positive=True)
    combine = table.choice("combine", Combine, Combine.SUM)
    capped = table.flag("capped")
    component = Component(
        id=id_,
        name=name,
        maximum=maximum,
        combine=combine,
        rounding=_rounding(table.table("rounding")) if table.has("rounding") else rounding,
        note=table.bilingual("note") if table.has("note") else None,
        terms=_terms(table, id_, name, maximum, kpis),
    )
    table.done()
    most = sum((term.most for term in component.terms), Decimal(0))
    if combine is Combine.SUM and (most < maximum or (most > maximum and not capped)):
        table.refuse("terms", f"earn {most} together, but the maximum is {maximum}")
    if combine is not Combine.SUM and any(term.most != maximum for term in component.terms):
        table.refuse("terms", f"of a mean must each earn up to the maximum, {maximum}")
    return component


def _terms(
    table: Table, component: str, name: Bilingual, maximum: Decimal, kpis: Kpis
) -> tuple[Term, ...]:
    """Return the component's terms: a list of them, or the one that its own keys describe."""
    if not table.has("terms"):
        return (_term(table, component, name, maximum, kpis),)
    empty, missing = (
        table.either(key) if table.has(key) else "withheld" for key in ("empty", "missing")
    )
    found = []
    for each in table.tables("terms"):
        id_ = f"{component}.{_id(each)}"
        own = each.bilingual("name")
        most = each.number("points", positive=True)
        found.append(_term(each, id_, own, most, kpis, empty=empty, missing=missing))
        each.done()
    return tuple(found)


def _term(
    table: Table,
    id_: str,
    name: Bilingual,
    points: Decimal,
    kpis: Kpis,
    *,
    empty: str | Decimal = "withheld",
    missing: str | Decimal = "withheld",
) -> Term:
    quantity = _quantity(table, kpis)
    beside = table.texts("beside")
    for kpi in beside:
        _require_official(table, "beside", kpi, kpis)
    rule: Share | Steps | EnteredPoints
    if quantity is None:
        allowed = table.numbers("allowed") if table.has("allowed") else None
        if allowed is not None and max(allowed) != points:
            table.refuse("allowed", f"the most is {max(allowed)}, but {points} can be earned")
        rule = EnteredPoints(allowed=allowed)
    elif table.has("steps"):
        rule = _steps(table, quantity, points)
    else:
        weight = table.number("weight", positive=True) if table.has("weight") else points
        full_from = table.number("full_from", positive=True) if table.has("full_from") else 1
        rule = Share(quantity=quantity, weight=weight, full_from=Decimal(full_from))
        if not quantity.denominator and quantity.computed:
            table.refuse("denominator", "is missing: a share needs one")
    return Term(
        id=id_,
        name=name,
        rule=rule,
        most=points,
        empty=_earned(table, "empty", points, empty),
        missing=_earned(table, "missing", points, missing),
        beside=beside,
    )


def _earned(table: Table, key: str, most: Decimal, otherwise: str | Decimal) -> Decimal | None:
    written = table.either(key) if table.has(key) else otherwise
    if isinstance(written, Decimal):
        if written > most:
            table.refuse(key, f"{written} is more than the {most} that can be earned")
        return written
    if written not in _EARNED:
        table.refuse(key, f"has to be a number of points or {', '.join(_EARNED)}, not {written!r}")
    return {"full": most, "zero": Decimal(0), "withheld": None}[written]


def _steps(table: Table, quantity: Quantity, points: Decimal) -> Steps:
    lower = table.flag("lower_is_better")
    stairs = []
    for each in table.tables("steps"):
        bound = each.number("up_to" if lower else "from")
        stairs.append(Stair(bound=bound, points=each.number("points")))
        each.done()
    for better, worse in pairwise(stairs):
        if better.bound == worse.bound or (better.bound > worse.bound) is lower:
            table.refuse("steps", f"{worse.bound} stands out of order: the best step comes first")
        if better.points <= worse.points:
            table.refuse("steps", f"{worse.points} points come after {better.points}: fewer must")
    if stairs[0].points != points:
        table.refuse("steps", f"the best earns {stairs[0].points}, but {points} can be earned")
    return Steps(quantity=quantity, stairs=tuple(stairs), lower_is_better=lower)


def _quantity(table: Table, kpis: Kpis) -> Quantity | None:
    """Return what a term measures, None where points themselves are entered."""
    numerator = tuple(_count(table, "numerator", each, kpis) for each in table.texts("numerator"))
    denominator = tuple(
        _count(table, "denominator", each, kpis) for each in table.texts("denominator")
    )
    entered = table.text("entered") if table.has("entered") else ""
    if entered not in {"", "points", "counts"}:
        table.refuse("entered", f"has to be points or counts, not {entered!r}")
    if entered == "points":
        if numerator or denominator:
            table.refuse("entered", "points cannot be entered beside a formula; enter counts")
        return None
    if not numerator and not entered:
        table.refuse("numerator", "is missing: name counts of KPIs, or entered = points or counts")
    return Quantity(numerator=numerator, denominator=denominator, enterable=bool(entered))


def _count(table: Table, key: str, written: str, kpis: Kpis) -> Count:
    found = _COUNT.fullmatch(written)
    if found is None:
        table.refuse(key, f"has to be KPI.n, .hits, .value or .parts.NAME, not {written!r}")
    _require_official(table, key, found["kpi"], kpis)
    if found["of"] == CountOf.HITS and not kpis[found["kpi"]].is_share:
        table.refuse(key, f"KPI {found['kpi']!r} is no share: it has .n, .value and .parts")
    return Count(
        kpi=found["kpi"],
        of=CountOf(found["of"].partition(".")[0]),
        part=found["part"] or "",
        negative=bool(found["sign"]),
        optional=bool(found["optional"]),
    )


def _require_official(table: Table, key: str, kpi: str, kpis: Kpis) -> None:
    if kpi not in kpis:
        table.refuse(key, f"KPI {kpi!r} is not in the catalogue")
    if kpis[kpi].family is KpiFamily.EXPERIENCE:
        table.refuse(key, f"KPI {kpi!r} is one of experience: no legal class rests on it")


def _bands(table: Table, maximum: Decimal) -> tuple[Band, ...]:
    bands = []
    for each in table.tables("bands"):
        bands.append(
            Band(
                id=_id(each),
                name=each.bilingual("name"),
                first=each.number("from"),
                below=each.number("below") if each.has("below") else None,
            )
        )
        each.done()
    bands.sort(key=lambda band: -band.first)
    if bands[0].below is not None or bands[0].first > maximum:
        table.refuse("bands", f"the best, {bands[0].id}, has to hold the maximum, without `below`")
    if bands[-1].first != 0:
        table.refuse("bands", f"0 to {bands[-1].first} belongs to no class")
    for better, worse in pairwise(bands):
        _require_next(table, better, worse)
    return tuple(bands)


def _require_next(table: Table, better: Band, worse: Band) -> None:
    if worse.below is None or worse.below > better.first:
        table.refuse("bands", f"{worse.id} overlaps {better.id}, which begins at {better.first}")
    if worse.below < better.first:
        table.refuse("bands", f"{worse.below} to {better.first} belongs to no class")
    if worse.first >= worse.below:
        table.refuse("bands", f"{worse.id} ends where it begins, or before")


def _require_unique(table: Table, scheme: Scheme) -> None:
    _require_once(table, "groups", (group.id for group in scheme.groups))
    _require_once(table, "components", (each.id for each in scheme.components()))
    _require_once(table, "terms", (term.id for term in scheme.terms()))
    _require_once(table, "bands", (band.id for band in scheme.bands))


def _require_once(table: Table, of: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            table.refuse(of, f"two of them have the id {each!r}")
        seen.add(each)
