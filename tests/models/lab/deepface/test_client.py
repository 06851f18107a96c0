"""Where deepface is not set up, and where its process fails: one line that says what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from models.lab.deepface.client import DeepFace, find_python
from models.lab.deepface.worker import PYTHON_VARIABLE
from models.lab.evaluation.errors import ModelUnfit

PICTURE = np.zeros((4, 4, 3), np.uint8)


def python_that(folder, does: str) -> Path:
    """Return a stand-in for the environment's Python."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    return path


def test_without_its_environment_one_line_says_how_to_get_it(tmp_path):
    with pytest.raises(ModelUnfit, match=r"is missing\): run `sh setup.sh deepface`"):
        find_python({PYTHON_VARIABLE: str(tmp_path / "python")})


def test_another_environment_may_be_named(tmp_path):
    python = python_that(tmp_path, "true")
    assert find_python({PYTHON_VARIABLE: str(python)}) == python


def test_a_file_that_cannot_be_run_is_one_line(tmp_path):
    python = python_that(tmp_path, "true")
    python.chmod(0o644)
    with pytest.raises(ModelUnfit, match=r"model deepface:yunet: .*python cannot be run: Permis"):
        DeepFace("deepface:yunet", python=python)


def test_an_environment_without_deepface_says_how_to_get_it():
    library = DeepFace("deepface:emotion", python=Path(sys.executable))
    with pytest.raises(ModelUnfit, match="model deepface:emotion: No module named") as caught:
        library.open("open_expression", "emotion")
    assert f"'deepface' for {sys.executable}; run `sh setup.sh deepface`, or" in str(caught.value)
    assert PYTHON_VARIABLE in str(caught.value)
    library.close()


def test_an_environment_without_numpy_says_how_to_get_one(tmp_path):
    python = python_that(tmp_path, """echo "No module named 'numpy'" >&2; exit 1""")
    library = DeepFace("deepface:yunet", python=python)
    with pytest.raises(ModelUnfit, match=r"No module named 'numpy'; run `sh setup.sh deepface`"):
        library.open("open_detector", "yunet")
    library.close()


def test_a_process_that_ends_is_one_line_with_its_last_words(tmp_path):
    python = python_that(tmp_path, "echo first >&2; echo 'Illegal instruction' >&2; exit 1")
    library = DeepFace("deepface:yunet", python=python)
    with pytest.raises(ModelUnfit, match=r"deepface:yunet: deepface's process ended: Illegal in"):
        library.call("find", PICTURE)
    library.close()


def test_a_process_that_prints_nonsense_is_one_line(tmp_path):
    library = DeepFace("deepface:yunet", python=python_that(tmp_path, "read line; echo hello"))
    with pytest.raises(ModelUnfit, match=r"process ended: it said nothing"):
        library.call("find", PICTURE)
    library.close()


def test_the_process_ends_with_the_one_who_asks(tmp_path):
    ended = tmp_path / "ended"
    python = python_that(tmp_path, f"cat >/dev/null; : >{ended}")
    library = DeepFace("deepface:emotion", python=python)
    assert not ended.exists()
    del library
    assert ended.exists()
