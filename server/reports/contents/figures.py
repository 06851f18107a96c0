"""Tables of readings: all figures of one place, and chosen figures of many units. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from contract.readings import KpiFamily, Measure, Reading
from server.kpi.catalogue import BY_ID, CATALOGUE
from server.reports.contents.wording import (
    FAMILIES,
    Wording,
    interval_of,
    kind_of,
    told_in_reports,
    value_of,
)
from server.reports.document import Cell, CellKind, Column, Figure, Row, Table

Read = Mapping[str, Reading]
"""Readings of one place and period by their KPI."""

MAIN = (
    "share_satisfied", "ratings", "response_rate", "waited_within_15", "dossiers_received",
    "dossiers_done", "dossiers_on_time", "dossiers_overdue",
)  # fmt: skip
"""What the table of units shows: what fits a page and is official, waiting apart."""


def figure_tables(now: Read, before: Read, year_before: Read, words: Wording) -> tuple[Table, ...]:
    """Return a table of each family's figures; official and experience never in one."""
    tables = []
    for family in FAMILIES:
        kpis = [
            kpi.id
            for kpi in CATALOGUE
            if kpi.family is family and kpi.id in now and told_in_reports(kpi.id)
        ]
        if kpis:
            tables.append(_table(family, kpis, (now, before, year_before), words))
    return tuple(tables)


def _table(
    family: KpiFamily, kpis: Iterable[str], periods: tuple[Read, Read, Read], words: Wording
) -> Table:
    said = words.texts
    now, before, year_before = periods
    # The index of experience alone has an interval of 90 %.
    bounds = "interval_90" if family is KpiFamily.EXPERIENCE else "interval"
    columns = (
        Column(id="kpi", title=said["column.kpi"], kind=CellKind.TEXT, width=30),
        Column(
            id="value", title=said["column.value"], kind=CellKind.MIXED, width=12,
            n_in="n", interval_in="interval",
        ),
        Column(id="interval", title=said[f"column.{bounds}"], kind=CellKind.INTERVAL, width=14),
        Column(id="n", title=said["column.n"], kind=CellKind.COUNT, width=8),
        Column(id="before", title=said["column.before"], kind=CellKind.MIXED, width=12),
        Column(id="year_before", title=said["column.year_before"], kind=CellKind.MIXED, width=12),
    )  # fmt: skip
    return Table(
        id=f"figures.{family}",
        title=said[f"section.{family}"],
        columns=columns,
        rows=tuple(
            Row(
                key=kpi,
                cells=(
                    _named(kpi, words),
                    value_of(now.get(kpi), words),
                    interval_of(now.get(kpi)),
                    now[kpi].n or None,
                    value_of(before.get(kpi), words),
                    value_of(year_before.get(kpi), words),
                ),
            )
            for kpi in kpis
        ),
        notes=(said[f"note.{bounds}"], *_partial(kpis, now, words)),
        empty=said["note.no_rows"],
    )


def _partial(kpis: Iterable[str], now: Read, words: Wording) -> Iterator[str]:
    """Yield which figures are not of the whole period."""
    for kpi in kpis:
        since = now[kpi].since
        if since is not None:
            day = f"{since:%d/%m/%Y}"
            yield words.texts.format("note.since", kpi=words.kpi(kpi), day=day)


def unit_table(
    readings: Mapping[str, Read], units: Sequence[str], words: Wording, kpis: Sequence[str] = MAIN
) -> Table:
    """Return a row for each unit and a column for each KPI, in the units' order."""
    said = words.texts
    columns = [
        Column(id="number", title=said["column.number"], kind=CellKind.COUNT, width=4),
        Column(id="unit", title=said["column.unit"], kind=CellKind.TEXT, width=26),
    ]
    columns += [
        Column(id=kpi, title=_named(kpi, words), kind=kind_of(kpi), width=9) for kpi in kpis
    ]
    return Table(
        id="units",
        title=said["section.units"],
        columns=tuple(columns),
        rows=tuple(
            Row(
                key=unit,
                cells=(
                    number,
                    words.unit(unit),
                    *(_plain(readings.get(unit, {}).get(kpi), words) for kpi in kpis),
                ),
            )
            for number, unit in enumerate(units, 1)
        ),
        notes=(said["note.interval"],),
        empty=said["note.no_rows"],
    )


def _plain(reading: Reading | None, words: Wording) -> Cell:
    cell = value_of(reading, words)
    return cell.value if isinstance(cell, Figure) else cell


def _named(kpi: str, words: Wording) -> str:
    """Return a KPI's name with the unit that its values are told in."""
    name = words.kpi(kpi)
    match BY_ID[kpi].measure:
        case Measure.SECONDS:
            return f"{name} ({words.texts['measure.minutes']})"
        case Measure.DAYS:
            return f"{name} ({words.texts['measure.days']})"
        case _:
            return name
