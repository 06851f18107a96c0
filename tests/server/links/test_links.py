"""Which rating, visit, ticket and dossier are linked, by which rule, and what stays unlinked."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.messages import TicketEvent
from server.links.links import (
    CONFIDENCE,
    DayTold,
    DossierTold,
    Link,
    LinkKind,
    OnlineRating,
    RatingTold,
    Rule,
    Unlinked,
    VisitTold,
    link_day,
)
from server.links.turns import TicketTold
from tests.server.links.counters import simulate

NINE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


def visit(name: str, start: float, end: float, counter: str = "quay-1") -> VisitTold:
    return VisitTold(id=name, counter=counter, started_at=minutes(start), ended_at=minutes(end))


def rating(at: float, *visits: str, counter: str = "quay-1") -> RatingTold:
    return RatingTold(id="rating", counter=counter, at=minutes(at), visits=frozenset(visits))


def ticket(event: str, at: float, number: str = "A1", **fields: object) -> TicketTold:
    given = {"counter": "quay-1"} | fields
    return TicketTold(
        id=f"{number}-{event}-{at}",
        number=number,
        event=TicketEvent(event),
        at=minutes(at),
        **given,
    )


def served(number: str, start: float, end: float, counter: str = "quay-1") -> list[TicketTold]:
    return [
        ticket("called", start, number, counter=counter),
        ticket("served", end, number, counter=counter),
    ]


def found(told: DayTold, kind: LinkKind) -> dict[str, tuple[str, ...]]:
    """Return what became of each subject: linked to what by which rule, or why not."""
    return {
        each.subject: (each.object_, str(each.rule))
        if isinstance(each, Link)
        else ("ambiguous" if each.ambiguous else "alone",)
        for each in link_day(told)
        if each.kind is kind
    }


RATINGS = {
    "within two minutes of the end": ([visit("v", 0, 5)], rating(6), ("v", "tapped_after")),
    "while somebody stands there": ([visit("v", 0, 5)], rating(4), ("v", "tapped_during")),
    "later": ([visit("v", 0, 5)], rating(7.1), ("alone",)),
    "before": ([visit("v", 1, 5)], rating(0), ("alone",)),
    "at another counter": ([visit("v", 0, 5, "quay-2")], rating(5), ("alone",)),
    "two fit": ([visit("v", 0, 5), visit("w", 5.5, 9)], rating(6), ("ambiguous",)),
    "a request names one of two": (
        [visit("v", 0, 5), visit("w", 5.5, 9)], rating(6, "v"), ("v", "named"),
    ),
    "a request names one that has not come": ([visit("w", 5, 9)], rating(6, "v"), ("alone",)),
    "requests name two": ([visit("v", 0, 5)], rating(6, "v", "w"), ("ambiguous",)),
}  # fmt: skip


@pytest.mark.parametrize(("visits", "tap", "expected"), RATINGS.values(), ids=RATINGS)
def test_rating_is_linked_with_the_visit_at_its_counter(visits, tap, expected):
    told = DayTold(visits=visits, ratings=[tap])
    assert found(told, LinkKind.RATING_VISIT) == {"rating": expected}


VISITS = {
    "in its turn": (served("A1", 0, 6), [visit("v", 1, 5)], {"v": ("A1", "turn_ended")}),
    "served is never pressed": (
        [ticket("called", 0)], [visit("v", 1, 5)], {"v": ("A1", "turn_open")},
    ),
    "the next call ends a turn": (
        [ticket("called", 0), ticket("called", 6, "A2")],
        [visit("v", 1, 5), visit("w", 7, 9)],
        {"v": ("A1", "turn_open"), "w": ("A2", "turn_open")},
    ),
    "the officer presses before they have gone": (
        served("A1", 0, 4), [visit("v", 1, 5)], {"v": ("A1", "turn_ended")},
    ),
    "nobody came": (
        [ticket("called", 0), ticket("skipped", 1)], [visit("v", 0.2, 3)], {"v": ("alone",)},
    ),
    "held to fill in a form": (
        [ticket("called", 0), ticket("held", 3), ticket("recalled", 9), ticket("served", 15)],
        [visit("v", 1, 3), visit("w", 10, 15)],
        {"v": ("A1", "turn_ended"), "w": ("A1", "turn_ended")},
    ),
    "two people in one turn": (
        served("A1", 0, 12), [visit("v", 1, 5), visit("w", 6, 11)],
        {"v": ("ambiguous",), "w": ("ambiguous",)},
    ),
    "half of one turn and half of the next": (
        [*served("A1", 0, 4), *served("A2", 4, 9)], [visit("v", 2, 6)], {"v": ("ambiguous",)},
    ),
    "called elsewhere": (served("A1", 0, 6, "quay-2"), [visit("v", 1, 5)], {"v": ("alone",)}),
    "without a ticket": ([], [visit("v", 1, 5)], {"v": ("alone",)}),
}  # fmt: skip


@pytest.mark.parametrize(("tickets", "visits", "expected"), VISITS.values(), ids=VISITS)
def test_visit_is_linked_with_the_ticket_in_whose_turn_it_was(tickets, visits, expected):
    told = DayTold(visits=visits, tickets=tickets)
    assert found(told, LinkKind.VISIT_TICKET) == expected


def test_wait_counts_from_the_issue_until_the_first_visit_begins():
    tickets = [
        ticket("issued", -20, counter="terminal"),
        ticket("called", 0), ticket("transferred", 3),
        ticket("called", 9, counter="quay-2"), ticket("served", 15, counter="quay-2"),
        *served("B1", 5, 8),
    ]  # fmt: skip
    visits = [visit("v", 1, 3), visit("w", 10, 15, "quay-2"), visit("x", 5, 8)]
    links = [
        each for each in link_day(DayTold(visits=visits, tickets=tickets)) if isinstance(each, Link)
    ]
    assert {each.subject: each.waited_s for each in links} == {"v": 21 * 60, "w": None, "x": None}


DOSSIERS = {
    "the ticket names it": (
        [ticket("served", 6, dossier="H1")], [DossierTold(code="H1")], {("A1", "H1", "named")},
    ),
    "the dossier names the ticket": (
        served("A1", 0, 6), [DossierTold(code="H1", number="A1")],
        {("A1", "H1", "number_of_the_day")},
    ),
    "both, and a second one": (
        [ticket("served", 6, dossier="H1")],
        [DossierTold(code="H1", number="A1"), DossierTold(code="H2", number="A1")],
        {("A1", "H1", "named"), ("A1", "H2", "number_of_the_day")},
    ),
    "it is not known": ([ticket("served", 6, dossier="H1")], [], set()),
}  # fmt: skip


@pytest.mark.parametrize(("tickets", "dossiers", "expected"), DOSSIERS.values(), ids=DOSSIERS)
def test_ticket_is_linked_with_the_dossiers_that_one_of_them_names(tickets, dossiers, expected):
    links = link_day(DayTold(tickets=tickets, dossiers=dossiers))
    assert {
        (each.subject, each.object_, str(each.rule)) for each in links if isinstance(each, Link)
    } == expected


def test_rating_is_linked_with_the_dossier_of_its_visits_ticket():
    told = DayTold(
        visits=[visit("v", 1, 5)],
        ratings=[rating(5.5)],
        tickets=served("A1", 0, 6),
        dossiers=[DossierTold(code="H1", number="A1")],
        online=[OnlineRating(id="H2/7", dossier="H2", at=minutes(0))],
    )
    links = {
        each.subject: each
        for each in link_day(told)
        if isinstance(each, Link) and each.kind is LinkKind.RATING_DOSSIER
    }
    assert {subject: (link.object_, link.rule) for subject, link in links.items()} == {
        "rating": ("H1", Rule.CHAIN),
        "H2/7": ("H2", Rule.ONLINE),
    }
    rules = (Rule.TAPPED_AFTER, Rule.TURN_ENDED, Rule.NUMBER_OF_THE_DAY)
    one, two, three = (CONFIDENCE[rule] for rule in rules)
    assert links["rating"].confidence == pytest.approx(one * two * three)


def test_rating_of_a_ticket_with_two_dossiers_is_ambiguous():
    told = DayTold(
        visits=[visit("v", 1, 5)],
        ratings=[rating(5.5)],
        tickets=served("A1", 0, 6),
        dossiers=[DossierTold(code=code, number="A1") for code in ("H1", "H2")],
    )
    assert found(told, LinkKind.RATING_DOSSIER) == {"rating": ("ambiguous",)}


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_links_do_not_depend_on_the_order_in_which_things_are_told(seed, order):
    day = simulate(random.Random(seed), counters=1)
    orderly = link_day(day.told)
    for told in (day.visits, day.ratings, day.tickets):
        order.shuffle(told)
    assert link_day(day.told) == orderly


def test_links_are_right_at_least_as_often_as_their_confidence_says():
    right: Counter[Rule] = Counter()
    linked: Counter[Rule] = Counter()
    unlinked: Counter[str] = Counter()
    subjects = 0
    for seed in range(10):
        day = simulate(random.Random(seed), counters=10)
        for each in link_day(day.told):
            if each.kind not in (LinkKind.RATING_VISIT, LinkKind.VISIT_TICKET):
                continue
            subjects += 1
            if isinstance(each, Unlinked):
                unlinked["ambiguous" if each.ambiguous else "alone"] += 1
                continue
            linked[each.rule] += 1
            right[each.rule] += day.truth.get((each.kind, each.subject)) == each.object_
    for rule in (Rule.TAPPED_DURING, Rule.TAPPED_AFTER, Rule.TURN_ENDED, Rule.TURN_OPEN):
        assert linked[rule] > 300
        assert right[rule] / linked[rule] >= CONFIDENCE[rule], rule
    assert sum(linked.values()) / subjects > 0.7, unlinked
