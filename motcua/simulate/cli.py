"""The command `motcua simulate`."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from threading import Event

import click

from motcua.history.cli import command as history


@click.group("simulate", invoke_without_command=True)
@click.option(
    "--broker",
    "broker_url",
    envvar="MOTCUA_BROKER_URL",
    default="mqtt://127.0.0.1:1883",
    show_default=True,
    help="The MQTT broker, as mqtt://user:password@host:port.",
)
@click.option(
    "--counters", type=click.IntRange(1, 5000), default=20, show_default=True, metavar="N"
)
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 1000),
    default=1.0,
    show_default=True,
    help="Speed of the simulated day, and so the load; 1 also tells of today's people so far.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--always-open", is_flag=True, help="People come outside the opening hours too.")
@click.pass_context
def command(
    context: click.Context,
    broker_url: str,
    counters: int,
    rate: float,
    seed: int,
    *,
    always_open: bool,
) -> None:
    """Publish a simulated province to any broker, through the same contract as real devices.

    The same seed gives the same units, people and outages. At rate 1 a second start on the same
    day repeats the identifiers of the first: nothing counts twice.
    """
    if context.invoked_subcommand is not None:
        return
    from motcua.simulate.province import counters_of, province
    from motcua.simulate.publisher import Publisher, Simulation
    from runtime.broker import BrokerAddress

    broker = BrokerAddress.parse(broker_url)
    simulation = Simulation(
        counters=counters_of(province(counters, seed)),
        seed=seed,
        rate=rate,
        always_open=always_open,
    )
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    Publisher(simulation, broker, now=datetime.now(UTC)).run(stopping)


command.add_command(history)
