"""No array of pixels reaches disk, log or wire."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from edge.capture.synthetic.scene import SyntheticScene
from edge.capture.synthetic.timeline import PERIOD_S
from edge.setup.mosaics import COLUMNS
from edge.store.outbox import Outbox
from edge.watch.frame_handler import FrameHandler
from tests.processes import motcua
from tests.waiting import eventually

from .squares import BrightnessReader, assemble_squares, frames

EDGE = Path(__file__).resolve().parents[2] / "edge"

WRITERS = {
    "dump", "imencode", "imencodemulti", "imwrite", "imwritemulti", "memmap", "save", "savetxt",
    "savez", "savez_compressed", "tobytes", "tofile", "VideoWriter", "b64encode",
}  # fmt: skip
"""Calls by which an array could become a file or bytes."""

_IMAGE_MARKS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM\x36", b"\x93NUMPY")
_ARRAY_TEXT = re.compile(rb"\[\[+ *\d+[ ,]+\d")
"""How a printed array of whole numbers begins; long ones are shortened to a few pixels."""
_RUN_PX = 12
"""So many neighbouring pixels of a picture, found again in a file, would be no accident."""
_LARGEST_PAYLOAD = 1000


def names_called(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2]


def runs_of(images):
    """Return telling stretches of the pictures' bytes, in colour and in each single channel."""
    runs = set()
    for image in images:
        for row in image[8 : int(image.shape[0] * 0.85) : 9]:
            for start in range(0, len(row) - _RUN_PX, 37):
                stretch = row[start : start + _RUN_PX]
                runs.add(stretch.tobytes())
                runs.update(stretch[:, channel].tobytes() for channel in range(3))
    return {run for run in runs if len(set(run)) > _RUN_PX // 2}


def assert_no_pixels(content, runs, where):
    content = content.strip(b"\0")  # the store's reserve file is nothing but zeros
    assert not [mark for mark in _IMAGE_MARKS if mark in content], where
    for size in {len(run) for run in runs}:
        stretches = {content[at : at + size] for at in range(len(content) - size + 1)}
        assert not stretches & runs, where
    assert not _ARRAY_TEXT.search(content), where


def assert_only_the_store(paths, store, *others):
    """SQLite keeps its journal, and the store its lock, beside the file under the same name."""
    strangers = [path for path in paths if not path.name.startswith((store.name, *others))]
    assert paths
    assert strangers == []


def assert_outbox_is_small(path):
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        rows = outbox.waiting(1000)
    assert rows
    assert max(len(row.payload) for row in rows) < _LARGEST_PAYLOAD


@pytest.mark.parametrize("path", sorted(EDGE.rglob("*.py")), ids=lambda p: str(p.relative_to(EDGE)))
def test_no_code_of_the_device_can_write_an_array(path):
    assert WRITERS & set(names_called(path)) == set()


def test_the_search_finds_pixels_where_there_are_some():
    image = SyntheticScene().render(10.0)[200:320]
    runs = runs_of([image])
    assert len(runs) > 100
    with pytest.raises(AssertionError):
        assert_no_pixels(b"header" + image.tobytes(), runs, "raw")
    with pytest.raises(AssertionError):
        assert_no_pixels(b"header" + image[..., 1].tobytes(), runs, "one channel")
    for text in (str(image), repr(image), str(image[..., 1]), str(image.tolist())):
        with pytest.raises(AssertionError):
            assert_no_pixels(b"a log line, " + text.encode(), runs, "printed")


def test_what_watch_stores_and_logs_holds_no_pixels(tmp_path, capfdbinary):
    seen = []
    with Outbox.open(tmp_path / "edge.sqlite3", max_rows=1000, reserve_mb=0) as outbox:
        handler = FrameHandler(outbox, assemble_squares(reader=BrightnessReader()))
        for frame in frames(lambda second: [(0.3, 0.6), (0.7, 0.2)], until=12):
            seen += [frame.image.copy()] if frame.index % 10 == 0 else []
            handler.handle(frame)
        handler.finish()
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        contents = {str(path): path.read_bytes() for path in files}
    out, err = capfdbinary.readouterr()
    for where, content in {**contents, "stdout": out, "stderr": err}.items():
        assert_no_pixels(content, runs_of(seen), where)
    assert_only_the_store(files, tmp_path / "edge.sqlite3")
    assert_outbox_is_small(tmp_path / "edge.sqlite3")


def test_a_whole_device_writes_its_store_and_nothing_else(tmp_path):
    """Watch the bundled scene with real models in a process whose every folder is ours."""
    folders = {name: tmp_path / name for name in ("home", "tmp", "work")}
    for folder in folders.values():
        folder.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(EDGE.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folders["home"]),
        "TMPDIR": str(folders["tmp"]),
        "MOTCUA_LOG_LEVEL": "DEBUG",
        "MOTCUA_EDGE__STORE__RESERVE_MB": "0",
        "MOTCUA_EDGE__VISITS__GRACE_S": "0.5",
    }
    store = folders["work"] / "motcua-edge.sqlite3"
    log = tmp_path / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "motcua.cli", "edge", "watch", "--camera", "bundled"],
            env=environment,
            cwd=folders["work"],
            stdout=stream,
            stderr=stream,
        )
        try:
            eventually(lambda: b"visit_closed" in log.read_bytes(), 90, what="a first visit")
            written = {
                path.relative_to(tmp_path): path.read_bytes()
                for path in tmp_path.rglob("*")
                if path.is_file()
            }
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()
    scene = SyntheticScene()
    runs = runs_of([scene.render(tick) for tick in range(0, int(PERIOD_S) // 3, 2)])
    for path, content in written.items():
        assert_no_pixels(content, runs, path)
    assert_only_the_store(written, store, "log")
    assert_outbox_is_small(store)


def decoded(view):
    """Return what a browser makes of a look: every cell's colour, row after row, as bytes."""
    digits = "".join(view["cells"])
    return bytes(17 * int(digit, 16) for digit in digits)


def test_the_set_up_page_lets_no_pixels_out_of_memory(tmp_path):
    """Everything that it sends, writes and logs, over the bundled scene with real models."""
    store, log = tmp_path / "edge.sqlite3", tmp_path / "log"
    settings = tmp_path / "edge.toml"
    settings.write_text(f'[store]\npath = "{store}"\nreserve_mb = 0\n', encoding="utf-8")
    with motcua(
        "edge", "setup", "--config", str(settings), "--host", "127.0.0.1", "--port", "0", log=log,
        env={"MOTCUA_LOG_LEVEL": "DEBUG", "TMPDIR": str(tmp_path)},
    ) as process:  # fmt: skip
        eventually(lambda: "PIN: " in process.output(), 60, what="the set-up page")
        lines = process.output().splitlines()
        url = next(json.loads(line)["url"] for line in lines if "setup_started" in line)
        pin = next(line for line in lines if line.startswith("PIN: ")).removeprefix("PIN: ")
        looks, sent = [], []
        with httpx.Client(base_url=url, timeout=30) as client:
            token = client.post("/api/v1/session", json={"pin": pin}).json()["token"]
            client.headers["X-Setup-Token"] = token

            def look():
                answer = client.get("/api/v1/view")
                sent.append(answer.content)
                if answer.json()["cells"]:
                    looks.append(answer.json())
                return len(looks) >= 8 and any(one["heads"] for one in looks)

            eventually(look, 60, what="people in the picture")
            sent += [client.get(path).content for path in ("/", "/api/v1/state", "/texts")]
        written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    scene = SyntheticScene()
    runs = runs_of([scene.render(tick) for tick in range(0, int(PERIOD_S) // 3, 2)])
    for content in sent:
        assert_no_pixels(content, runs, "sent")
    for view in looks:
        assert view["columns"] <= COLUMNS
        shown = decoded(view)
        assert not runs & {shown[at : at + 3 * _RUN_PX] for at in range(0, len(shown), 3)}
        assert max(map(len, view["cells"])) <= 3 * COLUMNS
    for path, content in written.items():
        assert_no_pixels(content, runs, path)
    allowed = {settings.name, "setup-pin", log.name}
    assert {path.name for path in written} - allowed <= {f"{store.name}.watch.lock", store.name}
