"""When the holder of a ticket stood at a counter: from the call there until it ended. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from contract.messages import TicketEvent

LONGEST_TURN = timedelta(hours=2)
"""A turn that nothing ends is over by then, as for the family of procedures at a counter."""

_CALLS = frozenset({TicketEvent.CALLED, TicketEvent.RECALLED})
_NO_SHOWS = frozenset({TicketEvent.SKIPPED, TicketEvent.LEFT})
_ENDS = frozenset(TicketEvent) - _CALLS - {TicketEvent.ISSUED}


class End(StrEnum):
    """How a turn ended: told by an event, or only by the next call or by its length."""

    TOLD = "told"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTold:
    """What happened to the ticket `number` of this day; `dossier` is the code that it names."""

    id: str
    counter: str
    number: str
    event: TicketEvent
    at: datetime
    dossier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The ticket's holder was at the counter; `first` is False for whoever came back to one."""

    counter: str
    number: str
    starts_at: datetime
    ends_at: datetime
    end: End
    first: bool


def issued_at(tickets: Iterable[TicketTold]) -> dict[str, datetime]:
    """Return when each number was issued, the earliest that is told."""
    found: dict[str, datetime] = {}
    for each in tickets:
        if each.event is TicketEvent.ISSUED:
            found[each.number] = min(each.at, found.get(each.number, each.at))
    return found


def turns(tickets: Iterable[TicketTold]) -> tuple[Turn, ...]:
    """Return the turns of a unit's day in the order of time.

    A turn begins with a call and ends when the ticket is served, held or sent on at that counter,
    when another number is called there, or after LONGEST_TURN. Whoever was skipped or left was
    never there. Turns at one counter do not overlap.
    """
    by_counter: defaultdict[str, list[TicketTold]] = defaultdict(list)
    for ticket in sorted(tickets, key=lambda each: (each.at, each.id)):
        by_counter[ticket.counter].append(ticket)
    found = [turn for events in by_counter.values() for turn in _at_one_counter(events)]
    seen: set[str] = set()
    ordered: list[Turn] = []
    for turn in sorted(found, key=lambda each: (each.starts_at, each.counter, each.number)):
        ordered.append(replace(turn, first=turn.number not in seen))
        seen.add(turn.number)
    return tuple(ordered)


def _at_one_counter(events: Sequence[TicketTold]) -> Iterator[Turn]:
    current: TicketTold | None = None
    for event in events:
        own = current is not None and event.number == current.number
        if event.event in _CALLS and not own:
            if current is not None:
                yield _turn(current, event.at, End.OPEN)
            current = event
        elif current is not None and own and event.event in _ENDS:
            if event.event not in _NO_SHOWS:
                yield _turn(current, event.at, End.TOLD)
            current = None
    if current is not None:
        yield _turn(current, current.at + LONGEST_TURN, End.OPEN)


def _turn(called: TicketTold, ends_at: datetime, end: End) -> Turn:
    return Turn(
        counter=called.counter,
        number=called.number,
        starts_at=called.at,
        ends_at=min(ends_at, called.at + LONGEST_TURN),
        end=end,
        first=True,
    )
