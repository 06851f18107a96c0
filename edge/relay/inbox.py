"""What the server sends to the unit: acknowledgements, settings, commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from contract.codec import decode
from contract.errors import ContractError
from contract.messages import Ack, Command, CommandName, Config, Message
from contract.topics import Address, parse_topic
from edge.outbox import Outbox

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a message from the server means for the courier."""

    confirmed: tuple[UUID, ...] = ()
    health_wanted: bool = False


class Inbox:
    """Applies the server's messages to the store; what cannot be understood is logged."""

    def __init__(self, outbox: Outbox, address: Address) -> None:
        self._outbox = outbox
        self._address = address

    def receive(self, topic: str, payload: bytes, *, now: datetime) -> Receipt:
        """Apply one message and return what follows from it; raises StoreError."""
        try:
            address, stream = parse_topic(topic)
            message = decode(stream, payload, address=address)
        except ContractError as error:
            log.warning("downstream_refused", topic=topic, reason=str(error))
            return Receipt()
        if address != self._address:
            log.warning("downstream_refused", topic=topic, reason="it is for another device")
            return Receipt()
        return self._apply(message, now)

    def _apply(self, message: Message, now: datetime) -> Receipt:
        match message:
            case Ack():
                return self._forget(message)
            case Config():
                if self._outbox.put_config(message):
                    log.info("config_stored", version=message.version)
                return Receipt()
            case Command():
                return self._obey(message, now)
            case _:
                log.warning("downstream_refused", reason=f"{type(message).__name__} is upstream")
                return Receipt()

    def _forget(self, ack: Ack) -> Receipt:
        for identity in ack.quarantined:
            log.warning("message_quarantined_by_server", id=str(identity))
        confirmed = ack.ids + ack.quarantined
        self._outbox.delete(confirmed)
        return Receipt(confirmed=confirmed)

    def _obey(self, command: Command, now: datetime) -> Receipt:
        if not self._outbox.put_command(command, now=now):
            log.info("command_ignored", name=command.name, id=str(command.id))
            return Receipt()
        log.info("command_accepted", name=command.name, id=str(command.id))
        return Receipt(health_wanted=command.name is CommandName.REPORT_HEALTH)
