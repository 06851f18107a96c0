"""Where telephones rate, and how much of it is allowed."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PhoneSettings(BaseSettings):
    """Read from the environment as MOTCUA_PHONE_ADDRESS and so on."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_PHONE_", frozen=True)

    address: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s]+[^/\s]$",
        max_length=150,
        description="Public address of the page that a QR code opens, ending in /danh-gia.",
    )
    per_minute: int = Field(
        default=60,
        ge=1,
        description="Ratings and looks a minute from one address; behind a proxy all have its own.",
    )
    keep_comments_days: float = Field(
        default=90.0, ge=1, le=400, description="Days after which comments are removed."
    )
