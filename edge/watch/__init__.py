"""From the camera to the outbox: what stands and waits in front of the counter, as messages."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("watch")
@click.option("--config", type=click.Path(path_type=Path), help="The device's edge.toml.")
@click.option("--camera", help='"bundled", "none", a device, an RTSP URL, a file or a folder.')
@click.option("--models", type=click.Path(path_type=Path), help="A folder of model weights.")
@click.option("--loop/--no-loop", default=None, help="Play a recording over and over, or once.")
def command(
    config: Path | None, camera: str | None, models: Path | None, loop: bool | None
) -> None:
    """Watch the counter until the process is asked to stop; frames never leave memory."""
    from edge.settings import read_settings
    from edge.watch.process import run

    run(read_settings(config).with_camera(source=camera, loop=loop), models=models)
