"""The rules by which ratings, visits, tickets and dossiers of a unit's day belong together. Pure.

A link is a function of the set of what was told of the day, never of the order in which it came.
docs/links.md says the rules in words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from server.links.turns import End, TicketTold, Turn, issued_at, turns

TAP_AFTER = timedelta(minutes=2)
"""So long after its end a visit is still rated: the kiosk's request is shown for half a minute, and
the next citizen stands there for longer before they are asked."""

OWN_SHARE = 0.5
"""A visit belongs to a ticket in whose turn it spent at least this part of its time."""


class LinkKind(StrEnum):
    """What is linked to what."""

    RATING_VISIT = "rating_visit"
    VISIT_TICKET = "visit_ticket"
    TICKET_DOSSIER = "ticket_dossier"
    RATING_DOSSIER = "rating_dossier"


class Rule(StrEnum):
    """Why two things are linked."""

    NAMED = "named"
    TAPPED_DURING = "tapped_during"
    TAPPED_AFTER = "tapped_after"
    TURN_ENDED = "turn_ended"
    TURN_OPEN = "turn_open"
    NUMBER_OF_THE_DAY = "number_of_the_day"
    ONLINE = "online"
    CHAIN = "chain"


CONFIDENCE: Mapping[Rule, float] = MappingProxyType(
    {
        Rule.NAMED: 1.0,
        Rule.TAPPED_DURING: 0.9,
        Rule.TAPPED_AFTER: 0.9,
        Rule.TURN_ENDED: 0.95,
        Rule.TURN_OPEN: 0.8,
        Rule.NUMBER_OF_THE_DAY: 0.95,
        Rule.ONLINE: 1.0,
    }
)
"""How sure a link by this rule is, at least (0..1); a chain has the product of its links. Shares of
right links among simulated counters are held above these by a test."""

AMBIGUOUS, ALONE = "ambiguous", "alone"
"""What becomes of what is not linked: several fit, or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTold:
    """One visit at a counter."""

    id: str
    counter: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingTold:
    """One rating; `visits` are those that requests for it name."""

    id: str
    counter: str
    at: datetime
    visits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierTold:
    """A dossier that was received this day by the ticket `number`, or that a ticket names."""

    code: str
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineRating:
    """A citizen's rating of a dossier, as its system tells it."""

    id: str
    dossier: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTold:
    """What was told of a unit's local day. `dossiers` are those that are known."""

    visits: Sequence[VisitTold] = ()
    ratings: Sequence[RatingTold] = ()
    tickets: Sequence[TicketTold] = ()
    dossiers: Sequence[DossierTold] = ()
    online: Sequence[OnlineRating] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`subject` belongs to `object_`: identifiers of a rating or visit, a ticket's number, a
    dossier's code. `waited_s` is how long the visit's citizen had waited since the ticket was
    issued; None where that is not told, or where they had been called before.
    """

    kind: LinkKind
    counter: str
    subject: str
    object_: str
    rule: Rule
    confidence: float
    waited_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlinked:
    """A subject that is linked to nothing, because several fit or none."""

    kind: LinkKind
    counter: str
    subject: str
    ambiguous: bool


Found = Link | Unlinked


def link_day(told: DayTold) -> tuple[Found, ...]:
    """Return what every rating, visit and ticket of a day is linked to, in a fixed order."""
    of_ratings = tuple(_rating_visits(told))
    of_visits = tuple(_visit_tickets(told))
    of_tickets = tuple(_ticket_dossiers(told))
    chained = _rating_dossiers(of_ratings, of_visits, of_tickets)
    every = (*of_ratings, *of_visits, *of_tickets, *chained, *_online(told))
    return tuple(sorted(every, key=_order))


def _order(found: Found) -> tuple[str, str, str]:
    return found.kind, found.subject, found.object_ if isinstance(found, Link) else ""


def _rating_visits(told: DayTold) -> Iterator[Found]:
    """A request for the rating names the visit; else the one visit then at the counter is meant."""
    kind = LinkKind.RATING_VISIT
    known = {visit.id for visit in told.visits}
    at_counter = _grouped(told.visits, lambda visit: visit.counter)
    for rating in told.ratings:
        if rating.visits:
            named = [(visit, Rule.NAMED) for visit in sorted(rating.visits & known)]
            # One that is named and has not come yet is waited for: time would find another.
            fits = named if len(rating.visits) <= 1 or len(named) > 1 else []
            ambiguous = len(rating.visits) > 1
        else:
            fits = [
                (
                    visit.id,
                    Rule.TAPPED_DURING if rating.at <= visit.ended_at else Rule.TAPPED_AFTER,
                )
                for visit in at_counter.get(rating.counter, ())
                if visit.started_at <= rating.at <= visit.ended_at + TAP_AFTER
            ]
            ambiguous = len(fits) > 1
        yield _only(kind, rating.counter, rating.id, fits, ambiguous=ambiguous)


def _visit_tickets(told: DayTold) -> Iterator[Found]:
    """A visit is of the ticket whose turn it fills; of a turn that several visits fill, of none."""
    kind = LinkKind.VISIT_TICKET
    issued = issued_at(told.tickets)
    by_counter = _grouped(turns(told.tickets), lambda turn: turn.counter)
    fits = {
        visit.id: [turn for turn in by_counter.get(visit.counter, ()) if _fills(visit, turn)]
        for visit in told.visits
    }
    claims = _grouped(
        ((visit, turn) for visit, found in fits.items() for turn in found), lambda pair: pair[1]
    )
    for visit in told.visits:
        found = fits[visit.id]
        if len(found) == 1 and len(claims[found[0]]) == 1:
            (turn,) = found
            rule = Rule.TURN_OPEN if turn.end is End.OPEN else Rule.TURN_ENDED
            yield Link(
                kind=kind,
                counter=visit.counter,
                subject=visit.id,
                object_=turn.number,
                rule=rule,
                confidence=CONFIDENCE[rule],
                waited_s=_waited_s(visit, turn, issued.get(turn.number)),
            )
        else:
            yield Unlinked(
                kind=kind, counter=visit.counter, subject=visit.id, ambiguous=bool(found)
            )


def _fills(visit: VisitTold, turn: Turn) -> bool:
    length = visit.ended_at - visit.started_at
    if not length:
        return turn.starts_at <= visit.started_at < turn.ends_at
    within = min(visit.ended_at, turn.ends_at) - max(visit.started_at, turn.starts_at)
    return within / length >= OWN_SHARE


def _waited_s(visit: VisitTold, turn: Turn, issued: datetime | None) -> float | None:
    if issued is None or not turn.first or visit.started_at < issued:
        return None
    return (visit.started_at - issued).total_seconds()


def _ticket_dossiers(told: DayTold) -> Iterator[Found]:
    """A ticket names its dossiers, or a dossier names the ticket; both may be several."""
    kind = LinkKind.TICKET_DOSSIER
    known = {dossier.code for dossier in told.dossiers}
    by_number = _grouped(told.tickets, lambda ticket: ticket.number)
    of_number = _grouped(told.dossiers, lambda dossier: dossier.number)
    for number, events in by_number.items():
        counter = min((event.at, event.id, event.counter) for event in events)[2]
        rules = {dossier.code: Rule.NUMBER_OF_THE_DAY for dossier in of_number.get(number, ())} | {
            event.dossier: Rule.NAMED for event in events if event.dossier in known
        }
        for code, rule in rules.items():
            yield Link(
                kind=kind,
                counter=counter,
                subject=number,
                object_=str(code),
                rule=rule,
                confidence=CONFIDENCE[rule],
            )
        if not rules:
            yield Unlinked(kind=kind, counter=counter, subject=number, ambiguous=False)


def _rating_dossiers(
    of_ratings: Sequence[Found], of_visits: Sequence[Found], of_tickets: Sequence[Found]
) -> Iterator[Found]:
    """A rating at a counter is of the one dossier of the ticket of its visit."""
    visits = {found.subject: found for found in of_visits}
    dossiers = _grouped(
        (found for found in of_tickets if isinstance(found, Link)), lambda link: link.subject
    )
    for rating in of_ratings:
        visit = visits.get(rating.object_) if isinstance(rating, Link) else rating
        ticket = dossiers.get(visit.object_, []) if isinstance(visit, Link) else []
        if isinstance(rating, Link) and isinstance(visit, Link) and len(ticket) == 1:
            yield Link(
                kind=LinkKind.RATING_DOSSIER,
                counter=rating.counter,
                subject=rating.subject,
                object_=ticket[0].object_,
                rule=Rule.CHAIN,
                confidence=rating.confidence * visit.confidence * ticket[0].confidence,
            )
        else:
            broken = isinstance(visit, Unlinked) and visit.ambiguous
            yield Unlinked(
                kind=LinkKind.RATING_DOSSIER,
                counter=rating.counter,
                subject=rating.subject,
                ambiguous=broken or len(ticket) > 1,
            )


def _online(told: DayTold) -> Iterator[Found]:
    """An online rating names its dossier: whoever tells it, tells it of one."""
    for rating in told.online:
        yield Link(
            kind=LinkKind.RATING_DOSSIER,
            counter="",
            subject=rating.id,
            object_=rating.dossier,
            rule=Rule.ONLINE,
            confidence=CONFIDENCE[Rule.ONLINE],
        )


def _only(
    kind: LinkKind,
    counter: str,
    subject: str,
    fits: Sequence[tuple[str, Rule]],
    *,
    ambiguous: bool,
) -> Found:
    if ambiguous or len(fits) != 1:
        return Unlinked(kind=kind, counter=counter, subject=subject, ambiguous=ambiguous)
    ((object_, rule),) = fits
    return Link(
        kind=kind,
        counter=counter,
        subject=subject,
        object_=object_,
        rule=rule,
        confidence=CONFIDENCE[rule],
    )


T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


def _grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: defaultdict[K, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups
