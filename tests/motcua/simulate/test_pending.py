"""What a simulated device keeps: nothing is forgotten before it is acknowledged."""

from __future__ import annotations

from uuid import UUID

from motcua.simulate import pending as module
from motcua.simulate.pending import PendingMessage, PendingMessages


def _messages(count: int) -> list[PendingMessage]:
    return [PendingMessage(id=UUID(int=n), topic="t", payload=b"") for n in range(count)]


def _filled(count: int, *, window: int = 100) -> tuple[PendingMessages, list[PendingMessage]]:
    pending, messages = PendingMessages(window=window, resend_after_s=20.0), _messages(count)
    for message in messages:
        pending.add(message)
    return pending, messages


def test_messages_leave_in_order_and_only_as_many_as_the_window() -> None:
    pending, messages = _filled(5, window=2)
    assert pending.take(0.0) == messages[:2]
    assert pending.take(0.0) == []
    assert pending.acknowledge([messages[0].id]) == 1
    assert pending.take(0.0) == [messages[2]]
    assert len(pending) == 4


def test_unacknowledged_messages_are_sent_again_first() -> None:
    pending, messages = _filled(3, window=2)
    pending.take(0.0)
    pending.acknowledge([messages[0].id])
    pending.take(10.0)
    assert pending.take(19.9) == []
    assert pending.take(20.0) == [messages[1]]
    assert pending.resent == 1


def test_broken_connection_sends_everything_again_in_order() -> None:
    pending, messages = _filled(4, window=3)
    pending.take(0.0)
    pending.recall_all()
    assert pending.take(1.0) == messages[:3]


def test_late_or_foreign_acknowledgements_do_no_harm() -> None:
    pending, messages = _filled(2)
    pending.take(0.0)
    pending.recall_all()
    assert pending.acknowledge([messages[0].id, messages[0].id, UUID(int=99)]) == 1
    assert pending.take(1.0) == [messages[1]]


def test_full_store_drops_the_oldest_and_counts_it(monkeypatch) -> None:
    monkeypatch.setattr(module, "CAPACITY", 3)
    pending, messages = _filled(5)
    assert pending.dropped == 2
    assert pending.take(0.0) == messages[2:]
