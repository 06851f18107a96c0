"""A simulated device's store: nothing is forgotten before it is acknowledged."""

from __future__ import annotations

from uuid import UUID

from motcua.simulate import store as store_module
from motcua.simulate.store import Parcel, Store


def _parcels(count: int) -> list[Parcel]:
    return [Parcel(id=UUID(int=n), topic="t", payload=b"") for n in range(count)]


def _filled(count: int, *, window: int = 100) -> tuple[Store, list[Parcel]]:
    store, parcels = Store(window=window, resend_after_s=20.0), _parcels(count)
    for parcel in parcels:
        store.add(parcel)
    return store, parcels


def test_parcels_leave_in_order_and_only_as_many_as_the_window() -> None:
    store, parcels = _filled(5, window=2)
    assert store.take(0.0) == parcels[:2]
    assert store.take(0.0) == []
    assert store.acknowledge([parcels[0].id]) == 1
    assert store.take(0.0) == [parcels[2]]
    assert len(store) == 4


def test_unacknowledged_parcels_are_sent_again_first() -> None:
    store, parcels = _filled(3, window=2)
    store.take(0.0)
    store.acknowledge([parcels[0].id])
    store.take(10.0)
    assert store.take(19.9) == []
    assert store.take(20.0) == [parcels[1]]
    assert store.resent == 1


def test_broken_connection_sends_everything_again_in_order() -> None:
    store, parcels = _filled(4, window=3)
    store.take(0.0)
    store.recall_all()
    assert store.take(1.0) == parcels[:3]


def test_late_or_foreign_acknowledgements_do_no_harm() -> None:
    store, parcels = _filled(2)
    store.take(0.0)
    store.recall_all()
    assert store.acknowledge([parcels[0].id, parcels[0].id, UUID(int=99)]) == 1
    assert store.take(1.0) == [parcels[1]]


def test_full_store_drops_the_oldest_and_counts_it(monkeypatch) -> None:
    monkeypatch.setattr(store_module, "CAPACITY", 3)
    store, parcels = _filled(5)
    assert store.dropped == 2
    assert store.take(0.0) == parcels[2:]
