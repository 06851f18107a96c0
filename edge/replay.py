"""`motcua edge replay`: the real pipeline over recordings; same input, same output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from contract.codec import encode
from contract.messages import Observation, Visit, Wait
from contract.topics import STREAM_OF
from edge.analytics.messages import CameraMessage
from edge.assembly import Assembly, assemble
from edge.capture.recordings import Skipped
from edge.capture.sources import EPOCH, open_replay
from edge.settings import EdgeSettings, read_settings


@click.command("replay")
@click.argument("files", nargs=-1, required=True)
@click.option("--config", type=click.Path(path_type=Path), help="The device's edge.toml.")
@click.option("--json", "as_json", is_flag=True, help="Print contract messages, one a line.")
@click.option("--models", type=click.Path(path_type=Path), help="A folder of model weights.")
@click.option("--detector", help="A detector's name, instead of the setting's.")
@click.option("--start", type=click.DateTime(), help="UTC time of the first frame.")
def command(
    files: tuple[str, ...],
    config: Path | None,
    as_json: bool,
    models: Path | None,
    detector: str | None,
    start: datetime | None,
) -> None:
    """Run the pipeline over FILES: clips, pictures, folders, or "bundled" for the bundled scene.

    Time is taken from the frames, beginning at 2026-01-01T00:00:00Z unless --start is given.
    """
    settings = read_settings(config).with_detector(detector)
    assembly = assemble(settings, models=models)
    begin = EPOCH if start is None else start.replace(tzinfo=UTC)
    for message in replay(settings, assembly, files, start=begin):
        click.echo(encode(message) if as_json else _line(message))


def replay(
    settings: EdgeSettings, assembly: Assembly, files: Sequence[str], *, start: datetime = EPOCH
) -> Iterator[CameraMessage]:
    """Yield the messages that the recordings give, numbered from 1.

    One of several recordings that cannot be read is named on stderr and left out. Raises a
    CaptureError when one is missing or none can be read.
    """
    for number, message in enumerate(_messages(settings, assembly, files, start), start=1):
        yield msgspec.structs.replace(message, seq=number)


def _messages(
    settings: EdgeSettings, assembly: Assembly, files: Sequence[str], start: datetime
) -> Iterator[CameraMessage]:
    masks = settings.views()[0].mask_zones()
    with open_replay(
        files, fps=settings.camera.fps, masks=masks, start=start, on_skip=_say_skipped
    ) as frames:
        for frame in frames:
            yield from assembly.pipeline.step(frame)
    yield from assembly.pipeline.close()


def _say_skipped(skipped: Skipped) -> None:
    """Say on stderr, apart from the messages, what is left out."""
    click.echo(f"Skipped: {skipped.problem}", err=True)


def _line(message: CameraMessage) -> str:
    """Return a message for people."""
    head = f"{message.observed_at:%H:%M:%S.%f}"[:-3] + f"  {STREAM_OF[type(message)]:11}"
    match message:
        case Visit():
            cut = "" if message.complete else "  (cut short)"
            wait = "" if message.wait_s is None else f"  after waiting {message.wait_s:.1f} s"
            return f"{head}  served {message.service_s:.1f} s{wait}{cut}"
        case Wait():
            return f"{head}  {message.wait_s:.1f} s, {message.outcome}"
        case Observation():
            present, waiting = _count(message.people_present), _count(message.queue_length)
            return f"{head}  {present} in view, {waiting} waiting"


def _count(value: int | None) -> str:
    return "unknown" if value is None else str(value)
