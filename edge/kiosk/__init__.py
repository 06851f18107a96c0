"""The rating page: five faces, one tap, and the rating is on disk before the citizen is thanked."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("kiosk")
@click.option("--config", type=click.Path(path_type=Path), help="The device's edge.toml.")
@click.option("--host", help="Address to listen on; [kiosk] host without it.")
@click.option("--port", type=click.IntRange(0, 65_535), help="TCP port; 0 takes a free one.")
def command(config: Path | None, host: str | None, port: int | None) -> None:
    """Serve the rating page and store what is tapped."""
    from edge.kiosk.process import run
    from edge.settings import read_settings

    settings = read_settings(config)
    run(
        settings,
        host=settings.kiosk.host if host is None else host,
        port=settings.kiosk.port if port is None else port,
    )
