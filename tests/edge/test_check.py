"""`motcua edge check`: one line for each thing, an exit code for scripts, JSON for programs."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import structlog.testing
from click.testing import CliRunner, Result

from contract.identifiers import new_id
from contract.messages import Rating
from edge.analytics.pictures import BLACK_MEAN
from edge.check import command
from edge.check.clock import check_clock
from edge.check.findings import Finding, Verdict
from edge.store.outbox import Outbox
from tests.edge.vision.locked import locked
from tests.processes import free_port

MANIFESTS = Path(__file__).resolve().parents[2] / "models" / "manifests"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def settings_file(folder: Path, **changes: str) -> Path:
    values = {
        "store": str(folder / "edge.sqlite3"),
        "reserve_mb": "0",
        "broker": f"mqtt://127.0.0.1:{free_port()}",
        "camera": "none",
        "port": str(free_port()),
        **changes,
    }
    file = folder / "edge.toml"
    file.write_text(
        f"""
[store]
path = "{values["store"]}"
reserve_mb = {values["reserve_mb"]}
[broker]
url = "{values["broker"]}"
[camera]
source = "{values["camera"]}"
[kiosk]
port = {values["port"]}
""",
        encoding="utf-8",
    )
    return file


def check(file: Path) -> Result:
    words = ["--config", str(file), "--json", "--language", "en"]
    return CliRunner().invoke(command, words)


def findings(result: Result) -> dict[str, Finding]:
    return {
        found["subject"]: Finding(**{**found, "verdict": Verdict(found["verdict"])})
        for found in json.loads(result.stdout)
    }


@pytest.mark.integration
def test_healthy_device_passes(tmp_path: Path, broker_url: str) -> None:
    result = check(settings_file(tmp_path, broker=broker_url))
    found = findings(result)
    assert {name for name, finding in found.items() if finding.verdict is Verdict.OK} >= {
        "settings", "disk", "store", "camera", "broker", "kiosk"
    }  # fmt: skip
    assert "there and back in" in found["broker"].detail
    assert not (tmp_path / "edge.sqlite3").exists(), "looking makes nothing"


def test_each_line_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--config", str(settings_file(tmp_path))])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert all(line.split()[0] in {"OK", "WARN", "FAIL"} for line in lines)
    (broker,) = [line for line in lines if "broker" in line.split()[1]]
    assert broker.startswith("FAIL")
    assert "[broker] url" in broker.partition("->")[2]


@pytest.mark.parametrize(
    ("words", "locale", "said"),
    [
        ([], "vi_VN.UTF-8", "FAIL  broker      không kết nối được mqtt://"),
        ([], "C.UTF-8", "FAIL  broker      mqtt://"),
        (["--language", "vi"], "en_GB.UTF-8", "OK    ổ đĩa       còn trống"),
        (["--language", "en"], "vi_VN", "OK    disk"),
    ],
)
def test_findings_are_told_in_the_language_of_whoever_asks(
    tmp_path: Path, words: list[str], locale: str, said: str
) -> None:
    file = settings_file(tmp_path)
    environment = {"LC_ALL": locale, "LC_MESSAGES": "", "LANG": ""}
    result = CliRunner().invoke(command, ["--config", str(file), *words], env=environment)
    assert said in result.stdout


def test_wrong_settings_end_the_examination(tmp_path: Path) -> None:
    file = tmp_path / "edge.toml"
    file.write_text("[kiosk]\nprot = 1\n", encoding="utf-8")
    result = check(file)
    found = findings(result)
    assert result.exit_code == 1
    assert list(found) == ["settings"]
    assert "kiosk.prot" in found["settings"].detail


@pytest.mark.shared
@pytest.mark.parametrize(
    ("detector", "people", "verdict", "words"),
    [
        ("auto", "fastestdet", Verdict.OK, "fastestdet"),
        ("auto", "other", Verdict.FAIL, "no model is called other"),
        ("yolox-nano", "auto", Verdict.FAIL, "finds people already"),
    ],
)
def test_the_person_detector_is_looked_for(
    tmp_path, shared, monkeypatch, detector, people, verdict, words
) -> None:
    monkeypatch.setenv("MOTCUA_MODELS", str(shared / "models"))
    monkeypatch.setenv("MOTCUA_EDGE__VISION__DETECTOR", detector)
    monkeypatch.setenv("MOTCUA_EDGE__VISION__PEOPLE", people)
    found = findings(check(settings_file(tmp_path)))["people"]
    assert found.verdict is verdict
    assert words in found.detail


def test_folder_of_models_that_may_not_be_entered_is_one_line(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("MOTCUA_MODELS", str(folder))
    file = settings_file(tmp_path)
    with locked(folder):
        found = findings(check(file))["detector"]
    assert found.verdict is Verdict.FAIL
    assert f"the folder of models {folder} cannot be read: Permission denied" in found.detail


def test_model_whose_manifest_is_wrong_fails_by_its_name(tmp_path, monkeypatch) -> None:
    text = (MANIFESTS / "motcua-face.toml").read_text(encoding="utf-8")
    own = text.replace('name = "motcua-face"', 'name = "own"\ncrop_margin = nan')
    (tmp_path / "own.manifest.toml").write_text(own, encoding="utf-8")
    monkeypatch.setenv("MOTCUA_MODELS", str(tmp_path))
    monkeypatch.setenv("MOTCUA_EDGE__VISION__DETECTOR", "own")
    with structlog.testing.capture_logs():
        found = findings(check(settings_file(tmp_path)))["detector"]
    assert found.verdict is Verdict.FAIL
    assert "own.manifest.toml: Expected `float`" in found.detail
    assert "$.crop_margin" in found.detail


def test_port_of_another_program_fails(
    tmp_path: Path, taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.check.checks.KIOSK_ANSWERS_WITHIN_S", 0.2)
    taken = findings(check(settings_file(tmp_path, port=str(taken_port))))["kiosk"]
    assert taken.verdict is Verdict.FAIL
    assert "taken by another program" in taken.detail


def test_full_disk_is_a_warning(tmp_path: Path) -> None:
    found = findings(check(settings_file(tmp_path, reserve_mb="1000000000")))["disk"]
    assert found.verdict is Verdict.WARN
    assert "only ratings are stored" in found.detail


def test_folder_that_cannot_be_written_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    found = findings(check(settings_file(tmp_path, store=str(tmp_path / "file" / "edge.sqlite3"))))
    assert found["disk"].verdict is Verdict.FAIL


def test_old_backlog_is_a_warning(tmp_path: Path) -> None:
    file = settings_file(tmp_path)
    then = datetime.now(UTC) - timedelta(hours=3)
    with Outbox.open(tmp_path / "edge.sqlite3", max_rows=1000, reserve_mb=0) as outbox:
        outbox.append(
            Rating(id=new_id(then), device="edge-1", seq=0, observed_at=then, schema=1, score=5)
        )
    found = findings(check(file))["store"]
    assert found.verdict is Verdict.WARN
    assert "1 messages wait, the oldest for 180 minutes" in found.detail


def write_video(path: Path, value: int) -> None:
    import cv2

    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (160, 120))
    assert writer.isOpened()
    for index in range(20):
        picture = np.full((120, 160, 3), value, np.uint8)
        if value > BLACK_MEAN:
            picture[:, index * 5 : index * 5 + 20] = 20
        writer.write(picture)
    writer.release()


@pytest.mark.parametrize(
    ("value", "verdict", "words"),
    [(0, Verdict.WARN, "black"), (128, Verdict.OK, "160x120")],
)
def test_camera_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: int, verdict: Verdict, words: str
) -> None:
    monkeypatch.setattr("edge.check.vision.SAMPLE_S", 1.0)
    video = tmp_path / "clip.avi"
    write_video(video, value)
    found = findings(check(settings_file(tmp_path, camera=str(video))))["camera"]
    assert (found.verdict, words in found.detail) == (verdict, True), found


def test_clock_before_the_installation_is_wrong() -> None:
    assert check_clock(datetime(2001, 1, 1, tzinfo=UTC)).verdict is Verdict.FAIL
    assert check_clock(datetime.now(UTC)).verdict is not Verdict.FAIL
