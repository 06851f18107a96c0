"""What a version of a closed period holds, as the values that it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from contract.readings import Reading
from server.closing.closings import Closing
from server.closing.parts import Part, PartKind
from server.closing.store import read_document, read_parts
from server.errors import Conflict
from server.facts.dossiers import DossierTotals
from server.rankings.answers import Lines
from server.rankings.funnel import Dispersion, Funnel, Limits
from server.rankings.tables import Row, Table
from server.schemes.scores import Score

Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """The figures of a version's document, and those of its parts that were asked for and may be
    seen. `has_parts` is False for documents of format 1, which had none.
    """

    closing: Closing
    figures: Said
    parts: tuple[Part, ...]
    format: int

    @property
    def has_parts(self) -> bool:
        """Whether the version was closed with parts."""
        return "parts" in self.figures

    def said(self, kind: PartKind, name: str) -> Iterator[tuple[Part, dict[str, Any]]]:
        """Yield what the parts of a kind say under a name, each with its part."""
        for part in self.parts:
            if part.kind is kind:
                yield from ((part, each) for each in part.read().get(name, ()))


async def read_holdings(
    connection: AsyncConnection,
    closing: Closing,
    *,
    kinds: Iterable[PartKind] = (),
    units: Iterable[str] | None = None,
    officer: str | None = None,
) -> Holdings:
    """Return what a version holds, with parts of these kinds; raise Conflict for a damaged one."""
    try:
        said = (await read_document(connection, closing.number)).read()
        figures = said["figures"]
        parts = await read_parts(
            connection, closing.number, kinds=kinds, units=units, officer=officer
        )
        _require_listed(parts, figures)
    except ValueError as error:
        raise Conflict(
            f"the document of {closing.period} is damaged: see `motcua audit verify`"
        ) from error
    return Holdings(closing=closing, figures=figures, parts=tuple(parts), format=said["format"])


def _require_listed(parts: Iterable[Part], figures: Said) -> None:
    """Raise ValueError for a part whose digest the document does not hold."""
    listed = {(each["unit"], each["kind"], each["sha256"]) for each in figures.get("parts", ())}
    for part in parts:
        if (part.unit, str(part.kind), part.digest.hex()) not in listed:
            raise ValueError(f"part {part.kind} of {part.unit} is not the one that was closed")


def reading_of(said: Said) -> Reading:
    """Return a reading as it was closed."""
    return msgspec.convert(said, Reading)


def score_of(said: Said, officer: str | None = None) -> Score:
    """Return a score as it was closed."""
    whole: dict[str, Any] = {"total": None, "band": None, **said, "officer": officer}
    whole["groups"] = [
        {
            "points": None,
            **group,
            "components": [
                {
                    "points": None,
                    **component,
                    "terms": [{"exact": None, **term} for term in component["terms"]],
                }
                for component in group["components"]
            ],
        }
        for group in said["groups"]
    ]
    return msgspec.convert(whole, Score, dec_hook=_exact)


def totals_of(said: Said) -> DossierTotals:
    """Return counts of dossiers as they were closed."""
    return DossierTotals(**said, known=True)


def table_of(said: Said) -> Table:
    """Return one kind's ranking as a table; of the funnel the widened limits alone are drawn."""
    funnel = None
    if "funnel" in said:
        told = said["funnel"]
        added = _limits(msgspec.convert(told["added"], Lines))
        funnel = Funnel(
            dispersion=Dispersion(
                factor=told["dispersion_factor"], between=told["between_variance"], kept=0
            ),
            exact=added,
            multiplied=added,
            added=added,
        )
    return Table(
        rows=msgspec.convert(said["rows"], tuple[Row, ...]),
        level=said.get("level"),
        between_sd=said.get("between_sd"),
        funnel=funnel,
        name_vi=said.get("name_vi"),
        name_en=said.get("name_en"),
    )


def _limits(lines: Lines) -> Limits:
    return Limits(
        expected=np.array(lines.expected),
        low_95=np.array(lines.low_95),
        high_95=np.array(lines.high_95),
        low_998=np.array(lines.low_998),
        high_998=np.array(lines.high_998),
    )


def _exact(kind: type, value: object) -> object:
    if kind is Fraction:
        return Fraction(str(value))
    raise NotImplementedError(str(kind))
