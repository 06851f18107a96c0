"""Where the channels' file stands, and how long messages are tried."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.alerts.channels.channels import Channel, parse_channels
from server.errors import RuleInvalid


class AlertSettings(BaseSettings):
    """Read from the environment as MOTCUA_ALERTS_CHANNELS and so on."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_ALERTS_", frozen=True, extra="ignore")

    channels: Path | None = Field(
        default=None,
        description="The TOML file of the channels to which alerts are sent; without one they "
        "stand on screens alone.",
    )
    page: str = Field(
        default="", description="The address of the desk's alerts page, for messages: https://…"
    )
    answer_s: float = Field(
        default=10.0,
        gt=0,
        description="Seconds until a channel has to have all of a message; for its answer it has "
        "three times as long from then on.",
    )
    tried_for_h: float = Field(
        default=24.0, gt=0, description="Hours after which a message that fails is given up."
    )

    disks: str = Field(
        default="/",
        description="Folders of the worker's machine whose disks are watched, with colons between "
        "them. In a container `/` lies on the disk of all its volumes.",
    )
    backups: Path | None = Field(
        default=None,
        description="The folder in which backups are put; the age of the newest is watched.",
    )

    @property
    def disk_folders(self) -> tuple[Path, ...]:
        """The folders whose disks are watched."""
        return tuple(Path(each) for each in self.disks.split(":") if each)

    def read_channels(self) -> tuple[Channel, ...]:
        """Return the channels of the file; raise RuleInvalid."""
        if self.channels is None:
            return ()
        try:
            text = self.channels.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RuleInvalid(f"MOTCUA_ALERTS_CHANNELS: {self.channels}: {error}") from error
        return parse_channels(text, self.channels.name)
