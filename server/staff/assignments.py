"""Who is to serve where and when: an officer in one place at a time, a counter with one officer."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from contract.local_time import LOCAL_TIME
from server.staff.officers import ROOM
from server.tabular.records import Entry
from server.tabular.refusals import Refusal, Rejection, refuse

LONGEST = timedelta(days=400)
"""A roster of a year; longer ones are a slip of the pen."""


class AssignmentSource(StrEnum):
    """How an assignment came."""

    IMPORT = "import"
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRecord:
    """An officer at a counter, or somewhere in a unit, from `starts_at` until before `ends_at`.

    `id` is the roster's own key; without one it is the officer with the start.
    """

    officer: str
    unit: str
    counter: str | None
    starts_at: datetime
    ends_at: datetime
    id: str | None = None
    cancelled: bool | None = None

    @property
    def key(self) -> str:
        """What the assignment is known by."""
        return self.id or f"{self.officer}@{self.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"

    @property
    def places(self) -> tuple[str, ...]:
        """What it takes for itself: its officer and its counter."""
        if self.counter is None:
            return (self.officer,)
        return (self.officer, f"{self.unit}/{self.counter}")

    def __str__(self) -> str:
        """Who, where and when, in local time."""
        where = self.unit if self.counter is None else f"{self.unit}/{self.counter}"
        start, end = self.starts_at.astimezone(LOCAL_TIME), self.ends_at.astimezone(LOCAL_TIME)
        until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
        return f"{self.officer} {where} {start:%Y-%m-%d %H:%M}–{until}"


AssignmentEntry = Entry[AssignmentRecord]


def check(assignment: AssignmentRecord) -> Refusal | None:
    """Return what is wrong with an assignment that can be seen without any other."""
    if assignment.starts_at >= assignment.ends_at:
        return refuse("ends_before_start", room=ROOM, column="ends_at")
    if assignment.ends_at - assignment.starts_at > LONGEST:
        return refuse("too_long_a_shift", room=ROOM, column="ends_at", days=LONGEST.days)
    return None


def overlaps(
    entries: Sequence[AssignmentEntry], stored: Mapping[str, AssignmentRecord]
) -> list[Rejection]:
    """Return the entries that cannot stand beside what is stored, or beside earlier entries.

    `stored` are the assignments in force by their key. An entry replaces the one that has its key;
    when it is rejected, that one stays in force, so that what overlaps it is rejected too.
    """
    rejected = {rejection.line: rejection for rejection in _twice(entries)}
    while True:
        accepted = [entry for entry in entries if entry.row.line not in rejected]
        replaced = {entry.record.key for entry in accepted}
        staying = [each for key, each in stored.items() if key not in replaced]
        found = _first_overlaps(accepted, staying)
        if not found:
            return list(rejected.values())
        rejected |= {rejection.line: rejection for rejection in found}


def _twice(entries: Iterable[AssignmentEntry]) -> Iterator[Rejection]:
    lines: dict[str, int] = {}
    for entry in entries:
        line = lines.setdefault(entry.record.key, entry.row.line)
        if line != entry.row.line:
            yield entry.reject(refuse("twice", column="id", key=entry.record.key, line=line))


def _first_overlaps(
    entries: Iterable[AssignmentEntry], stored: Iterable[AssignmentRecord]
) -> list[Rejection]:
    taken: defaultdict[str, _Spans] = defaultdict(_Spans)
    for each in stored:
        for place in each.places:
            taken[place].add(each, None)
    rejections = []
    for entry in entries:
        if entry.record.cancelled:
            continue
        others = (taken[place].overlapping(entry.record) for place in entry.record.places)
        other = next((each for each in others if each is not None), None)
        if other is not None:
            rejections.append(_rejection(entry, *other))
            continue
        for place in entry.record.places:
            taken[place].add(entry.record, entry.row.line)
    return rejections


class _Spans:
    """Assignments of one officer or counter that do not overlap, by their start."""

    def __init__(self) -> None:
        self._spans: list[tuple[datetime, str, AssignmentRecord, int | None]] = []

    def add(self, assignment: AssignmentRecord, line: int | None) -> None:
        insort(
            self._spans,
            (assignment.starts_at, assignment.key, assignment, line),
            key=lambda span: span[:2],
        )

    def overlapping(self, record: AssignmentRecord) -> tuple[AssignmentRecord, int | None] | None:
        """Return one that overlaps: only the last that starts before the end can."""
        place = bisect_left(self._spans, record.ends_at, key=lambda span: span[0])
        if place and self._spans[place - 1][2].ends_at > record.starts_at:
            return self._spans[place - 1][2:]
        return None


def _rejection(entry: AssignmentEntry, other: AssignmentRecord, line: int | None) -> Rejection:
    code = "overlaps_stored" if line is None else "overlaps_line"
    refusal = refuse(
        code, room=ROOM, column="starts_at", own=entry.record, other=other, line=line or 0
    )
    return entry.reject(refusal, entry.record.starts_at)
