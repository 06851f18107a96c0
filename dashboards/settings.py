"""The dashboards' settings: command line, then MOTCUA_DASHBOARDS__* and MOTCUA_API_URL."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field, HttpUrl, SecretStr, UrlConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.root_path import read_root_path

DEFAULT_PORT = 8050


class DashboardsSettings(BaseSettings):
    """Where the API is, where to listen, and how fast walls turn."""

    model_config = SettingsConfigDict(
        env_prefix="MOTCUA_DASHBOARDS__", extra="forbid", frozen=True, populate_by_name=True
    )

    api_url: Annotated[HttpUrl, UrlConstraints(allowed_schemes=["http", "https"])] = Field(
        default=HttpUrl("http://127.0.0.1:8000"),
        validation_alias=AliasChoices("MOTCUA_DASHBOARDS__API_URL", "MOTCUA_API_URL"),
    )
    """Base address of the API."""
    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for a wall on another machine."""
    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    """TCP port; 0 takes any free one."""
    root_path: Annotated[str, AfterValidator(read_root_path)] = ""
    """The path below which a reverse proxy serves the screens, such as /motcua."""
    turn_s: float = Field(default=25.0, ge=3.0, le=120.0)
    """Seconds that each scene of a wall stays where neither its address nor its token says so."""
    plain_http: bool = False
    """Whether browsers may keep a sign-in over HTTP without TLS: for a try in a closed network."""
    relay_secret: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "MOTCUA_DASHBOARDS__RELAY_SECRET", "MOTCUA_ACCESS_RELAY_SECRET"
        ),
    )
    """What the API knows these processes by, so that it believes where a browser is."""
    proxies: str = ""
    """Addresses of reverse proxies, separated by commas, whose `X-Forwarded-For` is believed."""
