"""What becomes of applicants at the door: dropped, or a keyed hash where linking needs it."""

from __future__ import annotations

import hashlib
import hmac

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_HASH_BYTES = 16


class ApplicantSettings(BaseSettings):
    """Read from the environment as MOTCUA_DOSSIERS_APPLICANT_KEY."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_DOSSIERS_", frozen=True)

    applicant_key: SecretStr = Field(
        default=SecretStr(""),
        description="Secret with which identity numbers are hashed, so that dossiers of one "
        "applicant can be linked; empty keeps nothing of them.",
    )


def applicant_hash(identity: str | None, settings: ApplicantSettings) -> str | None:
    """Return a keyed hash of an identity number, None without one or without a key.

    HMAC-SHA256, cut to 128 bits: twelve digits alone could be tried out in a second.
    """
    key = settings.applicant_key.get_secret_value().encode()
    digits = "".join(filter(str.isalnum, identity or "")).upper()
    if not key or not digits:
        return None
    return hmac.new(key, digits.encode(), hashlib.sha256).hexdigest()[: 2 * _HASH_BYTES]
