"""Audit entries as values, and their digests. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What was done or seen."""

    ACCOUNT_ADDED = "account_added"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_RESET = "account_reset"
    ALERT_RULE_CHANGED = "alert_rule_changed"
    ALERT_SENT_AGAIN = "alert_sent_again"
    ALERT_STEP = "alert_step"
    ANNOTATION_ADDED = "annotation_added"
    ANNOTATION_REMOVED = "annotation_removed"
    APPRAISAL_OPENED = "appraisal_opened"
    APPRAISAL_STEP = "appraisal_step"
    APPRAISER_CHANGED = "appraiser_changed"
    AUDIT_EXPORTED = "audit_exported"
    AUDIT_READ = "audit_read"
    BRIEF_ENDED = "brief_ended"
    BRIEF_SENT = "brief_sent"
    BRIEF_SUBSCRIBED = "brief_subscribed"
    CLOSINGS_RESUMED = "closings_resumed"
    CLOSING_ASKED = "closing_asked"
    CLOSING_KEY_REPLACED = "closing_key_replaced"
    COMMENTS_SEEN = "comments_seen"
    COMMENT_READ = "comment_read"
    CONTEST_ANSWERED = "contest_answered"
    CONTEST_ASSIGNED = "contest_assigned"
    CONTEST_FILED = "contest_filed"
    DATABASE_MIGRATED = "database_migrated"
    DEVICE_CONFIGURED = "device_configured"
    DEVICE_RESTORED = "device_restored"
    DEVICE_RETIRED = "device_retired"
    EXPORT_ASKED = "export_asked"
    EXPORT_REMOVED = "export_removed"
    KEY_ADDED = "key_added"
    KEY_REVOKED = "key_revoked"
    OFFICER_ERASED = "officer_erased"
    OFFICER_EXPORTED = "officer_exported"
    OFFICER_SEEN = "officer_seen"
    PASSWORD_SET = "password_set"  # noqa: S105
    PERIOD_CLOSED = "period_closed"
    PERIOD_RESTATED = "period_restated"
    POINTS_ENTERED = "points_entered"
    PRIVACY_BREACH_NOTED = "privacy_breach_noted"
    PRIVACY_BREACH_NOTIFIED = "privacy_breach_notified"
    PRIVACY_REQUEST_ACKNOWLEDGED = "privacy_request_acknowledged"
    PRIVACY_REQUEST_CLOSED = "privacy_request_closed"
    PRIVACY_REQUEST_NOTED = "privacy_request_noted"
    QUARANTINE_REPLAYED = "quarantine_replayed"
    RECORDS_IMPORTED = "records_imported"
    RECORDS_WRITTEN = "records_written"
    REPORT_ASKED = "report_asked"
    REPORT_FETCHED = "report_fetched"
    REPORT_ISSUED = "report_issued"
    REPORT_SENT = "report_sent"
    REPORT_VERIFIED = "report_verified"
    SCHEME_ADDED = "scheme_added"
    SCREEN_ADDED = "screen_added"
    SCREEN_ENTERED = "screen_entered"
    SCREEN_REVOKED = "screen_revoked"
    SECOND_FACTOR_SET = "second_factor_set"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_REFUSED = "sign_in_refused"
    SOURCE_PULLED = "source_pulled"
    STAFF_SEEN = "staff_seen"
    TOTALS_REPAIRED = "totals_repaired"
    UNIT_ACCEPTED = "unit_accepted"
    WEBHOOK_ADDED = "webhook_added"
    WEBHOOK_DISABLED = "webhook_disabled"
    WEBHOOK_ENABLED = "webhook_enabled"
    WEBHOOK_MESSAGE_REMOVED = "webhook_message_removed"
    WEBHOOK_REMOVED = "webhook_removed"
    WEBHOOK_SECRET_CHANGED = "webhook_secret_changed"  # noqa: S105
    WEBHOOK_SENT_AGAIN = "webhook_sent_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who did or saw what, of which scope, account or officer, when and from where."""

    at: datetime
    actor: str
    kind: str
    action: Action
    subject: str = ""
    address: str = ""
    agent: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry with its number. What an older or newer release wrote is kept as text."""

    id: int
    at: datetime
    actor: str
    kind: str
    action: str
    subject: str
    address: str
    agent: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link: the digest of the entries from `first` to `last`, chained to the link before."""

    number: int
    made_at: datetime
    first: int
    last: int
    entries: int
    digest: bytes
    link: bytes
    purged_at: datetime | None = None


START = b"\0" * 32
"""What the first link is chained to."""


def digest_of(entries: Iterable[StoredEntry]) -> bytes:
    """Return the SHA-256 of the entries in their order, each with its length before it."""
    digest = hashlib.sha256()
    for entry in entries:
        said = json.dumps(
            [
                entry.id,
                entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
                entry.actor,
                entry.kind,
                entry.action,
                entry.subject,
                entry.address,
                entry.agent,
                entry.details,
            ],
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        ).encode()
        digest.update(len(said).to_bytes(8, "big") + said)
    return digest.digest()


def chain(before: bytes, link: Link) -> bytes:
    """Return what a link's own bytes must be after the link `before`."""
    said = f"{link.number} {link.first} {link.last} {link.entries} ".encode()
    made_at = link.made_at.astimezone(UTC).isoformat(timespec="microseconds").encode()
    return hashlib.sha256(before + said + made_at + link.digest).digest()
