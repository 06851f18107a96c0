"""Messages to bytes and back; what cannot be understood is refused with its name and reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

import msgspec

from contract.errors import (
    DeviceMismatch,
    InvalidField,
    MalformedPayload,
    PayloadTooLarge,
    UnsupportedSchema,
)
from contract.messages import Message
from contract.topics import STREAMS, Address, Stream

MAX_PAYLOAD_BYTES = 128 * 1024
"""Largest payload that is read; an ack of 2,000 identifiers has about 78 kB."""


_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Identity(msgspec.Struct, frozen=True):
    id: UUID


class _Version(msgspec.Struct, frozen=True):
    schema: int


_ENCODER = msgspec.json.Encoder()
_IDENTITY = msgspec.json.Decoder(_Identity)
_VERSION = msgspec.json.Decoder(_Version)
_DECODERS: Mapping[Stream, msgspec.json.Decoder[Message]] = MappingProxyType(
    {stream: msgspec.json.Decoder(spec.message) for stream, spec in STREAMS.items()}
)


def encode(message: Message) -> bytes:
    """Return `message` as UTF-8 JSON; fields at their default are left out."""
    return _ENCODER.encode(message)


def decode(stream: Stream, payload: bytes, *, address: Address | None = None) -> Message:
    """Return the message of `stream` in `payload`; unknown fields are ignored.

    With `address` the envelope must name that device. Raises a `MessageError` that says what is
    wrong: PayloadTooLarge, MalformedPayload, UnsupportedSchema, InvalidField, DeviceMismatch.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLarge(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES} are read")
    try:
        message = _DECODERS[stream].decode(payload)
    except msgspec.ValidationError as error:
        _refuse_other_version(stream, payload)
        raise InvalidField(f"{stream}: {error}") from error
    except _UNREADABLE as error:
        raise MalformedPayload(f"{stream}: not UTF-8 JSON: {error}") from error
    if message.schema != STREAMS[stream].version:
        _refuse_other_version(stream, payload)
    if address is not None and message.device != address.device:
        raise DeviceMismatch(
            f"{stream}: message of {message.device!r} on topic of {address.device!r}"
        )
    return message


def decode_identity(payload: bytes) -> UUID | None:
    """Return the `id` of a message that could not be understood, where it still has one."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        return None
    try:
        return _IDENTITY.decode(payload).id
    except _UNREADABLE:
        return None


def _refuse_other_version(stream: Stream, payload: bytes) -> None:
    """Raise UnsupportedSchema when the payload declares another version than ours."""
    try:
        version = _VERSION.decode(payload).schema
    except _UNREADABLE:
        return
    supported = STREAMS[stream].version
    if version != supported:
        raise UnsupportedSchema(f"{stream}: schema {version}; this release reads {supported}")
