"""Where named files and folders are found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.lab.evaluation.errors import DataMissing
from models.lab.evaluation.places import found_in, require_folder


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working folder with a folder of pictures, which has labels.csv."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "labels.csv").write_text("inside")
    return tmp_path


def test_a_file_is_looked_for_inside_the_folder(here):
    assert found_in(Path("images"), Path("labels.csv")).read_text() == "inside"


def test_the_working_folder_wins(here):
    (here / "labels.csv").write_text("here")
    assert found_in(Path("images"), Path("labels.csv")).read_text() == "here"


def test_both_places_are_named(here):
    with pytest.raises(DataMissing, match=r"^neither faces\.csv nor images/faces\.csv is there$"):
        found_in(Path("images"), Path("faces.csv"))
    with pytest.raises(DataMissing, match=f"^{re.escape(str(here))}/faces.csv is not there$"):
        found_in(Path("images"), here / "faces.csv")


def test_what_is_no_folder_or_cannot_be_reached_is_named(here):
    with pytest.raises(DataMissing, match=r"labels\.csv is no folder"):
        require_folder(here / "images" / "labels.csv")
    with pytest.raises(DataMissing, match=r"the folder of models a+ cannot be reached: File name"):
        require_folder(Path("a" * 300), "the folder of models ")
