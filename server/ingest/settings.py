"""How ingest batches, what it refuses, and how patient it is."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IngestSettings(BaseSettings):
    """Read from the environment as MOTCUA_INGEST_BATCH_MESSAGES and so on."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_INGEST_", frozen=True)

    client_id: str = Field(
        default="motcua-ingest",
        min_length=1,
        description="Fixed: the broker keeps the session of that name while ingest is away.",
    )
    batch_messages: int = Field(
        default=2_000, ge=1, le=2_000, description="Messages a transaction; an Ack holds 2,000 ids."
    )
    batch_bytes: int = Field(
        default=8_000_000,
        ge=1,
        description="A transaction takes no further message after so many bytes: on their way into "
        "PostgreSQL they need several times that in memory.",
    )
    batch_wait_s: float = Field(
        default=0.05, gt=0, le=1, description="Longest wait for a fuller batch, in seconds."
    )
    quiet_s: float = Field(
        default=0.005,
        gt=0,
        description="A pause of this many seconds ends a batch: a broker with a small window would "
        "otherwise send nothing more until the wait is over.",
    )
    pending_messages: int = Field(
        default=20_000,
        ge=1,
        description="Messages held in memory while the database is away; about 20 MB.",
    )
    future_limit_s: float = Field(
        default=300.0,
        ge=0,
        le=86_400,
        description="A device's clock may be this many seconds ahead: NTP keeps it within 1 s, one "
        "without a network for a month drifts about 1 minute.",
    )
    past_limit_days: float = Field(
        default=366.0,
        gt=0,
        lt=400,
        description="Older messages are refused: raw rows are kept 400 days, and a resend of a "
        "dropped row would count again.",
    )
    retry_first_s: float = Field(default=0.1, gt=0, description="First pause after an outage.")
    retry_cap_s: float = Field(
        default=5.0, gt=0, description="Longest pause between attempts to reach the database."
    )
