"""The tables of officers and of assignments: their columns, and how they are stored."""

from __future__ import annotations

from functools import partial

from server.staff import assignments, officers
from server.staff.assignments import AssignmentRecord, AssignmentSource
from server.staff.officers import CODE, ROOM, PostRecord
from server.staff.store import store_assignments, store_posts
from server.tabular import cells
from server.tabular.days import day, instant
from server.tabular.imports import Kind
from server.tabular.records import Column, Record

_CODE = cells.code(only=CODE)

POST = Record(
    kind="staff",
    room=ROOM,
    columns=(
        Column(name="code", parse=_CODE, required=True, example="CB-0123"),
        Column(
            name="name",
            parse=cells.text(),
            required=True,
            example="Nguyễn Văn An",
            private=True,
        ),
        Column(name="unit", parse=cells.name, required=True, example="phuong-vo-cuong"),
        Column(name="position", parse=cells.text(), example="Công chức tư pháp – hộ tịch"),
        Column(name="valid_from", parse=day, example="2025-07-01"),
        Column(name="valid_to", parse=day, example=""),
    ),
    make=PostRecord,
    check=officers.check,
    key=("code", "unit", "valid_from"),
)

ASSIGNMENT = Record(
    kind="assignments",
    room=ROOM,
    columns=(
        Column(name="id", parse=cells.code(128), example="LT-2026-10-05-001"),
        Column(name="officer", parse=_CODE, required=True, example="CB-0123"),
        Column(name="unit", parse=cells.name, required=True, example="phuong-vo-cuong"),
        Column(name="counter", parse=cells.name, example="quay-1"),
        Column(name="starts_at", parse=instant, required=True, example="05/10/2026 07:30"),
        Column(name="ends_at", parse=instant, required=True, example="05/10/2026 11:30"),
        Column(name="cancelled", parse=cells.flag, example=""),
    ),
    make=AssignmentRecord,
    check=assignments.check,
)

# The whole file at once: an officer's rows are compared with one another.
STAFF = Kind(record=POST, store=store_posts, batch_rows=None)

ASSIGNMENTS = Kind(record=ASSIGNMENT, store=store_assignments)

ASSIGNMENTS_FROM_API = Kind(
    record=ASSIGNMENT, store=partial(store_assignments, source=AssignmentSource.API)
)
