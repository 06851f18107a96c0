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
from tests.models.delivery.province import Province, Told, province_in
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


def test_broken_download_goes_on_from_the_api(province, address):
    whole = (province.mirror / FILE).read_bytes()
    offer = province.fetcher(address).source.find("new-reader")
    incoming = province.unit / ".incoming"
    incoming.mkdir(parents=True)
    part = incoming / f"{FILE}.{offer.manifest.sha256[:12]}.part"
    part.write_bytes(whole[:123_456])
    told = Told()
    result = province.fetcher(address).fetch("new-reader", told)
    assert result.path.read_bytes() == whole
    assert min(here for here, _ in told.shown) > 123_456, "the first half was not sent again"


@pytest.fixture
def small_disk(province: Province) -> Iterator[Path]:
    province.unit.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(province.unit)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk can only be mounted by root")
    yield province.unit
    subprocess.run(["umount", str(province.unit)], check=True)


def fill(folder: Path) -> None:
    with (folder / "others").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 4096) == 4096:
            pass


def test_disk_that_fills_up_under_a_download_is_one_line_and_gets_its_room_back(
    province, address, small_disk, monkeypatch
):
    monkeypatch.setattr("models.delivery.landing.SPARED_BYTES", -1_000_000)

    class FillsUp(Told):
        def show(self, here: int, total: int | None) -> None:
            fill(small_disk)

    with pytest.raises(
        FolderUnusable, match=rf"{FILE} cannot be written: No space left on device; free"
    ):
        province.fetcher(address).fetch("new-reader", FillsUp())
    assert not list((small_disk / ".incoming").iterdir())
    (small_disk / "others").unlink()
    assert province.fetch(address).outcome is Outcome.FETCHED
