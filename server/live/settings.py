"""How often live figures are computed and how long clients are waited for."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LiveSettings(BaseSettings):
    """Read from the environment as MOTCUA_API_COALESCE_S and so on."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_API_", frozen=True, extra="ignore")

    coalesce_s: float = Field(
        default=0.2, gt=0, description="Seconds between updates: at most five a second."
    )
    renew_s: float = Field(
        default=5.0,
        gt=0,
        description="An update at least this often, in seconds: the server's clock without change.",
    )
    retry_s: float = Field(
        default=0.5, gt=0, description="Seconds between attempts to reach the database."
    )
    compute_s: float = Field(
        default=10.0,
        gt=0,
        description="Seconds reading the facts may take: then the database counts as away.",
    )
    send_timeout_s: float = Field(
        default=10.0, gt=0, description="A client that takes longer for one update is dropped."
    )
