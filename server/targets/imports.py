"""The table of targets: its columns, and how they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from psycopg import AsyncConnection

from runtime.sql import statements
from server.db.changes import announce_change
from server.tabular import cells
from server.tabular.days import day
from server.tabular.imports import Kind
from server.tabular.records import Column, Entry, Record
from server.tabular.refusals import Refusal, Rejection, refuse

ROOM = "server.targets"

_SQL = statements("server.targets", "targets.sql")


class Aim(StrEnum):
    """The indicators that targets are set for."""

    DOSSIERS_DIGITISED = "dossiers_digitised"
    RESULTS_DIGITISED = "results_digitised"
    DOSSIERS_PER_OFFICER = "dossiers_per_officer"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRecord:
    """A target from the day `valid_from` until the day before `valid_to`; None means always.

    `value` is a share of 0..1, or a number of dossiers an officer and year. `kind` None is for
    every kind of unit.
    """

    kpi: Aim
    value: float
    basis: str
    kind: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def check(target: TargetRecord) -> Refusal | None:
    """Return what is wrong with a target."""
    if target.kpi is not Aim.DOSSIERS_PER_OFFICER and target.value > 1:
        return refuse("share_above_one", room=ROOM, column="value")
    if target.valid_from and target.valid_to and target.valid_from >= target.valid_to:
        return refuse("ends_before", room=ROOM, column="valid_to", first=target.valid_from)
    return None


async def store_targets(
    connection: AsyncConnection, entries: Sequence[Entry[TargetRecord]]
) -> list[Rejection]:
    """Store targets; one of the same indicator, kind and first day is replaced."""
    cursor = connection.cursor()
    await cursor.executemany(_SQL["import_target"], [asdict(entry.record) for entry in entries])
    await announce_change(connection, None)
    return []


TARGETS = Kind(
    record=Record(
        kind="targets",
        room=ROOM,
        columns=(
            Column(name="kpi", parse=cells.choice(Aim), required=True, example="results_digitised"),
            Column(name="kind", parse=cells.name, example="ward"),
            Column(name="value", parse=cells.number(0, 100_000), required=True, example="0,5"),
            Column(name="valid_from", parse=day, example="01/01/2026"),
            Column(name="valid_to", parse=day, example="01/01/2027"),
            Column(
                name="basis", parse=cells.text(), required=True, example="Kế hoạch 2075/KH-UBND"
            ),
        ),
        make=TargetRecord,
        check=check,
        key=("kpi", "kind", "valid_from"),
    ),
    store=store_targets,
)
