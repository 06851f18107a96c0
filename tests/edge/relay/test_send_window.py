"""The window of messages under way: nothing is skipped, sent out of order, or forgotten early."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.topics import Stream
from edge.relay.send_window import HELD_RETRY_S, InFlight, SendWindow
from edge.store.outbox import OutboxRow


def row(seq: int) -> OutboxRow:
    return OutboxRow(seq=seq, id=UUID(int=seq), stream=Stream.RATING, payload=b"{}")


def rows(*seqs: int) -> list[OutboxRow]:
    return [row(seq) for seq in seqs]


def test_no_more_is_sent_than_fits() -> None:
    window, sent = SendWindow(size=3).send(rows(1, 2, 3, 4), now_s=0)
    assert sent == rows(1, 2, 3)
    assert window.room == 0
    assert window.after_seq == 3


def test_what_is_under_way_is_not_sent_twice() -> None:
    window, _ = SendWindow(size=5).send(rows(1, 2), now_s=0)
    assert window.send(rows(1, 2, 3), now_s=1)[1] == rows(3)


def test_confirmed_messages_make_room_and_strangers_do_not() -> None:
    window, _ = SendWindow(size=2).send(rows(1, 2), now_s=0)
    assert window.confirm([UUID(int=99)]).room == 0
    window = window.confirm([UUID(int=2)])
    assert window.room == 1
    assert window.after_seq == 1


@pytest.mark.parametrize(
    ("attempts", "timeout_s"), [(1, 10), (2, 20), (3, 40), (4, 60), (5, 60), (5000, 60)]
)
def test_each_attempt_waits_longer_up_to_a_minute(attempts: int, timeout_s: float) -> None:
    assert InFlight(row=row(1), sent_s=100, attempts=attempts).due_s == 100 + timeout_s


def test_overdue_messages_are_sent_again_in_order() -> None:
    window, _ = SendWindow().send(rows(1, 2), now_s=0)
    window, _ = window.send(rows(3), now_s=5)
    assert window.resend(9.9)[1] == []
    window, again = window.resend(10)
    assert again == rows(1, 2)
    assert window.resend(15)[1] == rows(3)
    assert window.resend(29)[1] == rows(3)
    assert window.resend(30)[1] == rows(1, 2, 3)


class Outbox:
    """The least that a relay sees of an outbox."""

    def __init__(self) -> None:
        self.rows: list[OutboxRow] = []
        self.last_seq = 0

    def append(self) -> None:
        self.last_seq += 1
        self.rows.append(row(self.last_seq))

    def waiting(self, limit: int, after_seq: int) -> list[OutboxRow]:
        return [row for row in self.rows if row.seq > after_seq][:limit]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 4)),
        st.tuples(st.just("confirm"), st.integers(0, 20)),
        st.tuples(st.just("wait"), st.integers(1, 70)),
        st.tuples(st.just("reconnect"), st.just(0)),
    ),
    max_size=60,
)


@given(size=st.integers(1, 6), steps=STEPS)
def test_every_message_is_delivered_whatever_happens(
    size: int, steps: list[tuple[str, int]]
) -> None:
    outbox, window, now_s = Outbox(), SendWindow(size=size), 0.0
    delivered: set[UUID] = set()

    def pump(window: SendWindow) -> SendWindow:
        window, overdue = window.resend(now_s)
        assert overdue == sorted(overdue, key=lambda row: row.seq)
        before = window.after_seq
        window, fresh = window.send(outbox.waiting(window.room, window.after_seq), now_s)
        assert [row.seq for row in fresh] == sorted(row.seq for row in fresh)
        assert all(row.seq > before for row in fresh)
        assert len(window.in_flight) <= size
        delivered.update(row.id for row in overdue + fresh)
        return window

    for step, amount in steps:
        if step == "append":
            for _ in range(amount):
                outbox.append()
        elif step == "confirm":
            done = [identity for identity in window.in_flight if identity.int % 21 >= amount]
            assert set(done) <= delivered, "the server can only confirm what it was sent"
            outbox.rows = [row for row in outbox.rows if row.id not in done]
            window = window.confirm(done)
        elif step == "wait":
            now_s += amount
        else:
            window = SendWindow(size=size)
        window = pump(window)

    for _ in range(outbox.last_seq + 1):
        done = list(window.in_flight)
        outbox.rows = [row for row in outbox.rows if row.id not in done]
        window = pump(window.confirm(done))
    assert outbox.rows == []
    assert len(delivered) == outbox.last_seq


def test_messages_that_the_server_holds_make_room_and_are_sent_again_later() -> None:
    window, _ = SendWindow(size=2).send(rows(1, 2), now_s=0)
    window = window.hold([UUID(int=1), UUID(int=2), UUID(int=99)], now_s=1)
    assert window.room == 2
    assert not window.awaits_answer
    window, sent = window.send(rows(3, 4, 5), now_s=1)
    assert sent == rows(3, 4)
    window = window.confirm([UUID(int=3)])
    assert window.resend(HELD_RETRY_S)[1] == rows(4)
    window, again = window.confirm([UUID(int=4)]).resend(HELD_RETRY_S + 1)
    assert again == rows(1, 2)
    assert window.room == 0


def test_no_more_of_what_is_held_is_sent_again_than_fits() -> None:
    window = SendWindow(size=2)
    for seq in (1, 2, 3):
        window, _ = window.send(rows(seq), now_s=0)
        window = window.hold([UUID(int=seq)], now_s=0)
    assert window.resend(HELD_RETRY_S)[1] == rows(1, 2)
