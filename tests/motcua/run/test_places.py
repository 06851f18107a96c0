"""The data folder: what the first start writes, and what a user may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.settings import read_settings
from motcua.errors import DataUnusable
from motcua.run.options import absolute_source, default_data
from motcua.run.places import Places
from server.imports import command as import_command


def test_written_settings_are_the_units_own(tmp_path: Path) -> None:
    places = Places(data=tmp_path / "data")
    places.prepare()
    settings = read_settings(places.edge_config)
    assert settings.device.address.topic("health").startswith("motcua/v1/demo/quay-1/edge-1/")
    assert settings.store.path == tmp_path / "data" / "edge.sqlite3"
    assert settings.camera.source == "bundled"


def test_changed_files_are_kept(tmp_path: Path) -> None:
    places = Places(data=tmp_path)
    places.prepare()
    for file in (places.edge_config, places.units):
        file.write_text("changed")
    places.prepare()
    assert places.edge_config.read_text() == "changed"
    assert places.units.read_text() == "changed"


def test_unusable_folder_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(DataUnusable, match="choose another one with --data"):
        Places(data=tmp_path / "data").prepare()


def test_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    places = Places(data=tmp_path / "not" / "made")
    places.require_room()
    with pytest.raises(DataUnusable, match=r"made: \d+ MB are free, .* choose another folder"):
        places.require_room(least_mb=10**9)
    assert list(tmp_path.iterdir()) == []


def test_import_knows_the_units_table() -> None:
    assert "units" in import_command.commands


def test_checkout_keeps_its_data_beside_itself() -> None:
    assert default_data() == Path(__file__).resolve().parents[3] / "var"


@pytest.mark.parametrize("source", ["0", "rtsp://camera/stream", "bundled", "none"])
def test_sources_that_are_no_files_stay_as_they_are(source: str) -> None:
    assert absolute_source(source) == source


def test_file_source_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").touch()
    assert absolute_source("clip.mp4") == str(tmp_path / "clip.mp4")


def test_file_that_is_not_there_yet_is_looked_for_where_the_user_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute_source("clips/typo.mp4") == str(tmp_path / "clips" / "typo.mp4")
