"""The worker of alerts is killed again and again over a day: each alert comes once, and is told."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from itertools import pairwise
from pathlib import Path

import psycopg
from msgspec.structs import replace

from contract.local_time import LOCAL_TIME
from contract.topics import Address
from motcua.local.postgres import run_postgres
from server.db.migrations import migrate
from tests.prove.alerting_worker import Clock, clock
from tests.prove.proofs import ALERTS, Proof
from tests.server import asking, build
from tests.server.alerts.province import CALENDAR
from tests.server.alerts.receivers import Web, web
from tests.sources import ROOT
from tests.waiting import eventually

HALLS = 6
TICK = timedelta(seconds=15)
SENT_EVERY = 2
"""Ticks between what a device sends."""

LASTS, PAUSE = timedelta(minutes=16), timedelta(minutes=5)
"""An episode, long enough for rules that wait ten minutes, and the calm between two."""

SHORT = 2
"""At most so many episodes are a test's, not a day."""

BEHIND = timedelta(seconds=60)
"""The day waits for a judgement that is later: a busy machine is no gap in what is known."""

OPEN_RULES = ("nobody_served", "device_silent", "camera_hidden")
"""What goes wrong in a hall while it is open, in turn."""

CLOSED_RULES = ("outbox_growing", "device_disk_full", None)
"""The same while it is closed. Two halls are too few to be the province's own cause."""

SETTLES_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast the time passes, how long a worker lives at most once it has judged, and which part
    of what is sent to it the channel refuses, or lets hang.
    """

    speed: int
    most_s: float
    refused: float
    hangs: float


DAY = Pace(speed=60, most_s=5.0, refused=0.1, hangs=0.05)
TEST = Pace(speed=300, most_s=0.7, refused=0.0, hangs=0.0)

EARLY = 0.25
"""Part of the workers that are killed before they have judged at all, or within it."""

EARLY_S = 0.5

TAKES_S = 1.0
"""A worker that is killed as it sends has sent: the receiver reads what is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Something that goes wrong in a hall for a while."""

    rule: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When the time begins and ends, and what goes wrong in each hall."""

    begins: datetime
    ends: datetime
    episodes: Mapping[str, tuple[Episode, ...]]


def plan(scale: int, seed: int) -> Plan:
    """Return a plan of at most `scale` episodes a hall in each part of a day, open or closed.

    One of a few episodes is of the morning alone.
    """
    rng = random.Random(seed)
    parts = [each for each in _parts() if scale > SHORT or each.open][
        : None if scale > SHORT else 1
    ]
    episodes: dict[str, tuple[Episode, ...]] = {}
    for hall in range(HALLS):
        own: list[Episode] = []
        for part in parts:
            rules = OPEN_RULES if part.open else CLOSED_RULES
            at = part.begins + timedelta(seconds=60 + 15 * rng.randrange(8))
            while (rule := rules[hall % len(rules)]) and at + LASTS + PAUSE < part.ends:
                own.append(Episode(rule=rule, begins=at, ends=at + LASTS))
                at += LASTS + PAUSE + timedelta(seconds=15 * rng.randrange(8))
                if scale <= SHORT and len(own) == scale:
                    break
        episodes[f"hall-{hall}"] = tuple(own)
    last = max(own[-1].ends for own in episodes.values())
    return Plan(begins=parts[0].begins, ends=last + PAUSE, episodes=episodes)


def measure(scale: int, seed: int, folder: Path) -> Mapping[str, str]:
    """Let `scale` episodes come in each hall, and kill the worker at random moments."""
    planned, pace = plan(scale, seed), TEST if scale <= SHORT else DAY
    rng = random.Random(seed + 1)
    parts = (1 - pace.refused - pace.hangs, pace.refused, pace.hangs)
    answers = [rng.choices((200, 503, 0.3), parts)[0] for _ in range(2_000)]
    with ExitStack() as stack:
        database = stack.enter_context(run_postgres(folder / "pg"))
        _settle(database.url, planned.episodes)
        receiver = stack.enter_context(web(*answers, 200))
        channels = folder / "channels.toml"
        channels.write_text(_channel(receiver), encoding="utf-8")
        shown = stack.enter_context(clock(folder / "clock"))
        shown.set_now(planned.begins)
        shown.set_judged(planned.begins)
        with _nursery(database.url, channels, folder / "clock") as start:
            killer = Killer(start, shown, pace, rng)
            _live_through(database.url, planned, pace, shown, killer)
        return _checked(database.url, receiver, planned, pace, killer.killed_s)


class Killer:
    """Kills the worker at random moments, and starts the next one."""

    def __init__(
        self, start: Callable[[], None], shown: Clock, pace: Pace, rng: random.Random
    ) -> None:
        self._start, self._shown, self._pace, self._rng = start, shown, pace, rng
        self.killed_s: list[float] = []
        self._begin()

    def kill_when_due(self) -> None:
        """Kill the worker where its moment has come: most judge before, however slow they are."""
        if self._due_s is None and self._shown.judgements > self._judged_before:
            self._due_s = time.monotonic() + self._rng.uniform(0, self._pace.most_s)
        if self._due_s is not None and time.monotonic() >= self._due_s:
            self._kill()

    def _kill(self) -> None:
        self.killed_s.append(time.monotonic())
        self._begin()

    def _begin(self) -> None:
        self._start()
        self._judged_before = self._shown.judgements
        early = self._rng.random() < EARLY
        self._due_s = time.monotonic() + self._rng.uniform(0, EARLY_S) if early else None


def _live_through(url: str, planned: Plan, pace: Pace, shown: Clock, killer: Killer) -> None:
    """Let the time pass, kill the worker meanwhile, and wait until everything is told."""
    now, tick, real_s = planned.begins, 0, TICK.total_seconds() / pace.speed
    while now < planned.ends:
        began_s = time.monotonic()
        if tick % SENT_EVERY == 0:
            asking.store(url, *_sent(now, planned.episodes))
        shown.set_now(now)
        while shown.judged_at < now - BEHIND or time.monotonic() < began_s + real_s:
            killer.kill_when_due()
            time.sleep(0.005)
        now, tick = now + TICK, tick + 1

    def all_is_told() -> bool:
        with psycopg.connect(url) as connection:
            waiting = "SELECT FROM alert_message WHERE sent_at IS NULL"
            told = connection.execute(waiting).fetchone() is None
        return told and shown.judged_at >= now - TICK

    eventually(all_is_told, SETTLES_S, what="every message told")


def _checked(
    url: str, receiver: Web, planned: Plan, pace: Pace, killed_s: Sequence[float]
) -> Mapping[str, str]:
    planted = Counter((each.rule, hall) for hall, own in planned.episodes.items() for each in own)
    with psycopg.connect(url) as connection:
        steps = connection.execute(
            "SELECT rule, unit, step FROM alert_step JOIN alert ON alert.id = alert_step.alert"
        ).fetchall()
        ids = {str(row[0]) for row in connection.execute("SELECT id FROM alert_message")}
        messages = connection.execute("SELECT count(*) FROM alert_message").fetchone()
        audited = connection.execute(
            "SELECT count(*) FROM audit_entry WHERE action = 'alert_step'"
        ).fetchone()
        tries = connection.execute("SELECT sum(attempts - 1) FROM alert_message").fetchone()
    failed = 0 if tries is None else int(tries[0])
    raised = Counter((rule, unit) for rule, unit, step in steps if step.startswith("raised"))
    ended = Counter((rule, unit) for rule, unit, step in steps if step == "ended")
    assert raised == planted, f"lost {planted - raised}, invented or twice {raised - planted}"
    assert ended == planted, f"did not end: {planted - ended}, twice {ended - planted}"
    taken: dict[str, list[float]] = defaultdict(list)
    for at_s, body in receiver.taken:
        taken[json.loads(body)["id"]].append(at_s)
    assert set(taken) == ids, f"{len(ids - set(taken))} lost, {len(set(taken) - ids)} unknown"
    assert messages is not None
    assert messages[0] == len(steps), "a step was told twice or not at all"
    assert audited is not None
    assert audited[0] == len(steps), "a step is not in the audit log"
    twice = [pair for times_s in taken.values() for pair in pairwise(times_s)]
    for first_s, second_s in twice:
        assert any(first_s - TAKES_S < at_s < second_s for at_s in killed_s), "sent twice unkilled"
    hours = (planned.ends - planned.begins).total_seconds() / 3600
    return {
        f"hours of a day, at {pace.speed} times its speed or slower": f"{hours:.1f}",
        "kills of the worker": f"{len(killed_s)}",
        "causes that came and went, alerts raised and ended": f"{sum(planted.values())}",
        "alerts lost, raised twice": "0, 0",
        "messages told; once more under their id, each after a kill": f"{len(taken)}, {len(twice)}",
        "messages that the channel refused or let hang at first": f"{failed}",
        "messages lost": "0",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a day in which the halls are open, or not."""

    begins: datetime
    ends: datetime
    open: bool


def _parts() -> list[Part]:
    """Return the parts of a worked day that is past: messages are not sent before their time."""
    day = CALENDAR.shift(datetime.now(LOCAL_TIME).date(), -1)
    midnight = datetime.combine(day, time_of_day.min, LOCAL_TIME)
    bounds = [midnight, *(each for span in CALENDAR.hours(day) for each in span)]
    moments = [
        each if isinstance(each, datetime) else datetime.combine(day, each, LOCAL_TIME)
        for each in [*bounds, midnight + timedelta(days=1)]
    ]
    return [
        Part(begins=begins.astimezone(UTC), ends=ends.astimezone(UTC), open=number % 2 == 1)
        for number, (begins, ends) in enumerate(pairwise(moments))
    ]


def _settle(url: str, episodes: Mapping[str, tuple[Episode, ...]]) -> None:
    """Store the halls."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        migrate(connection)
        for hall in episodes:
            connection.execute(
                "INSERT INTO unit (id, kind, name_vi, name_en, valid_from, accepted)"
                " VALUES (%s, 'ward', %s, %s, '2025-01-01', true)",
                [hall, hall, hall],
            )


def _sent(now: datetime, episodes: Mapping[str, tuple[Episode, ...]]) -> Iterator[tuple]:
    """Yield what the device of each hall sends now, for the worse while an episode lasts."""
    for hall, own in episodes.items():
        wrong = {each.rule for each in own if each.begins <= now < each.ends}
        if "device_silent" in wrong:
            continue
        address = Address(unit=hall, counter="quay-1", device="edge-1")
        waiting = 3 if "nobody_served" in wrong else 1
        served = 0 if "nobody_served" in wrong else 1
        seen = build.observation(now, waiting, address=address)
        yield replace(seen, people_present=waiting + served), address
        camera = "covered" if "camera_hidden" in wrong else "ok"
        depth = 5_000 if "outbox_growing" in wrong else 3
        free_mb = 100.0 if "device_disk_full" in wrong else 20_000.0
        yield (
            build.health(
                now, address=address, camera=camera, outbox_depth=depth, disk_free_mb=free_mb
            ),
            address,
        )


def _channel(receiver: Web) -> str:
    body = json.dumps({"id": "{id}", "text": "{title}"})
    return (
        '[[channel]]\nname = "receiver"\nkind = "http"\nto = ["unit", "operator"]\n'
        f'severity = "notice"\naddress = "{receiver.address}"\n'
        f"body = '{body}'\n"
    )


@contextmanager
def _nursery(url: str, channels: Path, file: Path) -> Iterator[Callable[[], None]]:
    """Give what starts a worker, after killing the one before."""
    command = [sys.executable, "-m", "tests.prove.alerting_worker", url, str(channels), str(file)]
    with (
        (file.parent / "worker.log").open("wb") as output,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            cwd=ROOT,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None

        def start() -> None:
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline(), (file.parent / "worker.log").read_text()

        try:
            yield start
        finally:
            process.stdin.close()
            process.wait(30)


PROOF = Proof(
    claim=(
        "The worker of alerts is killed with SIGKILL at random moments of a day while causes come "
        "and go: each alert is raised and ended once, every message arrives, and none arrives "
        "twice but where a kill lies between."
    ),
    sources=(
        "server/alerts/alerts.py",
        "server/alerts/alerts.sql",
        "server/alerts/conditions.py",
        "server/alerts/evaluation.py",
        "server/alerts/jobs.py",
        "server/alerts/judgements.py",
        "server/alerts/judging.py",
        "server/alerts/store.py",
        "server/alerts/watch.py",
        "server/jobs.py",
        "tests/prove/alerting_worker.py",
        "tests/prove/alerts_killed.py",
    ),
    # What is one transaction, and in which order things are sent and noted, stands in these; what
    # figures are made of, in the rest of the server, does not matter to it.
    alone=True,
    measure=measure,
    small=1,
    full=100,
    page=ALERTS,
)
