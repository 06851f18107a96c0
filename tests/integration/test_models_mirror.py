"""Units fetch models from `motcua server api` itself, on a disk that may be full."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from models.delivery.errors import FolderUnusable
from models.delivery.fetch import Outcome
from server.mirror.routes import PREFIX
from tests.models.delivery.province import Province, parts_in, province_in
from tests.processes import free_port, motcua
from tests.waiting import eventually

pytestmark = pytest.mark.integration

FILE = "new-reader.onnx"


@pytest.fixture
def province(tmp_path: Path) -> Province:
    province = province_in(tmp_path)
    province.publish(province.model())
    return province


@pytest.fixture
def address(province: Province, database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of the mirror, served by a real API."""
    port = free_port()
    arguments = ("--database-url", database_url, "--port", str(port))
    env = {"MOTCUA_API_MODELS": str(province.mirror)}
    with motcua("server", "api", "--trial", *arguments, log=tmp_path / "api.log", env=env):
        address = f"http://127.0.0.1:{port}{PREFIX}"
        eventually(lambda: httpx.get(f"{address}/index.json").is_success, 60, retry=httpx.HTTPError)
        yield address


def test_unit_command_fetches_from_the_api(province, address, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "motcua.cli", "models", "fetch", "--all"],
        env={
            "PATH": "",
            "MOTCUA_MODELS_FROM": address,
            "MOTCUA_MODELS_KEY": province.public_key,
            "MOTCUA_MODELS": str(province.unit),
            "NO_PROXY": "*",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"new-reader: fetched, {province.unit}/{FILE}\n"


@pytest.fixture
def small_disk(province: Province) -> Iterator[Path]:
    province.unit.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(province.unit)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk can only be mounted by root")
    yield province.unit
    subprocess.run(["umount", str(province.unit)], check=True)


def fill(folder: Path, *, but_bytes: int) -> None:
    """Fill the disk of `folder`, then make room for so many bytes."""
    others = folder / "others"
    with others.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 4096) == 4096:
            pass
    with others.open("r+b") as file:
        file.truncate(others.stat().st_size - but_bytes)


def test_disk_that_fills_up_under_a_download_is_one_line_and_gets_its_room_back(
    province, address, small_disk, monkeypatch
):
    monkeypatch.setattr("models.delivery.landing.SPARED_BYTES", -1_000_000)
    fetcher = province.fetcher(address)
    fill(small_disk, but_bytes=100_000)
    with pytest.raises(
        FolderUnusable, match=rf"{FILE} cannot be written: No space left on device; free"
    ):
        fetcher.fetch("new-reader")
    assert parts_in(small_disk) == []
    (small_disk / "others").unlink()
    assert province.fetch(address).outcome is Outcome.FETCHED
