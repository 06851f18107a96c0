"""Fields of a form in which points are entered, and what was entered as the API takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboards.api.classes import Scheme
from dashboards.api.judgements import Scored
from dashboards.desk.acts import Field, Given
from dashboards.desk.judging import terms_of
from dashboards.look.formats import number
from dashboards.look.texts import tell

_POINTS, _EVIDENCE = "points:", "evidence:"


def point_fields(scheme: Scheme, known: Sequence[Scored] = ()) -> Iterator[Field]:
    """Yield two fields for whatever may be entered by the scheme: points, and what they rest on."""
    held = {each.term: each for each in known}
    for criterion in scheme.criteria:
        for term, name in terms_of(criterion):
            entered = held.get(term)
            most = number(float(criterion.maximum), 2).rstrip("0").rstrip(",")
            yield Field(
                name=f"{_POINTS}{term}",
                label=tell("appraisal.points", name=name, maximum=most),
                value="" if entered is None else written(entered),
                note=tell("appraisal.points_note"),
                most=40,
            )
            yield Field(
                name=f"{_EVIDENCE}{term}",
                label=tell("appraisal.evidence", name=name),
                value="" if entered is None else entered.evidence,
                most=2000,
            )


def written(entered: Scored) -> str:
    """Return points as they are entered, `8,5`, or counts, `45/50`; empty where withdrawn."""
    if entered.points is not None:
        return f"{entered.points.normalize():f}".replace(".", ",")
    if entered.numerator is None or entered.denominator is None:
        return ""
    return f"{entered.numerator.normalize():f}/{entered.denominator.normalize():f}"


def entries(given: Given) -> list[Mapping[str, Any]]:
    """Return what was entered, as the API takes it; what was left empty is left out."""
    found: list[Mapping[str, Any]] = []
    for name, value in given.items():
        said = str(value or "").strip().replace(",", ".")
        if not name.startswith(_POINTS) or not said:
            continue
        term = name.removeprefix(_POINTS)
        entry: dict[str, Any] = {
            "term": term,
            "evidence": str(given.get(f"{_EVIDENCE}{term}") or ""),
        }
        above, slash, below = said.partition("/")
        entry |= {"numerator": above, "denominator": below} if slash else {"points": said}
        found.append(entry)
    return found
