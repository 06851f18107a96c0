"""Reads everything that a snapshot rests on, in one consistent view of the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg import AsyncConnection, IsolationLevel
from psycopg.rows import TupleRow

from contract.readings import DeviceReading
from server.db.queries import query
from server.kpi.inputs import (
    ANONYMITY_FLOOR,
    LOCAL_TIME,
    CounterState,
    Day,
    DeviceState,
    ExpressionTotals,
    Inputs,
    RatingTotals,
    ServiceTimes,
    VisitTotals,
)
from server.kpi.snapshot import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Units, their own inputs, and the devices, all of one moment."""

    units: tuple[Unit, ...]
    inputs: dict[str, Inputs]
    devices: tuple[DeviceReading, ...]


@dataclass(frozen=True, slots=True)
class _Device:
    reading: DeviceReading
    state: DeviceState


async def read_facts(connection: AsyncConnection, now: datetime) -> Facts:
    """Return the facts for the day that holds `now`, read in one repeatable-read transaction."""
    day = Day.of(now)
    bounds: dict[str, object] = {"start": day.start, "end": day.end}
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await connection.set_read_only(True)
    async with connection.transaction():
        today = now.astimezone(LOCAL_TIME).date()
        units = await _rows(connection, query("units"), {"today": today})
        ratings = await _rows(connection, query("ratings_of_day"), bounds)
        visits = await _rows(connection, query("visits_of_day"), bounds)
        expressions = await _rows(
            connection, query("expressions_of_day"), bounds | {"floor": ANONYMITY_FLOOR}
        )
        service = await _rows(connection, query("service_times_of_day"), bounds)
        watched = await _rows(connection, query("watched_of_day"), bounds)
        counters = await _rows(connection, query("counter_states"), {})
        devices = await _rows(connection, query("devices"), {})
    known = [_device(row, now) for row in devices]
    return Facts(
        units=tuple(_unit(row) for row in units),
        inputs=_inputs(ratings, visits, expressions, service, watched, counters, known),
        devices=tuple(device.reading for device in known),
    )


async def read_units(connection: AsyncConnection, now: datetime) -> tuple[Unit, ...]:
    """Return the tree of units valid at `now`."""
    today = now.astimezone(LOCAL_TIME).date()
    return tuple(_unit(row) for row in await _rows(connection, query("units"), {"today": today}))


async def _rows(
    connection: AsyncConnection, sql: LiteralString, parameters: Mapping[str, object]
) -> list[TupleRow]:
    cursor = connection.cursor(binary=True)
    await cursor.execute(sql, parameters)
    return await cursor.fetchall()


def _inputs(
    ratings: list[TupleRow],
    visits: list[TupleRow],
    expressions: list[TupleRow],
    service: list[TupleRow],
    watched: list[TupleRow],
    counters: list[TupleRow],
    devices: list[_Device],
) -> dict[str, Inputs]:
    rating_of = {row[0]: RatingTotals(by_score=row[1:6], newest=row[6]) for row in ratings}
    visit_of = {row[0]: VisitTotals(visits=row[1], newest=row[2]) for row in visits}
    expressions_of = {row[0]: _expressions(row) for row in expressions}
    service_of = {row[0]: ServiceTimes(seconds=tuple(row[1]), newest=row[2]) for row in service}
    watched_of: dict[str, datetime] = dict(watched)
    counters_of: dict[str, list[CounterState]] = defaultdict(list)
    for unit, observed_at, queue_length in counters:
        counters_of[unit].append(CounterState(observed_at=observed_at, queue_length=queue_length))
    devices_of: dict[str, list[DeviceState]] = defaultdict(list)
    for device in devices:
        devices_of[device.reading.unit].append(device.state)
    known = {*rating_of, *visit_of, *service_of, *watched_of, *counters_of, *devices_of}
    return {
        unit: Inputs(
            ratings=rating_of.get(unit, RatingTotals()),
            visits=visit_of.get(unit, VisitTotals()),
            expressions=expressions_of.get(unit, ExpressionTotals()),
            service=service_of.get(unit, ServiceTimes()),
            watched_at=watched_of.get(unit),
            counters=tuple(counters_of.get(unit, ())),
            devices=tuple(devices_of.get(unit, ())),
        )
        for unit in sorted(known)
    }


def _expressions(row: TupleRow) -> ExpressionTotals:
    _, seen, visits, negative, neutral, positive, positive_squared, newest = row
    return ExpressionTotals(
        seen=seen,
        visits=visits,
        negative=negative,
        neutral=neutral,
        positive=positive,
        positive_squared=positive_squared,
        newest=newest,
    )


def _unit(row: TupleRow) -> Unit:
    unit, parent, kind, name_vi, name_en, simulated = row
    return Unit(
        id=unit, parent=parent, kind=kind, name_vi=name_vi, name_en=name_en, simulated=simulated
    )


def _device(row: TupleRow, now: datetime) -> _Device:
    (unit, counter, device, simulated, last_seen, ended, software, camera, fps, depth, detector,
     people_detector, expression_model, problems) = row  # fmt: skip
    state = DeviceState(last_seen=last_seen, ended=ended)
    reading = DeviceReading(
        unit=unit,
        counter=counter,
        device=device,
        online=state.online(now),
        simulated=simulated,
        last_seen=last_seen,
        software=software,
        camera=camera,
        fps=fps,
        outbox_depth=depth,
        detector=detector,
        people_detector=people_detector,
        expression_model=expression_model,
        problems=tuple(problems),
    )
    return _Device(reading=reading, state=state)
