"""Where the key is that closings are signed with."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ClosingSettings(BaseSettings):
    """Read from the environment as MOTCUA_CLOSING_KEY."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_CLOSING_", frozen=True, extra="ignore")

    key: Path | None = Field(
        default=None,
        description="The file of the Ed25519 key that closings are signed with, for the worker and "
        "for commands that close; `motcua closing key new FILE` makes one. Beside it FILE.newest "
        "says which closing was signed last.",
    )
