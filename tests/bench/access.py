"""What sign-in and rights cost: latency of a snapshot with and without them, and requests a second.

Aims: at most 1 ms more a reading, 500 requests a second of cached readings on one process.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil

from motcua.local.postgres import run_postgres
from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.db.connection import connect
from server.db.migrations import migrate
from tests.processes import free_port, motcua
from tests.server.access.office import settle, sign_in
from tests.waiting import eventually

PATH = "/api/v1/snapshot?scope=subtree:tu-son"
TRIALS = 4
EXTRA_AIM_MS, RATE_AIM = 1.0, 500.0


async def latency_ms(url: str, headers: dict[str, str], requests: int) -> float:
    """Return the median of one request after another."""
    async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
        taken = []
        for _ in range(requests):
            began_s = time.perf_counter()
            answer = await client.get(url)
            taken.append((time.perf_counter() - began_s) * 1000)
            answer.raise_for_status()
    return statistics.median(taken)


async def rate(port: int, headers: dict[str, str], seconds: float, clients: int) -> float:
    """Return requests a second over `clients` kept connections."""
    lines = [f"GET {PATH} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    until_s = time.perf_counter() + seconds

    async def one() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while time.perf_counter() < until_s:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            count += 1
        writer.close()
        return count

    began_s = time.perf_counter()
    counts = await asyncio.gather(*(one() for _ in range(clients)))
    return sum(counts) / (time.perf_counter() - began_s)


def _cpu_s(process: psutil.Process) -> float:
    """Return the processor time that a process has taken."""
    times = process.cpu_times()
    return times.user + times.system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="motcua-bench-")))
        database = stack.enter_context(run_postgres(folder / "postgres"))
        with connect(database.url, autocommit=True) as connection:
            migrate(connection)
        settle(database.url)
        token = sign_in(database.url, "root", RoleHeld(role=Role.PROVINCE_LEADER))
        ports, processes = {}, {}
        for name, how in (("open", ("--trial",)), ("signed in", ())):
            port = ports[name] = free_port()
            words = ("server", "api", "--database-url", database.url, "--port", str(port), *how)
            process = stack.enter_context(
                motcua(*words, log=folder / f"{port}.log", env={"MOTCUA_API_RATE": "0"})
            )
            processes[name] = psutil.Process(process.pid)
            ready = f"http://127.0.0.1:{port}/healthz"
            eventually(lambda ready=ready: httpx.get(ready).is_success, 60, retry=httpx.HTTPError)
        known = {"open": {}, "signed in": {"Authorization": f"Bearer {token}"}}
        extras: dict[str, list[float]] = {"waiting": [], "computing": []}
        for trial in range(TRIALS):  # taking turns, for the machine does other work as well
            waited, computed = {}, {}
            for name in sorted(ports, reverse=bool(trial % 2)):
                before_s = _cpu_s(processes[name])
                url = f"http://127.0.0.1:{ports[name]}{PATH}"
                waited[name] = asyncio.run(latency_ms(url, known[name], options.requests))
                computed[name] = (_cpu_s(processes[name]) - before_s) * 1000 / options.requests
            for kind, taken in (("waiting", waited), ("computing", computed)):
                extras[kind].append(taken["signed in"] - taken["open"])
                both = ", ".join(f"{ms:.2f} ms {name}" for name, ms in taken.items())
                print(f"trial {trial + 1}, {kind}: {both}")
        for kind, found in extras.items():
            added_ms = statistics.median(found)
            print(f"sign-in and rights add {added_ms:.2f} ms {kind} (aim {EXTRA_AIM_MS:g})")
        for name, port in ports.items():
            per_s = asyncio.run(rate(port, known[name], options.seconds, options.clients))
            print(f"{name}: {per_s:.0f} requests/s (aim {RATE_AIM:g})")


if __name__ == "__main__":
    main()
