"""Where receivers may be, how long they may take, and how long they are tried."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Network = IPv4Network | IPv6Network

_SPARE_S = 20.0
"""A message is taken for so much longer than its receiver may take: a slow worker's time to begin,
and to note how it went.
"""


class WebhookSettings(BaseSettings):
    """Read from the environment as MOTCUA_WEBHOOK_NETWORKS and so on."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_WEBHOOK_", frozen=True, extra="ignore")

    networks: tuple[Network, ...] = Field(
        default=(),
        description="Networks that are not public and in which receivers may be, as JSON: "
        '["10.20.0.0/16"]. There `http:` is allowed, too.',
    )
    answer_s: float = Field(
        default=10.0, gt=0, description="Seconds a receiver may take to answer one message."
    )
    tried_for_h: float = Field(
        default=24.0, gt=0, description="Hours after which a message that is refused is given up."
    )

    @property
    def longest_s(self) -> float:
        """Seconds after which an attempt ends, whichever part of it is slow."""
        return 2 * self.answer_s

    @property
    def lease_s(self) -> float:
        """Seconds for which a message is taken by whoever sends it."""
        return self.longest_s + _SPARE_S
