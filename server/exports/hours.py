"""What was counted at counters by the hour, read as columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
import psycopg
from arro3.core import Array, DataType, RecordBatch

from contract.local_time import LOCAL_TIME
from runtime.sql import statements
from server.exports.columns import numbers, safe_text, times

_SQL = statements("server.exports", "exports.sql")

COUNTS = (
    "heard",
    "counted",
    "visits",
    "waited",
    "waited_within_15",
    "waited_within_30",
    "abandoned",
)
"""The columns after unit, counter and hour.

`heard` and `counted` are 1 where devices sent anything, and where a camera counted; `waited` are
waits that ended with service.
"""

_HEADER_BYTES = 19
_TRAILER_BYTES = 2
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(("number_bytes", ">i4"), ("number", ">i4"), ("hour_bytes", ">i4"), ("hour", ">i8")),
        *(pair for name in COUNTS for pair in ((f"{name}_bytes", ">i4"), (name, ">i4"))),
    ]
)
"""A row as COPY writes it in binary: every field has one width, for none is NULL."""


def read_hours(
    connection: psycopg.Connection,
    periods: Sequence[tuple[datetime, datetime]],
    units: Collection[str] | None,
) -> Iterator[RecordBatch]:
    """Yield the hours of each period, by hour and counter; of these units, None for all.

    The connection is in a transaction that sees one state.
    """
    names = connection.execute(_SQL["counters"]).fetchall()
    of_unit = Array([safe_text(unit) for unit, _ in names], DataType.string())
    of_counter = Array([safe_text(counter) for _, counter in names], DataType.string())
    chosen = None if units is None else sorted(units)
    connection.execute(_SQL["work_in_memory"])
    for first, end in periods:
        rows = _copied(connection, first, end, chosen)
        if len(rows):
            number = Array.from_numpy(rows["number"].astype(np.int32))
            yield RecordBatch.from_arrays(
                [
                    of_unit.take(number),
                    of_counter.take(number),
                    times(rows["hour"].astype(np.int64)),
                    *(numbers(rows[name].astype(np.int32)) for name in COUNTS),
                ],
                names=["unit", "counter", "hour", *COUNTS],
            )


def _copied(
    connection: psycopg.Connection, first: datetime, end: datetime, units: list[str] | None
) -> np.ndarray:
    last = (end - timedelta(seconds=1)).astimezone(LOCAL_TIME).date()
    days = {"first_day": first.astimezone(LOCAL_TIME).date(), "last_day": last}
    of = {"first": first, "end": end, "units": units} | days
    with connection.cursor() as cursor, cursor.copy(_SQL["hours"], of) as copied:
        content = b"".join(bytes(part) for part in copied)
    rows = np.frombuffer(content[_HEADER_BYTES : len(content) - _TRAILER_BYTES], dtype=_ROW)
    return rows[np.lexsort((rows["number"], rows["hour"]))]
