"""Recognises two units with one identity: their heartbeats alternate. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contract.messages import DeviceStatus, Health
from contract.topics import Address

SHARED_AFTER = 2
"""So often one that had been followed by another was heard again: a restart never comes back."""

SHARED_FOR_S = 600.0
"""For this long after the last time; the two may take turns of half a minute."""

_REMEMBERED = 8


@dataclass(slots=True, kw_only=True)
class _Speakers:
    """Who spoke as one device: address by run, or by session where a device names no run."""

    addresses: dict[UUID, str] = field(default_factory=dict)
    newest: dict[UUID, datetime] = field(default_factory=dict)
    last: UUID | None = None
    returns: int = 0
    returned_s: float = -math.inf


class IdentityWatch:
    """Follows the heartbeats of all devices."""

    def __init__(self) -> None:
        self._devices: dict[Address, _Speakers] = {}

    def note(self, address: Address, message: Health, received_s: float) -> None:
        """Take note of a heartbeat that the broker did not keep for us."""
        if message.status is not DeviceStatus.ONLINE:
            return
        speakers = self._devices.setdefault(address, _Speakers())
        speaker = message.run or message.session
        known_at = speakers.newest.get(speaker)
        if known_at is not None and message.observed_at <= known_at:
            return  # it comes a second time, as after a broker's crash
        speakers.newest[speaker] = message.observed_at
        if speakers.last not in (None, speaker) and speaker in speakers.addresses:
            fresh = received_s - speakers.returned_s > SHARED_FOR_S
            speakers.returns = 1 if fresh else speakers.returns + 1
            speakers.returned_s = received_s
        speakers.addresses.pop(speaker, None)
        speakers.addresses[speaker] = message.local_address or ""
        speakers.last = speaker
        while len(speakers.addresses) > _REMEMBERED:
            oldest = next(iter(speakers.addresses))
            del speakers.addresses[oldest], speakers.newest[oldest]

    def shared(self, now_s: float) -> Mapping[Address, tuple[str, ...]]:
        """Return the devices that two units say they are, with the addresses that are known."""
        return {
            address: tuple(sorted({known for known in speakers.addresses.values() if known}))
            for address, speakers in self._devices.items()
            if speakers.returns >= SHARED_AFTER and now_s - speakers.returned_s <= SHARED_FOR_S
        }
