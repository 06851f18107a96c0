"""
What the contract can refuse.

* ContractError
  x TopicError           the topic is not motcua/v1/{unit}/{counter}/{device}/{stream}
  x MessageError
    + PayloadTooLarge    more bytes than any message of ours may have
    + MalformedPayload   not UTF-8 JSON
    + InvalidField       a field is missing or wrong; the text names it
    + UnsupportedSchema  a version this release does not read
    + DeviceMismatch     the envelope names another device than the topic
  x ManifestError        a model manifest is incomplete or contradicts itself
  x ModelIndexError      a mirror's index of models cannot be read
"""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why a message was refused, as stored in quarantine."""

    TOPIC = "topic"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    INVALID_FIELD = "invalid_field"
    UNSUPPORTED_SCHEMA = "unsupported_schema"
    DEVICE_MISMATCH = "device_mismatch"
    FUTURE = "future"
    TOO_OLD = "too_old"
    REJECTED_BY_DATABASE = "rejected_by_database"


class ContractError(Exception):
    """Base of everything the contract refuses."""


class TopicError(ContractError):
    """The topic is not one of ours."""

    refusal = Refusal.TOPIC


class MessageError(ContractError):
    """The payload cannot be understood; `refusal` is the machine-readable reason."""

    refusal = Refusal.MALFORMED


class PayloadTooLarge(MessageError):
    """The payload has more bytes than `codec.MAX_PAYLOAD_BYTES`."""

    refusal = Refusal.TOO_LARGE


class MalformedPayload(MessageError):
    """The payload is not UTF-8 JSON."""

    refusal = Refusal.MALFORMED


class InvalidField(MessageError):
    """A field is missing, of the wrong type or out of its range."""

    refusal = Refusal.INVALID_FIELD


class UnsupportedSchema(MessageError):
    """The message declares a schema version that this release does not read."""

    refusal = Refusal.UNSUPPORTED_SCHEMA


class DeviceMismatch(MessageError):
    """The envelope names another device than the topic it arrived on."""

    refusal = Refusal.DEVICE_MISMATCH


class ManifestError(ContractError):
    """A model manifest is incomplete or contradicts itself."""


class ModelIndexError(ContractError):
    """A mirror's index of models cannot be read."""
