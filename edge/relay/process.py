"""Runs the relay: opens the outbox, and stops it on SIGTERM or SIGINT."""

from __future__ import annotations

import functools
import signal
from queue import SimpleQueue
from types import FrameType

import structlog

from edge.health import read_host_metrics
from edge.relay.connection import Event, Stop
from edge.relay.heartbeat import Heartbeat
from edge.relay.loop import RelayLoop
from edge.settings import EdgeSettings
from edge.store.outbox import Outbox, ProcessName
from edge.store.process_lock import process_lock
from runtime.broker import BrokerAddress

log = structlog.get_logger()


def run(settings: EdgeSettings) -> None:
    """Relay until SIGTERM or SIGINT; raise ReportedError when it cannot begin."""
    broker = BrokerAddress.parse(settings.broker.url)
    store, address = settings.store, settings.device.address
    events: SimpleQueue[Event] = SimpleQueue()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        events.put(Stop())

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with (
        process_lock(store.path, ProcessName.RELAY),
        Outbox.open(store.path, max_rows=store.max_rows, reserve_mb=store.reserve_mb) as outbox,
    ):
        log.info("relay_started", broker=str(broker), waiting=outbox.depth())
        RelayLoop(
            outbox,
            broker=broker,
            address=address,
            heartbeat=Heartbeat(
                outbox,
                address,
                read_host_metrics=functools.partial(
                    read_host_metrics, store.path.absolute().parent
                ),
            ),
            events=events,
        ).run()
