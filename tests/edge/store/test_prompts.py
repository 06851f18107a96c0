"""Requests for a rating: one a visit, answered once, told once, whenever the power goes."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from contract.codec import decode
from contract.identifiers import derived_id, new_id
from contract.messages import Prompt, PromptEvent, PromptOpener, Rating
from edge.kiosk.app import make_presentation
from edge.kiosk.presentation import Presentation
from edge.kiosk.ratings import Tap
from edge.sections import KioskSettings
from edge.store.outbox import Outbox
from edge.store.prompts import PromptBook

AT = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
HERE = "counter-1"
FIRST, SECOND = (derived_id(AT, "visit", number) for number in (1, 2))


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "edge.sqlite3"


@pytest.fixture
def outbox(path: Path, connections: list[sqlite3.Connection]) -> Iterator[Outbox]:
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        yield outbox


@pytest.fixture
def shown(outbox: Outbox) -> Presentation:
    return make_presentation(outbox, device="edge-1", settings=KioskSettings())


@pytest.fixture
def book(shown: Presentation) -> PromptBook:
    return shown.book


def open_for(book: PromptBook, visit: UUID | None, seconds: float, **options: object) -> None:
    book.open(
        HERE,
        PromptOpener.VISIT_END,
        now=after(seconds),
        expires_at=after(seconds + 45),
        visit=visit,
        **options,  # type: ignore[arg-type]
    )


def show(book: PromptBook, seconds: float) -> UUID:
    pending = book.pending(HERE, now=after(seconds))
    assert pending is not None
    book.show(pending.id, now=after(seconds))
    return pending.id


def tap(shown: Presentation, seconds: float, score: int = 5) -> Rating:
    return shown.ratings.rate(Tap(id=new_id(after(seconds)), score=score), now=after(seconds))


def sent(outbox: Outbox) -> list[tuple[PromptEvent, UUID | None, UUID | None]]:
    messages = [decode(row.stream, row.payload) for row in outbox.waiting(100)]
    return [(m.event, m.visit, m.rating) for m in messages if isinstance(m, Prompt)]


def test_rating_carries_the_visit_whose_request_it_answers(shown, book, outbox):
    open_for(book, FIRST, 0)
    show(book, 1)
    show(book, 1.5)
    rating = tap(shown, 5)
    assert rating.visit == FIRST
    assert book.pending(HERE, now=after(6)) is None
    assert sent(outbox) == [(PromptEvent.SHOWN, FIRST, None)]
    book.settle(now=after(21))
    book.settle(now=after(22))
    assert sent(outbox)[1:] == [(PromptEvent.ANSWERED, FIRST, rating.id)]


def test_a_request_is_never_answered_for_two_visits(shown, book, outbox):
    open_for(book, FIRST, 0)
    show(book, 1)
    open_for(book, SECOND, 20)
    assert sent(outbox) == [(PromptEvent.SHOWN, FIRST, None), (PromptEvent.TIMED_OUT, FIRST, None)]
    show(book, 21)
    assert tap(shown, 22).visit == SECOND
    assert tap(shown, 25).visit == SECOND
    second = tap(shown, 26)
    assert [str(one) for one in second.suspect] == ["several"]


def test_a_rated_visit_is_not_asked_about_again_and_a_silent_one_is_by_the_same_request(
    shown, book, outbox
):
    open_for(book, FIRST, 0)
    first = show(book, 1)
    book.settle(now=after(46))
    assert sent(outbox)[-1][0] is PromptEvent.TIMED_OUT
    open_for(book, FIRST, 60)
    assert show(book, 61) == first
    assert [event for event, *_ in sent(outbox)].count(PromptEvent.SHOWN) == 1
    tap(shown, 62)
    open_for(book, FIRST, 70)
    assert book.pending(HERE, now=after(71)) is None


@pytest.mark.parametrize(
    ("seen", "skipped", "events"),
    [
        (False, False, []),
        (True, False, [PromptEvent.SHOWN, PromptEvent.TIMED_OUT]),
        (True, True, [PromptEvent.SHOWN, PromptEvent.SKIPPED]),
    ],
)
def test_what_was_never_shown_is_not_told(book, outbox, seen, skipped, events):
    open_for(book, FIRST, 0)
    if seen:
        identity = show(book, 1)
        if skipped:
            book.skip(identity, now=after(2))
    book.settle(now=after(46))
    assert [event for event, *_ in sent(outbox)] == events


def test_rating_taken_back_is_asked_for_again_and_the_answer_is_the_last_one(shown, book, outbox):
    open_for(book, FIRST, 0)
    show(book, 1)
    wrong = tap(shown, 5, score=1)
    back = shown.ratings.withdraw(wrong, now=after(9))
    assert (back.amends, back.withdrawn) == (wrong.id, True)
    assert shown.ratings.withdraw(wrong, now=after(10)) == back, "a retry is not stored again"
    right = tap(shown, 12)
    assert (right.visit, right.suspect) == (FIRST, ())
    book.settle(now=after(40))
    assert sent(outbox)[-1] == (PromptEvent.ANSWERED, FIRST, right.id)
    assert len(sent(outbox)) == 2


def test_rating_cannot_be_taken_back_later(shown):
    rating = tap(shown, 0)
    with pytest.raises(ValueError, match="ten seconds"):
        shown.ratings.withdraw(rating, now=after(16))


def test_unit_marks_a_burst_from_its_last_tap_on(shown):
    marked = [[str(one) for one in tap(shown, at).suspect] for at in (0, 9, 21, 28, 42, 55)]
    assert marked == [[]] * 5 + [["burst"]]


def snapshots(path: Path, connection: sqlite3.Connection, work: Callable[[], object]) -> list[Path]:
    """Return the store as it was before each statement of `work`, as a killed process leaves it."""
    found: list[Path] = []

    def keep(_statement: str) -> None:
        folder = path.parent / f"cut-{len(found)}"
        folder.mkdir()
        for suffix in ("", "-wal"):
            source = path.with_name(path.name + suffix)
            if source.exists():
                shutil.copy(source, folder / source.name)
        found.append(folder / path.name)

    connection.set_trace_callback(keep)
    work()
    connection.set_trace_callback(None)
    keep("")
    return found


def test_power_cut_at_any_statement_leaves_request_and_rating_together(
    path, outbox, shown, book, connections
):
    open_for(book, FIRST, 0)
    show(book, 1)
    given: list[Rating] = []
    cuts = snapshots(path, connections[0], lambda: given.append(tap(shown, 5)))
    assert len(cuts) > 10
    states = []
    for cut in cuts:
        with Outbox.open(cut, max_rows=1000, reserve_mb=0) as after_cut:
            again = make_presentation(after_cut, device="edge-1", settings=KioskSettings())
            stored = after_cut.rating(given[0].id) is not None
            pending = again.book.pending(HERE, now=after(6)) is not None
            assert stored != pending
            if not stored:  # the page tries again
                retried = again.ratings.rate(Tap(id=given[0].id, score=5), now=after(7))
                assert retried.visit == FIRST
            again.book.settle(now=after(60))
            answers = [event for event, *_ in sent(after_cut)]
            assert answers == [PromptEvent.SHOWN, PromptEvent.ANSWERED]
            states.append(stored)
    assert states == sorted(states)
    assert states[-1]
