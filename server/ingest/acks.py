"""Tells devices which of their messages are committed, so that they may forget them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from contract.codec import encode
from contract.messages import Ack
from contract.topics import STREAMS, Address, Stream
from server.ingest.batch import Batch, Refused, Route

MAX_IDS = 2_000
"""As many as the contract's Ack holds in each of its two lists."""


def publish_acks(
    batch: Batch, committed_at: datetime, publish: Callable[[str, bytes], None]
) -> None:
    """Publish one Ack per device that has messages in the committed `batch`."""
    ids = _accepted_ids(batch)
    quarantined, held = _ids_of(batch.refused), _ids_of(batch.held)
    for address in ids.keys() | quarantined.keys() | held.keys():
        ack = Ack(
            schema=STREAMS[Stream.ACK].version,
            device=address.device,
            committed_at=committed_at,
            ids=tuple(ids.get(address, ())[:MAX_IDS]),
            quarantined=tuple(quarantined.get(address, ())[:MAX_IDS]),
            held=tuple(held.get(address, ())[:MAX_IDS]),
        )
        publish(address.topic(Stream.ACK), encode(ack))


def _accepted_ids(batch: Batch) -> dict[Address, list[UUID]]:
    by_route: dict[Route, list[UUID]] = {}
    for route, message, _ in batch.accepted:
        found = by_route.get(route)
        if found is None:
            found = by_route[route] = []
        found.append(message.id)
    by_address: dict[Address, list[UUID]] = {}
    for route, found in by_route.items():
        by_address.setdefault(route.address, []).extend(found)
    return by_address


def _ids_of(entries: Iterable[Refused]) -> dict[Address, list[UUID]]:
    by_address: dict[Address, list[UUID]] = {}
    for refused in entries:
        if refused.address is not None and refused.message is not None:
            by_address.setdefault(refused.address, []).append(refused.message)
    return by_address
