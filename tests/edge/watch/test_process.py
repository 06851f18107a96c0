"""`motcua edge watch` as a process, and what it does without models or recordings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest
import structlog.testing

from contract.messages import CameraState
from edge.errors import SourceMissing
from edge.settings import read_settings
from edge.store.outbox import Outbox, ProcessName
from edge.watch.process import watch
from tests.edge.capture.clips import write_clip
from tests.waiting import eventually


@pytest.fixture
def outbox(tmp_path):
    with Outbox.open(tmp_path / "edge.sqlite3", max_rows=1000, reserve_mb=0) as opened:
        yield opened


@pytest.fixture
def started(tmp_path):
    """Start `motcua edge watch` on a store; it is killed when the test is over."""
    processes = []

    def start(*arguments, store=tmp_path / "edge.sqlite3"):
        environment = {
            **os.environ,
            "MOTCUA_EDGE__STORE__PATH": str(store),
            "MOTCUA_EDGE__STORE__RESERVE_MB": "0",
            "MOTCUA_LOG_FORMAT": "json",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "motcua.cli", "edge", "watch", *arguments],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stderr.close()


def status(outbox):
    report = outbox.statuses().get(ProcessName.WATCH)
    return report.status if report else None


def test_a_signal_ends_it_cleanly_with_everything_stored(started, tmp_path):
    signals = (signal.SIGTERM, signal.SIGINT)
    stores = [tmp_path / f"{number.name}.sqlite3" for number in signals]
    processes = [started("--camera", "bundled", store=store) for store in stores]
    for number, store, process in zip(signals, stores, processes, strict=True):
        with Outbox.open(store, max_rows=1000, reserve_mb=0) as outbox:
            eventually(lambda: outbox.depth() > 0, 60, what="a first message")
            process.send_signal(number)
            _, log = process.communicate(timeout=30)
            assert process.returncode == 0, log
            assert '"watch_stopped"' in log
            assert status(outbox).camera is CameraState.OFF


def test_a_recording_that_ends_ends_it(started, outbox, tmp_path):
    clip = write_clip(tmp_path / "a.avi", [100, 110, 120, 130] * 3)
    process = started("--camera", str(clip), "--no-loop")
    assert process.wait(60) == 0
    assert outbox.depth() == 1


def test_an_absent_camera_is_waited_for(started, outbox):
    process = started("--camera", "/dev/absent")
    eventually(lambda: (found := status(outbox)) and found.camera is CameraState.MISSING, 60)
    assert process.poll() is None
    process.terminate()
    _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    assert log.count("camera_away") == 1
    assert "VIDEOIO" not in log


def test_an_unknown_setting_ends_it_with_one_line(tmp_path):
    path = tmp_path / "edge.toml"
    path.write_text('[camera]\nsorce = "0"\n')
    done = subprocess.run(
        [sys.executable, "-m", "motcua.cli", "edge", "watch", "--config", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: {path}: camera.sorce: unknown key; known: name, source, fps, ")


def test_without_a_model_it_says_so_and_waits(outbox, monkeypatch):
    monkeypatch.setenv("MOTCUA_EDGE__VISION__DETECTOR", "no-such-model")
    settings, stop = read_settings(), threading.Event()
    with structlog.testing.capture_logs() as logs:
        thread = threading.Thread(target=watch, args=(settings, outbox, stop))
        thread.start()
        eventually(lambda: status(outbox))
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    assert [entry["event"] for entry in logs] == ["model_unusable"]
    assert "no-such-model" in status(outbox).problem_reports[0].text


def test_a_damaged_clip_is_reported_while_the_others_are_watched(started, outbox, tmp_path):
    folder = tmp_path / "clips"
    folder.mkdir()
    write_clip(folder / "1.avi", range(0, 200, 4))
    (folder / "2.mp4").touch()
    write_clip(folder / "3.avi", range(0, 200, 4))
    process = started("--camera", str(folder), "--no-loop")
    _, log = process.communicate(timeout=60)
    assert process.returncode == 0, log
    (problem,) = [p for p in status(outbox).problem_reports if p.code == "recordings_skipped"]
    assert problem.parameters == {"skipped": "1"}
    assert "2.mp4 cannot be read" in problem.text
    assert log.count("recording_skipped") == 1


def test_a_loop_that_gets_nowhere_is_a_named_problem_and_does_not_end_watch(outbox, tmp_path):
    (tmp_path / "a.mp4").touch()
    settings, stop = read_settings().with_camera(source=str(tmp_path)), threading.Event()
    with structlog.testing.capture_logs() as logs:
        thread = threading.Thread(target=watch, args=(settings, outbox, stop))
        thread.start()
        eventually(lambda: any(e["event"] == "recordings_unplayable" for e in logs))
        eventually(lambda: status(outbox).problem_reports[0].code == "not_watching")
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    (problem,) = status(outbox).problem_reports
    assert problem.cause.code == "no_progress"
    assert "a.mp4 cannot be read" in problem.cause.cause.text


def test_a_damaged_recording_is_named_in_health_and_in_the_error(outbox, tmp_path):
    (tmp_path / "empty").mkdir()
    settings = read_settings().with_camera(source=str(tmp_path / "empty"))
    with pytest.raises(SourceMissing, match="holds no clips"):
        watch(settings, outbox, threading.Event())
    assert "holds no clips" in status(outbox).problem_reports[0].text
