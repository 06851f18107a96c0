"""provision.sh: says every step before it does one, and refuses what would make a broken unit."""

from __future__ import annotations

import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from edge.settings import read_settings
from models.delivery.commands import FROM_VARIABLE
from models.delivery.signature import KEY_VARIABLE
from runtime.broker import BrokerAddress
from tests.hardware.programs import require_program
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
PI = ROOT / "hardware" / "raspberry-pi"
UNIT = {
    "--unit": "phuong-vu-ninh",
    "--counter": "quay-3",
    "--device": "cam-1",
    "--broker": "broker.example",
}

KEY = "phhnJ1qTjzsK1R7Khc9ppFGFUftr4L1ei4iMl6Ptgwc="


def provision(
    *more: str, path: str | None = None, **changed: str | None
) -> subprocess.CompletedProcess[str]:
    named = {**UNIT, **{f"--{name}": value for name, value in changed.items()}}
    args = [word for name, value in named.items() if value is not None for word in (name, value)]
    return subprocess.run(
        ["sh", str(PI / "provision.sh"), *args, *more],
        env={**os.environ, **({"PATH": path} if path else {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "script",
    [
        "raspberry-pi/provision.sh",
        "raspberry-pi/rating-screen",
        "raspberry-pi/motcua-check",
        "raspberry-pi/motcua-setup",
        "broker/passwords.sh",
    ],
)
def test_script_is_an_executable_shell_script(script: str) -> None:
    text = ROOT / "hardware" / script
    assert text.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    assert os.access(text, os.X_OK)


def test_dry_run_names_every_step_in_order() -> None:
    result = provision("--dry-run")

    assert (result.returncode, result.stderr) == (0, "")
    steps = [line for line in result.stdout.splitlines() if line.startswith("== ")]
    assert [step.split()[1] for step in steps] == [
        "machine", "packages", "users", "software", "settings", "set-up",
        "broker's",
        "models'", "journal,", "services", "start", "next",
    ]  # fmt: skip
    for expected in (
        "apt-get install -q -y --no-install-recommends",
        "fonts-noto-core",
        "chrony",
        "--no-deps --require-hashes -r",
        "write /etc/motcua/edge.toml (640, group motcua)",
        "write /etc/motcua/broker.env (600)",
        "systemctl enable motcua-edge.target",
        "systemctl enable rating-screen@tty1.service",
    ):
        assert expected in result.stdout


def test_dry_run_calls_nothing_that_changes_the_machine(tmp_path: Path) -> None:
    """Every program that could change something is replaced by one that leaves a mark."""
    marks = tmp_path / "marks"
    for name in (
        "apt-get",
        "useradd",
        "usermod",
        "systemctl",
        "ln",
        "mv",
        "rm",
        "mkdir",
        "python3",
    ):
        trap = tmp_path / name
        trap.write_text(f'#!/bin/sh\necho "$0 $*" >>{marks}\n', encoding="utf-8")
        trap.chmod(0o755)

    result = provision("--dry-run", path=f"{tmp_path}:{os.environ['PATH']}")

    assert result.returncode == 0
    assert not marks.exists(), marks.read_text(encoding="utf-8")


def test_unit_is_told_its_models_server_and_fetches_from_it() -> None:
    address = "http://server.example:8000/api/v1/models"
    result = provision("--dry-run", **{"models-from": address, "models-key": KEY})

    assert (result.returncode, result.stderr) == (0, "")
    for expected in (
        "write /etc/motcua/models.env (644)",
        "write /etc/systemd/system/motcua-models.service.d/20-until-done.conf (644)",
        "write /etc/systemd/system/motcua-relay.service.d/20-clock.conf (644)",
        "motcua-models.timer new-models.path",
        "systemctl --no-block restart motcua-models.service",
    ):
        assert expected in result.stdout
    assert "write /etc/motcua/models.env" not in provision("--dry-run").stdout


def test_fetching_reads_what_provisioning_writes() -> None:
    script = (PI / "provision.sh").read_text(encoding="utf-8")
    service = ROOT / "hardware" / "systemd" / "motcua-models.service"
    assert f"printf '{FROM_VARIABLE}=%s\\n{KEY_VARIABLE}=%s\\n'" in script
    assert "EnvironmentFile=-/etc/motcua/models.env" in service.read_text(encoding="utf-8")


def test_unit_without_screen_installs_no_browser() -> None:
    result = provision("--dry-run", "--no-screen")

    assert result.returncode == 0
    assert "chromium" not in result.stdout
    assert "rating-screen@" not in result.stdout.replace(
        "write /etc/systemd/system/rating-screen@", ""
    )


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"unit": None}, "--unit '' is not a name"),
        ({"unit": "Phường"}, "--unit 'Phường' is not a name"),
        ({"counter": "a/b"}, "--counter 'a/b' is not a name"),
        ({"device": "-d"}, "--device '-d' is not a name"),
        ({"device": "d\nx"}, "is not a name"),
        ({"broker": "mqtt://b"}, "is not HOST or HOST:PORT"),
        ({"broker": "b:port"}, "is not HOST or HOST:PORT"),
        ({"camera": '"; rm'}, "--camera is not a device, an address or none"),
        ({"camera": "rtsp://me:se\\cret@10.0.0.9"}, 'write " in it as %22 and \\ as %5C'),
        ({"camera": "rtsp://me:se\ncret@10.0.0.9"}, "--camera is not a device"),
        ({"models-from": "server"}, "--models-from 'server' is not an address"),
        ({"models-from": "http://s/$(x)", "models-key": KEY}, "is not an address"),
        ({"models-from": "http://s:8000/api/v1/models"}, "--models-from needs --models-key"),
        ({"models-key": KEY}, "--models-from needs --models-key"),
        ({"models-from": "http://s/m", "models-key": "short"}, "a public key of 44 characters"),
        ({"models-from": "http://s/m", "models-key": "a b"}, "is not a public key"),
    ],
)
def test_wrong_argument_is_refused_before_anything_happens(
    changed: dict[str, str | None], complaint: str
) -> None:
    result = provision("--dry-run", **changed)

    assert result.returncode == 2
    assert complaint in result.stderr
    assert "cret" not in result.stderr
    assert result.stdout == ""


def test_a_camera_may_have_any_password() -> None:
    result = provision("--dry-run", camera="rtsp://mậtkhẩu:a@#/:?%!,$(x)@10.0.0.9/live")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("camera", ["/dev/video0", "rtsp://u:p@#ậ@10.0.0.9:554/a?b=1&c=2", "none"])
def test_template_gives_settings_that_the_unit_reads(tmp_path: Path, camera: str) -> None:
    text = (PI / "edge.toml.template").read_text(encoding="utf-8")
    for name, value in (
        ("@UNIT@", "phuong-vu-ninh"),
        ("@COUNTER@", "quay-3"),
        ("@DEVICE@", "cam-1"),
        ("@CAMERA@", camera),
    ):
        assert text.count(name) == 1
        text = text.replace(name, value)
    file = tmp_path / "edge.toml"
    file.write_text(text, encoding="utf-8")

    settings = read_settings(file)

    assert settings.device.address.device == "cam-1"
    assert settings.camera.source == camera
    assert {zone.kind for zone in settings.zones} == {"mask", "service", "waiting"}


@pytest.mark.parametrize("tool", ["motcua-check", "motcua-setup"])
def test_tools_see_what_the_services_see(tool: str) -> None:
    script = (PI / tool).read_text(encoding="utf-8")
    systemd = ROOT / "hardware" / "systemd"
    common = (systemd / "motcua-.service.d" / "10-common.conf").read_text(encoding="utf-8")
    watch = (systemd / "motcua-watch.service").read_text(encoding="utf-8")
    relay = (systemd / "motcua-relay.service").read_text(encoding="utf-8")
    for option, stated_in, line in (
        ("--uid=motcua", common, "User=motcua"),
        ("--gid=motcua", common, "Group=motcua"),
        ("SupplementaryGroups=video", watch, "SupplementaryGroups=video"),
        ("WorkingDirectory=/var/lib/motcua", common, "WorkingDirectory=/var/lib/motcua"),
        ("EnvironmentFile=/etc/motcua/broker.env", relay, "EnvironmentFile=/etc/motcua/broker.env"),
        ("MOTCUA_MODELS=/var/lib/motcua/models", common, "MOTCUA_MODELS=/var/lib/motcua/models"),
        ("/etc/motcua/edge.toml", watch, "--config /etc/motcua/edge.toml"),
    ):
        assert option in script
        assert line in stated_in


def test_relay_reads_the_units_broker_user_as_its_address() -> None:
    """provision.sh writes the slashes of the user name as %2F; the broker wants them back."""
    script = (PI / "provision.sh").read_text(encoding="utf-8")
    assert "MOTCUA_BROKER_URL=mqtt://%s%%2F%s%%2F%s:%s@%s" in script

    broker = BrokerAddress.parse("mqtt://phuong-a%2Fquay-1%2Fcam-1:secret@broker.example:1883")

    assert broker.user == "phuong-a/quay-1/cam-1"
    assert (broker.host, broker.port) == ("broker.example", 1883)


def test_rating_screen_waits_for_the_page_and_keeps_nothing(tmp_path: Path) -> None:
    """Browser and pause are replaced by programs that write down that they were called."""
    require_program("curl")
    for program, mark in (("chromium", "called"), ("sleep", "waited")):
        stand_in = tmp_path / program
        stand_in.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/{mark}\n', encoding="utf-8")
        stand_in.chmod(0o755)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler, bind_and_activate=False)
    server.server_bind()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    screen = subprocess.Popen(
        ["sh", str(PI / "rating-screen"), url],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    eventually((tmp_path / "waited").exists, what="a first look in vain")
    assert not (tmp_path / "called").exists()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server.RequestHandlerClass = Page
    server.server_activate()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert screen.wait(timeout=60) == 0
    finally:
        screen.kill()
        server.shutdown()
        server.server_close()
    called = (tmp_path / "called").read_text(encoding="utf-8").split()
    assert called[-1] == url
    assert {"--kiosk", "--incognito"} <= set(called)
