"""The process between outbox and broker: messages up, acknowledgements and settings down."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("relay")
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The device's edge.toml.",
)
def command(config_path: Path | None) -> None:
    """Send what waits in the outbox to the server, and keep what the server sends."""
    from edge.relay.process import run
    from edge.settings import read_settings

    run(read_settings(config_path))
