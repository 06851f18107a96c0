"""Tables whose form a rule lays down: columns as data, counts from the totals of dossiers. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources

from server.errors import NotFound, RequestInvalid
from server.facts.dossiers import DossierTotals
from server.periods import Period
from server.reports.contents.wording import Wording
from server.reports.document import CellKind, Column, Row, Table
from server.schemes.explanations import said
from server.schemes.schemes import Bilingual

_BEFORE = "before."
_COUNTS = frozenset(field.name for field in fields(DossierTotals) if field.type == "int")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormColumn:
    """A column and the counts that it adds up: sign, whether of the period before, name."""

    id: str
    name: Bilingual
    summands: tuple[tuple[int, bool, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form: which tables it has (`rows`), and their columns; it is to be checked against the one
    in force.
    """

    id: str
    version: int
    name: Bilingual
    basis: Bilingual
    periods: frozenset[str]
    rows: tuple[str, ...]
    columns: tuple[FormColumn, ...]


Totals = tuple[DossierTotals, DossierTotals]
"""Of the period, and of the one before."""


@cache
def forms() -> Mapping[str, Form]:
    """Return every form that is shipped, by its id."""
    folder = resources.files("server.reports.templates")
    found = (
        read_form(file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda each: each.name)
        if file.name.endswith(".toml")
    )
    return {form.id: form for form in found}


def form_of(id_: str, period: Period) -> Form:
    """Return a form; raise NotFound, or RequestInvalid for a period that it is not of."""
    if id_ not in forms():
        raise NotFound(f"form {id_!r} is not known; choose one of {', '.join(forms())}")
    form = forms()[id_]
    if period.step not in form.periods:
        raise RequestInvalid(f"{id_} is of a {', '.join(sorted(form.periods))}, not {period}")
    return form


def read_form(text: str) -> Form:
    """Return the form that a TOML file describes; ValueError for a count that there is not."""
    table = tomllib.loads(text)
    return Form(
        id=table["id"],
        version=table["version"],
        name=Bilingual(**table["name"]),
        basis=Bilingual(**table["basis"]),
        periods=frozenset(table["periods"]),
        rows=tuple(table["rows"]),
        columns=tuple(
            FormColumn(
                id=each["id"],
                name=Bilingual(vi=each["vi"], en=each["en"]),
                summands=tuple(map(_summand, each["sum"])),
            )
            for each in table["columns"]
        ),
    )


def form_table(
    form: Form,
    of: str,
    rows: Sequence[tuple[str, str, Totals]],
    words: Wording,
) -> Table:
    """Return the form's table by `of` (unit or family): rows of key, name and totals, then all."""
    told = words.texts
    columns = [
        Column(id="number", title=told["column.number"], kind=CellKind.COUNT, width=4),
        Column(id=of, title=told[f"column.{of}"], kind=CellKind.TEXT, width=22),
    ]
    columns += [
        Column(id=each.id, title=said(each.name, words.language), kind=CellKind.COUNT, width=9)
        for each in form.columns
    ]
    counts = [_counts(form, totals) for _, _, totals in rows]
    body = [
        Row(key=key, cells=(number, name, *own))
        for number, ((key, name, _), own) in enumerate(zip(rows, counts, strict=True), 1)
    ]
    if body:
        sums = [sum(column) for column in zip(*counts, strict=True)]
        body.append(Row(key="", cells=(None, told["form.total"], *sums), strong=True))
    return Table(
        id=f"{form.id}.{of}",
        title=told.format(
            "form.table", name=said(form.name, words.language), by=told[f"form.{of}"]
        ),
        columns=tuple(columns),
        rows=tuple(body),
        notes=(told["note.counted"],),
        empty=told["note.no_rows"],
    )


def _counts(form: Form, totals: Totals) -> list[int]:
    now, before = totals
    return [
        sum(
            sign * int(getattr(before if past else now, name)) for sign, past, name in each.summands
        )
        for each in form.columns
    ]


def _summand(text: str) -> tuple[int, bool, str]:
    sign, name = (-1, text[1:]) if text.startswith("-") else (1, text)
    past = name.startswith(_BEFORE)
    name = name.removeprefix(_BEFORE)
    if name not in _COUNTS:
        raise ValueError(f"{text!r} is no count of dossiers")
    return sign, past, name
