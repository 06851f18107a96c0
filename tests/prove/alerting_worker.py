"""A worker of alerts whose clock runs faster: forked again and again by a nursery, to be killed.

`python -m tests.prove.alerting_worker URL CHANNELS CLOCK` loads everything once, then starts a
worker for each line that it reads, after killing the one before it with SIGKILL. What works is the
product's own: judgements, procrastinate's worker, deliveries, and the release of left jobs. Only
the time that judgements are told is the test's.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import signal
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from pathlib import Path

from server.alerts import jobs
from server.alerts.channels.sending import Outgoing
from server.alerts.settings import AlertSettings
from server.alerts.watch import Watch
from server.db.pool import Database, PoolSettings
from server.jobs import create_app, release_left
from server.webhooks.addresses import resolve
from server.webhooks.delivery import new_client
from server.webhooks.signatures import headers

JUDGED_EVERY_S = 0.1
HEARD_EVERY_S = 0.5
LEFT_AFTER_S = 2.0
"""Of real time: the day is short, and so is what a killed worker holds up."""

_FORM = struct.Struct("<ddd")


@dataclass(frozen=True, slots=True)
class Clock:
    """The test's time, that of the last judgement and how many there were, in a file that two
    processes map.
    """

    memory: mmap.mmap

    @property
    def now(self) -> datetime:
        """The test's time."""
        return datetime.fromtimestamp(self._read()[0], UTC)

    @property
    def judged_at(self) -> datetime:
        """For which time a judgement was committed last."""
        return datetime.fromtimestamp(self._read()[1], UTC)

    @property
    def judgements(self) -> int:
        """How many judgements were committed."""
        return int(self._read()[2])

    def set_now(self, now: datetime) -> None:
        """Let it be `now`."""
        struct.pack_into("<d", self.memory, 0, now.timestamp())

    def set_judged(self, at: datetime) -> None:
        """Say that a judgement was committed."""
        struct.pack_into("<dd", self.memory, 8, at.timestamp(), self.judgements + 1.0)

    def _read(self) -> tuple[float, float, float]:
        now, judged, count = _FORM.unpack_from(self.memory, 0)
        return now, judged, count


@contextmanager
def clock(file: Path) -> Iterator[Clock]:
    """Map a clock's file; one that is not there is made."""
    if not file.exists():
        file.write_bytes(_FORM.pack(0.0, 0.0, 0.0))
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), _FORM.size) as memory:
        yield Clock(memory)


async def work(url: str, channels: Path, shown: Clock) -> None:
    """Judge and deliver until killed."""
    app, database = create_app(url), Database(url, PoolSettings())
    settings = AlertSettings(channels=channels, tried_for_h=10_000, answer_s=5.0)
    known = {each.name: each for each in settings.read_channels()}
    reach = partial(resolve, networks=(ip_network("127.0.0.0/8"),))
    outgoing = Outgoing(client=new_client(), sign=headers, resolve=reach)
    jobs.register(app, database, jobs.Post(channels=known, outgoing=outgoing, settings=settings))
    watch = Watch(app, database, url, tuple(known.values()), settings)
    await database.open()

    async def judge() -> None:
        while True:
            now = shown.now
            await watch.judge(now)
            shown.set_judged(now)
            await asyncio.sleep(JUDGED_EVERY_S)

    async def release() -> None:
        while True:
            await release_left(app, LEFT_AFTER_S)
            await asyncio.sleep(HEARD_EVERY_S)

    async with app.open_async():
        await asyncio.gather(
            judge(),
            release(),
            app.run_worker_async(
                queues=[jobs.QUEUE],
                concurrency=jobs.DELIVERIES,
                fetch_job_polling_interval=jobs.LOOKED_EVERY_S,
                install_signal_handlers=False,
                delete_jobs="successful",
                update_heartbeat_interval=HEARD_EVERY_S,
                stalled_worker_timeout=LEFT_AFTER_S,
            ),
        )


def main(url: str, channels: str, file: str) -> None:
    """Start a worker for each line that is read; kill the last one at the end."""
    child = 0
    for _ in sys.stdin:
        _kill(child)
        child = os.fork()
        if child == 0:
            with clock(Path(file)) as shown:
                asyncio.run(work(url, Path(channels), shown))
            os._exit(0)
        print(child, flush=True)
    _kill(child)


def _kill(child: int) -> None:
    if child:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
