"""Picks the heartbeats out of what came, for the watches on clocks and identities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

from contract.codec import decode
from contract.errors import ContractError
from contract.messages import Health
from contract.readings import ClockTrust
from contract.topics import Stream
from server.devices.clocks import ServerClock
from server.ingest.batch import Times
from server.ingest.clocks import ClockWatch
from server.ingest.decoding import route_of
from server.ingest.deliveries import Delivery
from server.ingest.identities import IdentityWatch

_ENDING = f"/{Stream.HEALTH}"


class WallClock:
    """The clock of the machine that ingest runs on."""

    def now(self) -> datetime:
        """Return its time, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watches:
    """What heartbeats tell beside their figures: devices' clocks, the server's own, identities."""

    wall: WallClock
    clocks: ClockWatch = field(default_factory=ClockWatch)
    identities: IdentityWatch = field(default_factory=IdentityWatch)

    def note(self, deliveries: Iterable[Delivery]) -> None:
        """Take note of the heartbeats in `deliveries` that the broker had not retained."""
        for topic, payload, _, _, _, received_s in deliveries:
            if received_s is None or not topic.endswith(_ENDING):
                continue
            try:
                address = route_of(topic).address
                message = decode(Stream.HEALTH, payload, address=address)
            except ContractError:
                continue  # it is refused, with its reason, by whoever decodes the batch
            if isinstance(message, Health):
                self.clocks.note(address, message, received_s)
                self.identities.note(address, message, received_s)

    def server_clock(self) -> ServerClock:
        """Return what the devices say of the server's clock at this moment."""
        return self.clocks.server_clock(self.wall.now(), monotonic())

    def suspicious(self) -> bool:
        """Return whether the server's clock is suspect at this moment."""
        return self.server_clock().state is ClockTrust.SUSPECT

    def times(self) -> Times:
        """Return the times by which messages that are received now are judged."""
        now, now_s = self.wall.now(), monotonic()
        clock = self.clocks.server_clock(now, now_s)
        return Times(
            received_at=now,
            offsets_s=self.clocks.offsets_s(now, now_s),
            confirmed=clock.state is ClockTrust.CONFIRMED,
        )
