"""Totals of dossiers equal what is counted from the dossiers, for any place, part and period."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from contract.local_time import LOCAL_TIME
from server.dossiers.dossiers import DossierRecord, Supplement
from server.dossiers.store import store_records
from server.facts.complaints import COMPLAINTS
from server.facts.dossier_hours import DOSSIER_HOURS
from server.facts.dossiers import DOSSIERS
from server.facts.open_dossiers import OPEN_DOSSIERS
from server.facts.processing_times import PROCESSING_TIMES
from server.facts.sources import Dimension, Selection
from server.facts.store import read_facts
from server.facts.workload import WORKLOAD
from server.kpi.catalogue import BY_ID
from server.kpi.definition import Moment
from server.periods import Period, Step
from server.procedures.procedures import Channel
from server.procedures.store import Named, register
from server.scopes import PROVINCE
from tests.server.asking import ask

pytestmark = pytest.mark.integration

UNITS = ("a", "b", "c")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def records(count: int, seed: int = 1) -> Iterator[DossierRecord]:
    chance = random.Random(seed)
    first = datetime(2025, 1, 2, 8, tzinfo=LOCAL_TIME)
    for number in range(count):
        received = first + timedelta(minutes=chance.randrange(60 * 24 * 150))
        end = received + timedelta(hours=chance.expovariate(1 / 120))
        how = chance.choice(("processed_at", "returned_at", "stopped_at", "withdrawn_at", ""))
        asked = received + timedelta(hours=5)
        unit = chance.choice(UNITS)
        yield DossierRecord(
            code=f"D-{number:04}",
            source="test",
            revision=received,
            procedure=f"P-{chance.randrange(4)}",
            receiving_unit=unit,
            resolving_unit=chance.choice((unit, "a")),
            received_at=received,
            promised_at=chance.choice((None, received + timedelta(days=5))),
            accepted_at=chance.choice((None, received)),
            channel=chance.choice(tuple(Channel)),
            officer=chance.choice((None, "CB-1", "CB-2")),
            supplements=(Supplement(asked_at=asked, answered_at=asked + timedelta(hours=9)),)
            * chance.choice((0, 0, 1)),
            digitised=chance.choice((None, True, False)),
            result_digitised=chance.choice((None, True, False)),
            fee_due=chance.choice((None, True, False)),
            paid_online=chance.choice((None, True, False)),
            **({how: end} if how else {}),
        )


@pytest.fixture
def books(database_url: str) -> str:
    with psycopg.connect(database_url, autocommit=True) as connection:
        for unit in UNITS:
            connection.execute(
                "INSERT INTO unit (id, name_vi, name_en, kind) VALUES (%s, 'x', 'x', 'ward')",
                [unit],
            )

    async def fill(connection: AsyncConnection) -> None:
        async with connection.transaction():
            named = [Named(code=f"P-{number}", family=f"f{number % 2}") for number in range(4)]
            await register(connection, named)
            everything = list(records(400))
            await store_records(connection, everything[:250])
            await store_records(connection, everything[150:])
            # Corrections take away what was counted before.
            later = [
                replace(each, revision=NOW, channel=Channel.POST, resolving_unit="b")
                for each in everything[::7]
            ]
            await store_records(connection, later)

    ask(database_url, fill)
    return database_url


def rows(database_url: str) -> list[dict[str, Any]]:
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        return connection.execute("SELECT * FROM dossier").fetchall()


def day(at: datetime | None) -> date:
    return date.max if at is None else at.astimezone(LOCAL_TIME).date()


def counted(dossiers: Sequence[dict[str, Any]], period: Period) -> dict[str, int]:
    """Return some of the totals of these dossiers, counted one by one."""
    first, end = period.first, period.end
    assert first is not None
    assert end is not None
    found: defaultdict[str, int] = defaultdict(int)
    for each in dossiers:
        begun, ended = day(each["begun_at"]), day(each["ended_at"])
        if first <= ended < end:
            found["done"] += each["counted"]
            found["before_time"] += each["timeliness"] == "before"
            found["late"] += each["timeliness"] == "after"
            found["supplemented"] += each["counted"] and each["requests"] > 0
        found["open"] += begun < end <= ended
        late = each["overdue_at"]
        found["overdue"] += late is not None and day(late) < end <= ended
    return found


PERIODS = ["2025-03", "2025-Q1", "2025", "2025-02-10..2025-04-20", "2025-03-05", "2025-W12"]


def told(connection_url: str, selection: Selection) -> dict[tuple[str, Any, Any], Any]:
    facts = ask(connection_url, lambda connection: read_facts(connection, DOSSIERS, selection))
    return {(fact.unit, fact.member, fact.day): fact.totals for fact in facts}


@pytest.mark.parametrize("name", PERIODS)
def test_totals_of_units_are_those_counted(books, name):
    period = Period.parse(name, NOW)
    found = told(books, Selection(period=period))
    stored = rows(books)
    for unit in UNITS:
        expected = counted([each for each in stored if each["resolving_unit"] == unit], period)
        totals = found[unit, None, None]
        assert {key: getattr(totals, key) for key in expected} == expected
        received = [each for each in stored if each["receiving_unit"] == unit]
        in_period = [
            each for each in received if period.first <= day(each["begun_at"]) < period.end
        ]
        assert totals.received == len(in_period)
        assert totals.online == sum(each["channel"] == "online" for each in in_period)
        assert totals.paid_online == sum(
            bool(each["fee_due"] and each["paid_online"]) for each in in_period
        )


def hours(dossiers: Sequence[dict[str, Any]], unit: str, role: str, moment: str) -> list[int]:
    """Count by hour what began or ended at a unit."""
    found = [0] * 24
    for each in dossiers:
        if each[role] == unit and (moment == "begun_at" or each["counted"]):
            found[each[moment].astimezone(LOCAL_TIME).hour] += 1
    return found


def test_hours_are_those_at_which_dossiers_began_and_ended(books):
    period = Period.parse("2025-02-10..2025-04-20", NOW)
    stored = rows(books)
    begun = [each for each in stored if period.first <= day(each["begun_at"]) < period.end]
    ended = [each for each in stored if period.first <= day(each["ended_at"]) < period.end]

    async def read(connection: AsyncConnection) -> Any:
        daily = Selection(period=period, step=Step.DAY)
        whole = await read_facts(connection, DOSSIER_HOURS, Selection(period=period))
        return whole, await read_facts(connection, DOSSIER_HOURS, daily)

    whole, days = ask(books, read)
    assert {fact.unit for fact in whole} == set(UNITS)
    for fact in whole:
        received = hours(begun, fact.unit, "receiving_unit", "begun_at")
        assert list(fact.totals.received) == received
        assert list(fact.totals.done) == hours(ended, fact.unit, "resolving_unit", "ended_at")
        own = DOSSIER_HOURS.total(each.totals for each in days if each.unit == fact.unit)
        assert own == fact.totals
    one = next(fact for fact in days if sum(fact.totals.received))
    that_day = [each for each in begun if day(each["begun_at"]) == one.day]
    assert list(one.totals.received) == hours(that_day, one.unit, "receiving_unit", "begun_at")


@pytest.mark.parametrize("dimension", ["family", "procedure", "channel", "officer"])
@pytest.mark.parametrize("name", ["2025-03", "2025-02-10..2025-04-20", "2025-03-05"])
def test_totals_of_a_part_are_those_counted(books, dimension, name):
    period = Period.parse(name, NOW)
    by_member = told(books, Selection(period=period, by=Dimension(dimension)))
    stored = rows(books)
    for member in {each[dimension] for each in stored} - {None}:
        own = [each for each in stored if each[dimension] == member]
        narrowed = told(books, Selection(period=period, where={Dimension(dimension): member}))
        for unit in UNITS:
            expected = counted([each for each in own if each["resolving_unit"] == unit], period)
            for totals in (by_member[unit, member, None], narrowed[unit, None, None]):
                assert {key: getattr(totals, key) for key in expected} == expected


def test_two_parts_together_are_those_counted(books):
    period = Period.parse("2025-02-10..2025-04-20", NOW)
    where = {Dimension.FAMILY: "f1", Dimension.CHANNEL: "online"}
    found = told(books, Selection(period=period, where=where))
    stored = rows(books)
    for unit in UNITS:
        own = [
            each
            for each in stored
            if (each["family"], each["channel"], each["resolving_unit"]) == ("f1", "online", unit)
        ]
        expected = counted(own, period)
        totals = found[unit, None, None]
        assert {key: getattr(totals, key) for key in expected} == expected


@pytest.mark.parametrize("step", list(Step))
def test_steps_of_time_are_those_counted_with_their_stocks(books, step):
    period = Period.parse("2025-Q1", NOW)
    found = told(books, Selection(period=period, step=step))
    stored = [each for each in rows(books) if each["resolving_unit"] == "a"]
    for part in period.split(step):
        whole = Period.range(
            max(part.first, period.first), min(part.end, period.end) - timedelta(days=1)
        )
        expected = counted(stored, whole)
        totals = found["a", None, part.first]
        assert {key: getattr(totals, key) for key in expected} == expected


def test_no_dossier_is_no_data_and_an_empty_denominator_is_no_share(database_url, books):
    period = Period.parse("2024-05", NOW)
    moment = Moment(now=NOW, period=period)
    for kpi in ("dossiers_received", "dossiers_on_time", "dossiers_digitised"):
        entry = BY_ID[kpi]
        reading = entry.read(entry.source.totals(), PROVINCE, moment)
        assert (reading.value, reading.withheld) == (None, "no_data")


@pytest.mark.parametrize("name", ["2025-03", "2025-02-10..2025-04-20", "2025-03-05"])
@pytest.mark.parametrize("channel", [None, "direct"])
def test_processing_times_are_those_of_the_dossiers_received(books, name, channel):
    period = Period.parse(name, NOW)
    where = {} if channel is None else {Dimension.CHANNEL: channel}
    selection = Selection(period=period, where=where)
    facts = ask(books, lambda connection: read_facts(connection, PROCESSING_TIMES, selection))
    by_unit = {fact.unit: fact.totals for fact in facts}
    for unit in UNITS:
        own = [
            each
            for each in rows(books)
            if each["resolving_unit"] == unit
            and channel in (None, each["channel"])
            and period.first <= day(each["begun_at"]) < period.end
        ]
        if not own:
            assert unit not in by_unit
            continue
        totals = by_unit[unit]
        lost = sum(each["ended_by"] == "withdrawn" for each in own)
        still = sum(each["ended_at"] is None for each in own)
        assert (totals.lost.n, sum(totals.open.values()), totals.n) == (lost, still, len(own))
        days = sorted(each["days"] for each in own if each["ended_by"] not in (None, "withdrawn"))
        told_days = [value / 28800 for value, count in totals.done.values() for _ in range(count)]
        assert told_days == pytest.approx(days, rel=0.021, abs=1 / 28800)


def test_triggers_leave_nothing_when_dossiers_go(books):
    with psycopg.connect(books, autocommit=True) as connection:
        connection.execute("DELETE FROM dossier")
        kept = connection.execute(
            "SELECT sum(received + ended + late + turned_overdue + left_overdue) FROM dossier_total"
        ).fetchone()
        assert kept == (0,)
        assert connection.execute(
            "SELECT coalesce(sum(done + lost), 0) FROM dossier_duration_monthly"
        ).fetchone() == (0,)


def test_now_tells_open_late_and_soon_ones(database_url):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO unit (id, name_vi, name_en) VALUES ('a', 'x', 'x')")
    now = datetime.now(UTC)
    received = now - timedelta(days=30)
    late, soon, far = (now + timedelta(days=days) for days in (-2, 0.01, 40))

    async def fill(connection: AsyncConnection) -> None:
        async with connection.transaction():
            await register(connection, [Named(code="P")])
            await store_records(
                connection,
                [
                    DossierRecord(
                        code=f"D{number}",
                        source="test",
                        revision=received,
                        procedure="P",
                        receiving_unit="a",
                        resolving_unit="a",
                        received_at=received,
                        promised_at=promised,
                    )
                    for number, promised in enumerate((late, soon, far))
                ],
            )

    ask(database_url, fill)
    facts = ask(database_url, lambda connection: read_facts(connection, OPEN_DOSSIERS, Selection()))
    assert [(f.totals.open, f.totals.overdue, f.totals.due_soon) for f in facts] == [(3, 1, 1)]
    # What is due later today is not late yet, neither now nor in a period that runs.
    running = told(database_url, Selection(period=Period.parse("year", now)))
    assert [totals.overdue for totals in running.values()] == [1]


def test_complaints_and_workload_are_read_for_every_step(books):
    for source in (COMPLAINTS, WORKLOAD):
        for step in (None, *Step):
            selection = Selection(period=Period.parse("2025-Q1", NOW), step=step)
            ask(books, lambda connection, s=source, w=selection: read_facts(connection, s, w))
