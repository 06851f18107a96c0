"""How often the API computes and how long it waits; each number with unit and source."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ApiSettings(BaseSettings):
    """Read from the environment as MOTCUA_API_COALESCE_S and so on."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_API_", frozen=True, extra="ignore")

    coalesce_s: float = Field(
        default=0.2, gt=0, description="Seconds between snapshots: at most five a second."
    )
    renew_s: float = Field(
        default=5.0,
        gt=0,
        description="A snapshot at least this often, in seconds: data age without any message.",
    )
    retry_s: float = Field(
        default=0.5, gt=0, description="Seconds between attempts to reach the database."
    )
    pool_connections: int = Field(default=4, ge=1, description="Connections for requests.")
    pool_wait_s: float = Field(
        default=2.0, gt=0, description="Seconds a request waits for a connection, then 503."
    )
    answer_s: float = Field(
        default=2.0,
        gt=0,
        description="Seconds the database may take to answer a request, then 503.",
    )
    compute_s: float = Field(
        default=10.0,
        gt=0,
        description="Seconds reading a snapshot may take: then the database counts as away.",
    )
    send_timeout_s: float = Field(
        default=10.0, gt=0, description="A client that takes longer for one snapshot is dropped."
    )
    models: Path | None = Field(
        default=None, description="Folder of `motcua models publish`, offered to units."
    )
