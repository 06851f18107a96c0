"""How deliveries become batches, and what holds them back."""

from __future__ import annotations

import threading

from server.ingest.deliveries import Delivery, DeliveryQueue
from server.ingest.settings import IngestSettings
from tests.waiting import eventually


def delivery(number: int, size: int = 10) -> Delivery:
    return ("topic", b"x" * size, number, 1, 1)


def queue(**settings: object) -> DeliveryQueue:
    return DeliveryQueue(IngestSettings(**settings))


def packets(batch: list[Delivery]) -> list[int]:
    return [entry[2] for entry in batch]


def test_batch_has_at_most_so_many_messages_in_order():
    waiting = queue(batch_messages=3)
    for number in range(5):
        waiting.put(delivery(number))
    assert packets(waiting.collect(1)) == [0, 1, 2]
    assert packets(waiting.collect(1)) == [3, 4]
    assert waiting.collect(0.01) == []


def test_batch_ends_with_the_message_that_fills_its_bytes():
    waiting = queue(batch_bytes=1_000)
    for number, size in enumerate((400, 400, 400, 5_000, 10)):
        waiting.put(delivery(number, size))
    assert packets(waiting.collect(1)) == [0, 1, 2]
    assert packets(waiting.collect(1)) == [3]
    assert packets(waiting.collect(1)) == [4]


def test_full_inbox_holds_the_network_back_until_there_is_room():
    waiting = queue(pending_messages=2, batch_messages=1)
    waiting.put(delivery(0))
    blocked = threading.Thread(target=waiting.put, args=(delivery(1),))
    blocked.start()
    assert packets(waiting.collect(1)) == [0]
    eventually(lambda: not blocked.is_alive())
    assert packets(waiting.collect(1)) == [1]


def test_stop_wakes_both_sides():
    waiting = queue(pending_messages=1)
    blocked = threading.Thread(target=waiting.put, args=(delivery(0),))
    blocked.start()
    waiting.stop()
    blocked.join(10)
    assert not blocked.is_alive()
    assert packets(waiting.collect(60)) == [0]
    assert waiting.collect(60) == []
