"""`motcua edge setup`: the page on which an installer draws zones and chooses models."""

from __future__ import annotations

from pathlib import Path

import click

PORT = 8081


@click.command("setup")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    required=True,
    help="The device's edge.toml, which the page writes.",
)
@click.option("--models", type=click.Path(path_type=Path), help="A folder of model weights.")
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")  # noqa: S104
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65_535))
@click.option(
    "--minutes",
    default=60.0,
    show_default=True,
    type=click.FloatRange(1, 240),
    help="When it ends by itself; sooner after a quarter of an hour without use.",
)
def command(config: Path, models: Path | None, host: str, port: int, minutes: float) -> None:
    """Serve the set-up page to the local network until it is ended there, or by itself.

    Its PIN stands in `setup-pin` beside the settings, as provisioning printed it; where there is
    none, one is made and printed. It takes the camera: stop `motcua edge watch` before.
    """
    from edge.setup.process import run

    run(config, models=models, host=host, port=port, lasts_s=minutes * 60)
