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


class SingleSignOnSettings(BaseSettings):
    """Read from the environment as MOTCUA_OIDC_ISSUER and so on; without one there is none."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_OIDC_", frozen=True, extra="ignore")

    issuer: str | None = Field(default=None, description="The provider's address.")
    client_id: str = Field(default="motcua", description="What we are called there.")
    client_secret: SecretStr = Field(default=SecretStr(""), description="And known by.")
    scope: str = Field(default="openid profile", description="What is asked for.")
    name_claim: str = Field(default="preferred_username", description="The account's name.")
    groups_claim: str = Field(default="groups", description="A list of the person's groups.")
    officer_claim: str = Field(default="", description="The officer's code, where there is one.")
    groups: str = Field(default="{}", description="Roles by group, as JSON.")
    dashboards_url: str = Field(
        default="http://127.0.0.1:8050", description="Where the browser comes back to."
    )

    def dashboards(self) -> str:
        """Return the dashboards' address without a slash at its end."""
        return self.dashboards_url.rstrip("/")
