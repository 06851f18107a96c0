"""The command `motcua run`."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import click

from motcua.run.options import RunOptions, absolute_source, default_data
from server.access.trial import TRIAL_ROLES


@click.command("run")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=None,
    help="Where everything is kept. [default: var/ of the checkout, else ~/.local/share/motcua]",
)
@click.option(
    "--camera",
    metavar="SRC",
    default=None,
    help="Device (0, /dev/video0), rtsp:// address, video file or folder. [default: bundled scene]",
)
@click.option(
    "--models",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=None,
    help="A further folder of model weights.",
)
@click.option(
    "--simulate",
    type=click.IntRange(0, 1000),
    default=None,
    metavar="N",
    help="Add a simulated province of N counters. [default: those of the history, 0 with --empty]",
)
@click.option("--rate", type=click.FloatRange(0.01, 1000), default=1.0, help="Simulated speed.")
@click.option("--seed", type=int, default=1, help="The simulation's seed.")
@click.option("--empty", is_flag=True, help="Begin without the small simulated history.")
@click.option(
    "--role",
    type=click.Choice(TRIAL_ROLES),
    default="administrator",
    show_default=True,
    help="Whose screens the trial shows.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the web pages.")
@click.option("--api-port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.option("--dashboards-port", type=click.IntRange(1, 65_535), default=8050, show_default=True)
@click.option("--kiosk-port", type=click.IntRange(1, 65_535), default=8080, show_default=True)
@click.option("--broker-port", type=click.IntRange(1, 65_535), default=1883, show_default=True)
def command(
    data: Path | None,
    camera: str | None,
    models: Path | None,
    simulate: int | None,
    rate: float,
    seed: int,
    role: str,
    host: str,
    api_port: int,
    dashboards_port: int,
    kiosk_port: int,
    broker_port: int,
    *,
    empty: bool,
) -> None:
    """Run the whole system on one machine: database, broker, server, screens and one device.

    A port that is taken is replaced by the next free one. Ctrl-C stops everything; the data are
    kept for the next start.
    """
    from motcua.run.system import run_system

    options = RunOptions(
        data=(data or default_data()).absolute(),
        camera=None if camera is None else absolute_source(camera),
        models=models,
        simulate=_simulated(simulate, seed, empty=empty),
        rate=rate,
        seed=seed,
        role=role,
        host=host,
        api_port=api_port,
        dashboards_port=dashboards_port,
        kiosk_port=kiosk_port,
        broker_port=broker_port,
        empty=empty,
    )
    with _stop_on_signals() as stopping:
        run_system(options, say=_say, stopping=stopping)


def _simulated(asked: int | None, seed: int, *, empty: bool) -> int:
    """Return how many counters to simulate: where there is a history, its offices go on living."""
    from motcua.history.places import local_counters
    from motcua.run.system import HISTORY_SCALE

    if asked is not None or empty:
        return asked or 0
    return local_counters(seed, HISTORY_SCALE)


def _say(line: str) -> None:
    try:
        click.echo(line)
    except OSError:
        return  # the terminal is gone; the logs are kept


@contextmanager
def _stop_on_signals() -> Iterator[Event]:
    """Give an event that SIGINT, SIGTERM and SIGHUP set, instead of ending us halfway."""
    stopping = Event()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stopping.set()) for number in numbers}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
