"""Why a member stands where it stands, in plain words of one language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contract.texts import Language, Texts, texts
from server.rankings.changes import Parts
from server.rankings.tables import Row

ROOM = "server.rankings"
_PERCENT = "\N{NO-BREAK SPACE}%"
_TENTHS = 1000
"""Tenths of a point in a whole share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """What is said of a member, one sentence an entry."""

    standing: tuple[str, ...]
    change: tuple[str, ...]


def explain(row: Row, *, kind_level: float, members: int, language: Language) -> Sentences:
    """Return why the row's member stands where it stands, and what moved it.

    Figures are written 1.234,5 in both languages, as on every screen.
    `kind_level` is the share of all of its kind, `members` how many of them are ranked. Parts are
    rounded so that they add up to the rounded difference as they are printed.
    """
    said = texts(ROOM, language)
    if row.withheld is not None:
        return Sentences(standing=(said["standing.few_officers"],), change=())
    if row.estimate is None:
        return Sentences(standing=(said.format("standing.too_few", n=row.n, least=30),), change=())
    standing = [
        said.format(
            "standing.value",
            value=_share(row.estimate.value),
            low=_share(row.estimate.low),
            high=_share(row.estimate.high),
            n=_count(row.n),
        )
    ]
    if row.suspect_n:
        standing.append(said.format("standing.suspect", n=_count(row.suspect_n)))
    if row.rank is None:
        standing.append(said.format("standing.unranked", least=100))
        return Sentences(standing=tuple(standing), change=())
    standing += _place(row, said, members)
    if row.parts is not None:
        standing += _parts("apart", row.parts, said, level=kind_level)
    standing.append(said["standing.flagged" if row.flagged else "standing.not_flagged"])
    change = [] if row.change is None else _parts("moved", row.change.parts, said)
    return Sentences(standing=tuple(standing), change=tuple(change))


def _place(row: Row, said: Texts, members: int) -> list[str]:
    assert row.rank is not None
    place = said.format(
        "standing.rank", rank=row.rank.median, low=row.rank.low, high=row.rank.high, members=members
    )
    if row.group_size and row.group_size > 1:
        return [place, said.format("standing.tied", others=row.group_size - 1)]
    return [place]


def _parts(table: str, parts: Parts, said: Texts, *, level: float | None = None) -> list[str]:
    named = {f"factor.{factor}": value for factor, value in parts.by_factor.items()}
    if table == "moved":
        named["factor.common"] = parts.common
    named["factor.own"] = parts.own
    rounded = round_parts(parts.total, named)
    total = sum(rounded.values())
    known = {} if level is None else {"level": _share(level)}
    first = said.format(f"{table}.total", points=_points(total), **known)
    listed = "; ".join(
        said.format("part", name=said[name], points=_points(tenths))
        for name, tenths in rounded.items()
    )
    return [first, said.format(f"{table}.parts", parts=listed)]


def round_parts(total: float, parts: Mapping[str, float]) -> dict[str, int]:
    """Return `parts` in tenths of a point whose sum is the rounded `total`.

    By largest remainders: each is its own value rounded up or down.
    """
    exact = {name: value * _TENTHS for name, value in parts.items()}
    down = {name: int(value // 1) for name, value in exact.items()}
    missing = round(total * _TENTHS) - sum(down.values())
    by_rest = sorted(exact, key=lambda name: exact[name] - down[name], reverse=True)
    return {name: down[name] + (by_rest.index(name) < missing) for name in exact}


def _share(value: float) -> str:
    return _decimal(100 * value) + _PERCENT


def _points(tenths: int) -> str:
    sign = "+" if tenths > 0 else "−" if tenths < 0 else ""
    return sign + _decimal(abs(tenths) / 10)


def _decimal(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _count(value: int) -> str:
    return f"{value:,}".replace(",", ".")
