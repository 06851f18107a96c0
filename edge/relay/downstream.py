"""What the server sends to the device: acknowledgements, settings, commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from contract.codec import decode
from contract.errors import ContractError
from contract.messages import Ack, Command, CommandName, Config, Message
from contract.topics import Address, parse_topic
from edge.store.outbox import Outbox

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class DownstreamResult:
    """What a message from the server means for the relay."""

    confirmed: tuple[UUID, ...] = ()
    held: tuple[UUID, ...] = ()
    health_wanted: bool = False


class DownstreamHandler:
    """Applies the server's messages to the store; what cannot be understood is logged."""

    def __init__(self, outbox: Outbox, address: Address) -> None:
        self._outbox = outbox
        self._address = address

    def handle(self, topic: str, payload: bytes, *, now: datetime) -> DownstreamResult:
        """Apply one message and return what follows from it; raises StoreError."""
        try:
            address, stream = parse_topic(topic)
            message = decode(stream, payload, address=address)
        except ContractError as error:
            log.warning("downstream_refused", topic=topic, reason=str(error))
            return DownstreamResult()
        if address != self._address:
            log.warning("downstream_refused", topic=topic, reason="it is for another device")
            return DownstreamResult()
        return self._apply(message, now)

    def _apply(self, message: Message, now: datetime) -> DownstreamResult:
        match message:
            case Ack():
                return self._delete(message)
            case Config():
                if self._outbox.put_config(message):
                    log.info("config_stored", version=message.version)
                return DownstreamResult()
            case Command():
                return self._accept(message, now)
            case _:
                log.warning("downstream_refused", reason=f"{type(message).__name__} is upstream")
                return DownstreamResult()

    def _delete(self, ack: Ack) -> DownstreamResult:
        for identity in ack.quarantined:
            log.warning("message_quarantined_by_server", id=str(identity))
        confirmed = ack.ids + ack.quarantined
        self._outbox.delete(confirmed)
        return DownstreamResult(confirmed=confirmed, held=ack.held)

    def _accept(self, command: Command, now: datetime) -> DownstreamResult:
        if not self._outbox.put_command(command, now=now):
            log.info("command_ignored", name=command.name, id=str(command.id))
            return DownstreamResult()
        log.info("command_accepted", name=command.name, id=str(command.id))
        return DownstreamResult(health_wanted=command.name is CommandName.REPORT_HEALTH)
