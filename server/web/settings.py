"""What a request may ask of the server, and which sites' pages may use the API."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """Read from the environment as MOTCUA_API_BODY_MB and so on."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_API_", frozen=True, extra="ignore")

    body_mb: float = Field(default=10.0, gt=0, description="Largest body of a request, megabytes.")
    body_s: float = Field(
        default=60.0, gt=0, description="Seconds in which the body of a request has to come."
    )
    origins: tuple[str, ...] = Field(
        default=(), description="Sites whose pages may read the API in a browser (CORS)."
    )
    rate: float = Field(
        default=200.0,
        ge=0,
        description="Requests a second that one key or sign-in may send; 0 counts none.",
    )
    burst: int = Field(
        default=1_000, gt=0, description="Requests that may come at once before the rate holds."
    )
    cached_s: float = Field(
        default=1.0,
        ge=0,
        description="Seconds for which readings are told again while nothing is known to change.",
    )
