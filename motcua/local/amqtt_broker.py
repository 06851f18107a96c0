"""The broker of last resort: amqtt, in Python, where mosquitto is not installed."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

COST = (
    "mosquitto is not installed, so the Python broker amqtt is used: about 50 devices instead of "
    "1,000, nothing is kept over a restart of the broker, and lost messages are sent again by the "
    "devices a little later. For real use: apt install mosquitto"
)


async def serve(port: int) -> None:
    """Serve MQTT 3.1.1 on the loopback address until SIGTERM or SIGINT."""
    from amqtt.broker import Broker
    from amqtt.contexts import BrokerConfig, ListenerConfig

    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    config = BrokerConfig(
        listeners={"default": ListenerConfig(bind=f"127.0.0.1:{port}")},
        plugins={
            "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True},
        },
    )
    broker = Broker(config)
    await broker.start()
    await stopped.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    asyncio.run(serve(int(sys.argv[1])))
