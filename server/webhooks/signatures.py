"""Signs messages as the Standard Webhooks specification has it (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a new secret: `whsec_` and 32 random bytes in Base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signature(secret: str, message: str, sent_at: datetime, body: bytes) -> str:
    """Return `v1,` and the HMAC-SHA256 of `ID.SECONDS.BODY` in Base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message}.{int(sent_at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(
    secrets_: Iterable[str], message: str, sent_at: datetime, body: bytes
) -> dict[str, str]:
    """Return the headers of a message, signed with every secret that is valid.

    A receiver verifies one of the signatures, and refuses a time more than five minutes away.
    """
    signatures = (signature(secret, message, sent_at, body) for secret in secrets_)
    return {
        "content-type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
