"""Loads a history by COPY: places, rosters, totals of every day, messages of the last days."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

import holidays
import psycopg

from contract.local_time import LOCAL_TIME
from motcua.history import raw, totals
from motcua.history.days import roster, simulate_day
from motcua.history.places import HistoricProvince
from motcua.history.raw import RawRows
from motcua.history.records import Records, draw_procedures
from motcua.history.totals import Row, Totals
from motcua.history.truths import Truths
from runtime.sql import statements
from server.complaints.complaints import ComplaintRecord
from server.complaints.store import store_complaints
from server.dossiers.dossiers import DossierRecord
from server.dossiers.store import counted_together, store_records

_SQL = statements("motcua.history", "loading.sql")
_DAYS_A_BATCH = 10
_PAGE_ROWS = 20_000
_PROMISES_DAYS = 90
"""The longest limit, thirty working days, and the holidays in it."""
_SUNDAY = 6
_WORKDAY = (time(7, 0), time(18, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which days to load: from `first` until the day before `end`; messages from `raw_from` on."""

    first: date
    end: date
    raw_from: date
    seed: int

    @property
    def working_days(self) -> tuple[date, ...]:
        """Every day but Sundays and public holidays."""
        return self.working_days_until(self.end)

    def working_days_until(self, end: date) -> tuple[date, ...]:
        """Return the working days from the first until the day before `end`."""
        days = (self.first + timedelta(days=n) for n in range((end - self.first).days))
        off = holidays.country_holidays("VN")
        return tuple(day for day in days if day.weekday() != _SUNDAY and day not in off)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far loading is."""

    days: int
    of_days: int
    people: int


def load(
    connection: psycopg.Connection,
    place: HistoricProvince,
    truths: Truths,
    plan: Plan,
) -> Iterator[Progress]:
    """Load the working days of the plan in one transaction, and yield after each batch.

    Raises psycopg.errors.UniqueViolation when a history stands there already.
    """
    with connection.transaction():
        connection.execute(_SQL["prepare"])
        _load_places(connection, place)
        _load_rosters(connection, place, plan)
        days = plan.working_days
        done = people = 0
        for batch in _batches(days):
            people += _load_days(connection, place, truths, plan, batch)
            done += len(batch)
            yield Progress(days=done, of_days=len(days), people=people)
        connection.execute(_SQL["finish"])
        connection.execute(_SQL["derive_duty"])
        connection.execute(_SQL["set_horizon"], {"kept_from": _midnight(plan.raw_from)})
        connection.execute(_SQL["sum_levels"])
        connection.execute(_SQL["sum_links"])
        connection.execute(_SQL["sum_presence"])
        connection.execute(_SQL["mark_links"])
        connection.execute(_SQL["analyze"])


async def load_records(
    connection: psycopg.AsyncConnection,
    place: HistoricProvince,
    truths: Truths,
    plan: Plan,
    *,
    share: float,
) -> AsyncIterator[int]:
    """Store the dossiers and complaints of the plan's days in one transaction; yield how many.

    `share` is the part of a real province's dossiers. They go the way of every other record; the
    next ones are drawn while the database stores these.
    """
    procedures = draw_procedures(place, plan.seed)
    working = plan.working_days_until(plan.end + timedelta(days=_PROMISES_DAYS))
    records = Records(
        place,
        truths,
        procedures,
        working,
        seed=plan.seed,
        share=share,
        until=_midnight(plan.end),
    )
    for procedure in procedures:
        await connection.execute(_SQL["insert_procedure"], asdict(procedure))
    stored, pages = 0, _pages(records, len(plan.working_days))
    async with connection.transaction(), counted_together(connection):
        drawing = asyncio.create_task(asyncio.to_thread(next, pages, None))
        while (page := await drawing) is not None:
            drawing = asyncio.create_task(asyncio.to_thread(next, pages, None))
            await store_complaints(connection, page.complaints)
            stored += (await store_records(connection, page.dossiers)).stored
            yield stored


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What is stored at once: the records of some days."""

    dossiers: Sequence[DossierRecord]
    complaints: Sequence[ComplaintRecord]


def _pages(records: Records, days: int) -> Iterator[_Page]:
    dossiers, complaints = list[DossierRecord](), list[ComplaintRecord]()
    for index in range(days):
        dossiers += records.dossiers(index)
        complaints += records.complaints(index)
        if len(dossiers) >= _PAGE_ROWS or index == days - 1:
            yield _Page(dossiers=dossiers, complaints=complaints)
            dossiers, complaints = [], []


def has_history(connection: psycopg.Connection) -> bool:
    """Return whether a history was loaded into this database."""
    row = connection.execute(_SQL["has_history"]).fetchone()
    assert row is not None
    return bool(row[0])


def _load_places(connection: psycopg.Connection, place: HistoricProvince) -> None:
    for unit in place.units:
        connection.execute(
            _SQL["insert_unit"],
            {"id": unit.id, "kind": unit.kind, "name_vi": unit.name_vi, "name_en": unit.name_en},
        )
    for index, name in place.counters:
        connection.execute(_SQL["insert_counter"], {"unit": place.units[index].id, "counter": name})
    for family in place.families:
        names = {"id": family.id, "name_vi": family.name_vi, "name_en": family.name_en}
        connection.execute(_SQL["insert_family"], names)
        connection.execute(_SQL["insert_service"], names)
    for index, code in place.officers:
        post = {"code": code, "unit": place.units[index].id}
        connection.execute(_SQL["insert_officer"], post)


def _load_rosters(connection: psycopg.Connection, place: HistoricProvince, plan: Plan) -> None:
    """Load who serves at each counter in each week, Monday to Saturday."""
    codes = [code for _, code in place.officers]
    rows: list[Row] = []
    monday = plan.first - timedelta(days=plan.first.weekday())
    while monday < plan.end:
        officers = roster(place, monday.toordinal() // 7)
        for (index, counter), officer in zip(place.counters, officers.tolist(), strict=True):
            unit = place.units[index].id
            start = datetime.combine(monday, _WORKDAY[0], LOCAL_TIME)
            end = datetime.combine(monday + timedelta(days=5), _WORKDAY[1], LOCAL_TIME)
            identity = f"{unit}/{counter}/{monday}"
            rows.append((identity, codes[officer], unit, counter, start, end, "import"))
        monday += timedelta(days=7)
    columns = ("id", "officer", "unit", "counter", "starts_at", "ends_at", "source")
    _copy(connection, "copy_assignment", columns, rows)


def _load_days(
    connection: psycopg.Connection,
    place: HistoricProvince,
    truths: Truths,
    plan: Plan,
    days: Sequence[date],
) -> int:
    counting, telling = Totals(place), RawRows(place, plan.seed)
    tables: dict[str, list[Row]] = {}
    people = 0
    for day in days:
        events = simulate_day(place, truths, day, plan.seed)
        people += events.unit.size
        parts = counting.rows(events)
        if day >= plan.raw_from:
            parts |= telling.rows(events)
        for table, rows in parts.items():
            tables.setdefault(table, []).extend(rows)
    for table, rows in tables.items():
        columns = totals.COLUMNS.get(table) or raw.COLUMNS[table]
        _copy(connection, f"copy_{table}", columns, rows)
    return people


def _copy(
    connection: psycopg.Connection, statement: str, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    assert all(len(row) == len(columns) for row in rows[:1]), statement
    line = "\t".join(["%s"] * len(columns)) + "\n"
    with connection.cursor() as cursor, cursor.copy(_SQL[statement]) as copy:
        for start in range(0, len(rows), 5000):
            copy.write("".join([line % row for row in rows[start : start + 5000]]))


def _batches(days: Sequence[date]) -> Iterator[Sequence[date]]:
    for start in range(0, len(days), _DAYS_A_BATCH):
        yield days[start : start + _DAYS_A_BATCH]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_TIME)
