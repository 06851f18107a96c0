"""The units: systemd accepts them, they stay confined, and they start what the product has."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from motcua.cli import main
from tests.hardware.programs import require_program

UNITS = Path(__file__).parents[2] / "hardware" / "systemd"
SERVICES = (
    "motcua-watch.service",
    "motcua-kiosk.service",
    "motcua-relay.service",
    "motcua-tickets.service",
)
MODELS = "motcua-models.service"
PROGRAMS = (
    "opt/motcua/venv/bin/motcua",
    "opt/motcua/bin/rating-screen",
    "usr/bin/cage",
    "usr/bin/sleep",
    "usr/bin/systemctl",
)
MOST_EXPOSURE = 25  # systemd's scale of tenths: 25 is 2.5, "OK"
SYSTEM_TARGETS = Path("/usr/lib/systemd/system")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a file system root with our units and the programs that they start."""
    shutil.copytree(UNITS, tmp_path / "etc" / "systemd" / "system")
    system = tmp_path / "usr" / "lib" / "systemd" / "system"
    system.mkdir(parents=True)
    for target in SYSTEM_TARGETS.glob("*.target"):
        shutil.copy(target, system / target.name, follow_symlinks=True)
    for program in PROGRAMS:
        path = tmp_path / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n", encoding="utf-8")
        path.chmod(0o755)
    return tmp_path


def analyze(*args: str) -> subprocess.CompletedProcess[str]:
    program = require_program("systemd-analyze")
    return subprocess.run([program, *args], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "unit",
    [
        "motcua-edge.target",
        *SERVICES,
        "rating-screen@tty1.service",
        MODELS,
        "motcua-models.timer",
        "new-models.path",
        "new-models.service",
    ],
)
def test_systemd_has_nothing_to_say_about_a_unit(root: Path, unit: str) -> None:
    result = analyze("verify", f"--root={root}", unit)

    assert (result.returncode, result.stdout + result.stderr) == (0, "")


def test_verification_sees_a_wrong_key(root: Path) -> None:
    unit = root / "etc" / "systemd" / "system" / "motcua-watch.service"
    unit.write_text(unit.read_text(encoding="utf-8").replace("MemoryMax=", "MemoryMost="))

    result = analyze("verify", f"--root={root}", "motcua-watch.service")

    assert "MemoryMost" in result.stderr


@pytest.mark.parametrize("unit", [*SERVICES, MODELS])
def test_service_stays_confined(root: Path, unit: str) -> None:
    result = analyze(
        "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", f"--root={root}", unit
    )

    assert result.returncode == 0, result.stdout.splitlines()[-1]


def read_unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser


@pytest.mark.parametrize("unit", SERVICES)
def test_service_restarts_for_ever_within_its_memory(unit: str) -> None:
    own = read_unit(UNITS / unit)
    common = read_unit(UNITS / "motcua-.service.d" / "10-common.conf")

    assert common["Service"]["Restart"] == "always"
    assert own["Unit"]["StartLimitIntervalSec"] == "0"
    assert own["Service"]["MemoryMax"]


@pytest.mark.parametrize("unit", [*SERVICES, MODELS])
def test_service_starts_a_command_of_the_product(unit: str) -> None:
    words = read_unit(UNITS / unit)["Service"]["ExecStart"].split()
    assert words[0] == "/opt/motcua/venv/bin/motcua"
    context = main.make_context("motcua", [], resilient_parsing=True)
    group = main.get_command(context, words[1])
    assert group is not None
    command = group.get_command(context, words[2])  # type: ignore[attr-defined]
    assert command is not None, f"motcua {words[1]} {words[2]} does not exist"
    command.make_context(
        words[2], [word.replace("/etc/motcua/edge.toml", __file__) for word in words[3:]]
    )


def test_only_the_relay_learns_the_brokers_password() -> None:
    knowing = [unit for unit in SERVICES if "broker.env" in (UNITS / unit).read_text("utf-8")]
    assert knowing == ["motcua-relay.service"]


def test_fetching_models_ends_when_it_is_done_and_is_tried_again_when_not(root: Path) -> None:
    drop_in = read_unit(UNITS / f"{MODELS}.d" / "20-until-done.conf")
    assert drop_in["Service"]["Restart"] == "on-failure"
    common = [path.name for path in (UNITS / "motcua-.service.d").iterdir()]
    assert all(name < "20-until-done.conf" for name in common), "the last one wins"


def test_relay_may_read_whether_the_clock_is_synchronised_and_nothing_may_set_it() -> None:
    drop_in = read_unit(UNITS / "motcua-relay.service.d" / "20-clock.conf")["Service"]
    assert drop_in["ProtectClock"] == "no"
    assert "clock_adjtime" in drop_in["SystemCallFilter"].split()
    common = read_unit(UNITS / "motcua-.service.d" / "10-common.conf")["Service"]
    assert (common["CapabilityBoundingSet"], common["ProtectClock"]) == ("", "yes")


def test_camera_process_looks_where_models_are_fetched_to() -> None:
    watched = read_unit(UNITS / "new-models.path")["Path"]["PathChanged"]
    common = (UNITS / "motcua-.service.d" / "10-common.conf").read_text(encoding="utf-8")
    assert f"Environment=MOTCUA_MODELS={watched}\n" in common
