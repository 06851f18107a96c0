"""The table of procedures: its columns, and how they are stored."""

from __future__ import annotations

import re
from datetime import datetime, time

from server.procedures.store import ProcedureRecord, store_procedures
from server.tabular import cells
from server.tabular.cells import Value, written
from server.tabular.imports import Kind
from server.tabular.records import Column, Record
from server.tabular.refusals import Refusal, refuse

ROOM = "server.procedures"

_CODE = cells.code(only=r"[A-Z0-9][A-Z0-9._-]*")  # what scopes can name
_CLOCK = re.compile(r"(\d{1,2})[:hg](\d\d)?(?::\d\d)?")


def _clock(value: Value) -> time | Refusal:
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value
    found = _CLOCK.fullmatch(written(value))
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return refuse("not_a_clock_time", room=ROOM)
    return time(int(found[1]), int(found[2] or 0))


def _family(value: Value) -> str | Refusal:
    found = _CODE(value)
    return found if isinstance(found, Refusal) else found.lower()


PROCEDURES = Kind(
    record=Record(
        kind="procedures",
        room=ROOM,
        columns=(
            Column(name="code", parse=_CODE, required=True, example="1.001193"),
            Column(
                name="name_vi",
                parse=cells.text(500),
                required=True,
                example="Thủ tục đăng ký khai sinh",
            ),
            Column(name="name_en", parse=cells.text(500), example="Birth registration"),
            Column(name="family", parse=_family, example="ho-tich"),
            Column(name="family_name", parse=cells.text(), example="Hộ tịch"),
            Column(name="limit_days", parse=cells.number(0.0625, 1000), example="1"),
            Column(name="late_after", parse=_clock, example="15:00"),
            Column(name="source", parse=cells.name, example=""),
        ),
        make=ProcedureRecord,
        key=("code",),
    ),
    store=store_procedures,
)
