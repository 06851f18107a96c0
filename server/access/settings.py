"""How long a sign-in lasts, and how often a token is looked up again."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class AccessSettings(BaseSettings):
    """Read from the environment as MOTCUA_ACCESS_IDLE_MINUTES and so on."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_ACCESS_", frozen=True, extra="ignore")

    idle_minutes: float = Field(
        default=30.0, gt=0, description="A sign-in that nobody used for so long has ended."
    )
    longest_hours: float = Field(
        default=12.0, gt=0, description="A sign-in ends after so long, however often it is used."
    )
    remembered_s: float = Field(
        default=2.0,
        ge=0,
        le=30,
        description="A token's answer is given again for so long: what is revoked ends after it.",
    )
    relay_secret: SecretStr | None = Field(
        default=None,
        description="Whoever sends it is believed from where a browser asks: the dashboards.",
    )
