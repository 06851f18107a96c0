"""Ingest beside a bare subscriber: messages a second, committed and acknowledged, as a ratio.

Both drain the same backlog from the same mosquitto, in turn: the bare loop decodes each message
with the contract's decoder and drops it; ingest commits it to PostgreSQL and acknowledges it end
to end. Run `python -m tests.bench.ingest`.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import paho.mqtt.client as mqtt

from contract import codec
from contract.identifiers import new_id
from contract.messages import Ack, ExpressionMix, Observation, Rating
from contract.topics import ROOT, Address, Stream, parse_topic, upstream_filters
from motcua.local.broker import run_broker
from motcua.local.postgres import run_postgres
from server.ingest.settings import IngestSettings
from tests.processes import motcua

DEVICES = 50
TARGET = 0.9
DEADLINE_S = 180.0


def messages(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield `count` (topic, payload) pairs: nine observations for every rating, over 50 devices."""
    start = datetime.now(UTC) - timedelta(minutes=30)
    mix = ExpressionMix(faces=2, readings=20, negative=0.1, neutral=0.6, positive=0.3)
    for index in range(count):
        at = start + timedelta(milliseconds=index * 10)
        device = f"edge-{index % DEVICES}"
        address = Address(unit=f"bench-{index % 10}", counter="quay-1", device=device)
        envelope = {
            "id": new_id(at), "device": device, "seq": index, "observed_at": at, "schema": 1,
        }  # fmt: skip
        if index % 10 == 0:
            yield address.topic(Stream.RATING), codec.encode(Rating(**envelope, score=4))
        else:
            observation = Observation(
                **envelope, window_s=5.0, frames=50, fps=10.0, queue_length=3, people_present=4,
                expression=mix,
            )  # fmt: skip
            yield address.topic(Stream.OBSERVATION), codec.encode(observation)


def connect(url: str, client_id: str, *, clean: bool) -> mqtt.Client:
    """Return a connected client whose network loop runs in its own thread."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=clean)
    client.max_inflight_messages_set(2000)
    client.max_queued_messages_set(0)
    where = urlsplit(url)
    client.connect(where.hostname or "127.0.0.1", where.port or 1883)
    client.loop_start()
    return client


def publish(url: str, count: int) -> None:
    """Publish `count` messages and return once the broker has all of them."""
    client = connect(url, "bench-publisher", clean=True)
    last = [client.publish(topic, payload, qos=1) for topic, payload in messages(count)]
    for info in last:
        info.wait_for_publish(DEADLINE_S)
    client.disconnect()
    client.loop_stop()


def drain_bare(url: str, count: int) -> float:
    """Return the messages a second of a subscriber that decodes each message and drops it."""
    done, seen = threading.Event(), [0]

    def on_message(_client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        address, stream = parse_topic(message.topic)
        codec.decode(stream, message.payload, address=address)
        seen[0] += 1
        if seen[0] == count:
            done.set()

    session = connect(url, "bench-bare", clean=False)
    session.subscribe([(pattern, 1) for pattern in upstream_filters()])
    time.sleep(0.5)
    session.disconnect()
    session.loop_stop()
    publish(url, count)
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, client_id="bench-bare", clean_session=False
    )
    client.on_message = on_message
    where = urlsplit(url)
    started = time.perf_counter()
    client.connect(where.hostname or "127.0.0.1", where.port or 1883)
    client.loop_start()
    finished = done.wait(DEADLINE_S)
    elapsed_s = time.perf_counter() - started
    forget(client, "bench-bare", url)
    if not finished:
        raise SystemExit(f"the bare subscriber saw {seen[0]} of {count} messages")
    return count / elapsed_s


def forget(client: mqtt.Client, client_id: str, url: str) -> None:
    """Disconnect and delete the persistent session: a forgotten one would queue everything."""
    client.disconnect()
    client.loop_stop()
    delete_session(client_id, url)


def delete_session(client_id: str, url: str) -> None:
    """Delete the persistent session `client_id`, whose owner is away."""
    cleaner = connect(url, client_id, clean=True)
    time.sleep(0.3)
    cleaner.disconnect()
    cleaner.loop_stop()


class AckCounter:
    """Counts the messages that the server says it has committed."""

    def __init__(self, url: str) -> None:
        self.count = 0
        self.finished_at = 0.0
        self.reached = threading.Event()
        self._target = 0
        self._decoder = msgspec.json.Decoder(Ack)
        self._client = connect(url, "bench-acks", clean=True)
        self._client.on_message = self._on_message
        self._client.subscribe(f"{ROOT}/+/+/+/ack", qos=1)

    def expect(self, count: int) -> None:
        """Start counting afresh towards `count`."""
        self.count, self._target = 0, count
        self.reached.clear()

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(
        self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage
    ) -> None:
        self.count += len(self._decoder.decode(message.payload).ids)
        if self.count >= self._target:
            self.finished_at = time.perf_counter()
            self.reached.set()


def drain_ingest(broker_url: str, database_url: str, count: int, folder: Path) -> float:
    """Return the messages a second that `motcua server ingest` commits and acknowledges.

    Ingest subscribes once, is stopped while the backlog builds up, and is started again; its
    start-up is left out by timing from the first acknowledgement less one batch.
    """
    arguments = ("server", "ingest", "--database-url", database_url, "--broker", broker_url)
    acks = AckCounter(broker_url)
    try:
        with motcua(*arguments, log=folder / "subscribe.log") as process:
            probe(broker_url, acks)
            process.stop()
        publish(broker_url, count)
        acks.expect(count)
        with motcua(*arguments, log=folder / "drain.log"):
            while acks.count == 0 and not acks.reached.wait(0.001):
                pass
            first, started = acks.count, time.perf_counter()
            if not acks.reached.wait(DEADLINE_S):
                raise SystemExit(f"ingest acknowledged {acks.count} of {count} messages")
            return (count - first) / (acks.finished_at - started)
    finally:
        acks.close()


def probe(broker_url: str, acks: AckCounter) -> None:
    """Send one message until ingest acknowledges it: from then on its session exists."""
    acks.expect(1)
    deadline = time.monotonic() + 30
    while not acks.reached.is_set():
        publish(broker_url, 1)
        acks.reached.wait(0.5)
        if time.monotonic() > deadline:
            raise SystemExit("ingest did not acknowledge a probe within 30 s")


def migrate(database_url: str) -> None:
    """Bring the database to the newest schema."""
    command = [sys.executable, "-m", "motcua.cli", "db", "migrate", "--database-url", database_url]
    subprocess.run(command, check=True)


def main() -> None:
    """Print the rates of each round and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with run_postgres(folder / "pg") as database, run_broker(folder / "mqtt") as broker:
            migrate(database.url)
            for number in range(1, options.rounds + 1):
                # Else the bare subscriber's backlog would be queued for ingest as well.
                delete_session(IngestSettings().client_id, broker.url)
                bare = drain_bare(broker.url, options.messages)
                ingest = drain_ingest(broker.url, database.url, options.messages, folder)
                ratios.append(ingest / bare)
                print(
                    f"round {number}: bare {bare:,.0f}/s, ingest {ingest:,.0f}/s, "
                    f"ratio {ratios[-1]:.2f}"
                )
    print(f"ingest / bare subscriber: median {statistics.median(ratios):.2f} (target ≥ {TARGET})")


if __name__ == "__main__":
    main()
