"""The adapter of ticket machines: what they call becomes `ticket` messages in the outbox."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("tickets")
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The device's edge.toml, whose [tickets] names the machine.",
)
def command(config_path: Path | None) -> None:
    """Turn the calls of a ticket machine into messages."""
    from edge.settings import read_settings
    from edge.tickets.process import run

    run(read_settings(config_path))
