"""A disk that is really full: ratings are refused honestly, and what the server has can go."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract.identifiers import new_id
from contract.messages import Rating
from edge.errors import OutboxFull
from edge.store.outbox import Outbox

pytestmark = pytest.mark.integration

DISK = "size=16m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def rating() -> Rating:
    now = datetime.now(UTC)
    return Rating(id=new_id(now), device="edge-1", seq=0, observed_at=now, schema=1, score=5)


def rate_until_full(outbox: Outbox) -> int:
    for count in range(100_000):
        try:
            outbox.append(rating())
        except OutboxFull:
            return count
    raise AssertionError("the disk never filled")


def fill(folder: Path) -> None:
    with (folder / "others").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 4096) == 4096:
            pass


@pytest.mark.parametrize("rows", [100, 3000])
def test_full_disk_can_always_be_emptied(small_disk: Path, rows: int) -> None:
    with Outbox.open(small_disk / "edge.sqlite3", max_rows=100_000, reserve_mb=0) as outbox:
        for _ in range(rows):
            outbox.append(rating())
        fill(small_disk)
        rate_until_full(outbox)
        for _ in range(5):
            batch = [row.id for row in outbox.waiting(200)]
            assert outbox.delete(batch) == len(batch), "the relay can always forget"
            rate_until_full(outbox)
        while batch := [row.id for row in outbox.waiting(200)]:
            assert outbox.delete(batch) == len(batch)
        assert outbox.append(rating()).seq > rows, "and then there is room for ratings"


def test_full_disk_survives_a_restart(small_disk: Path) -> None:
    path = small_disk / "edge.sqlite3"
    with Outbox.open(path, max_rows=100_000, reserve_mb=0) as outbox:
        for _ in range(500):
            outbox.append(rating())
        fill(small_disk)
        waiting = 500 + rate_until_full(outbox)
    fill(small_disk)
    with Outbox.open(path, max_rows=100_000, reserve_mb=0) as outbox:
        assert outbox.depth() == waiting
        assert outbox.delete(row.id for row in outbox.waiting(1000)) > 0
