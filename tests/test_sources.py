"""Digests of sources: what makes a costly test run again, and what does not."""

from __future__ import annotations

import pytest

from tests.sources import digest

PATTERNS = ("models/lab/training/*.py", "models/bundled/*.onnx", "requirements/lab.txt")


@pytest.fixture
def tree(tmp_path):
    for file, text in {
        "models/lab/training/nets.py": "from models.lab.splits import part\nWIDTH = 2\n",
        "models/lab/splits.py": '"""Parts."""\ndef part():\n    return 1\n',
        "models/other.py": "OTHER = 1",
        "models/bundled/face.onnx": "weights",
        "requirements/lab.txt": "numpy==2\n",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    return tmp_path


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_comments_docstrings_places_of_modules_and_what_is_not_imported_do_not_count(tree):
    before = digest(PATTERNS, root=tree)
    change(tree / "models" / "lab" / "splits.py", "Parts.", "Other words.")
    change(tree / "models" / "lab" / "splits.py", "def part", "# A comment.\n\ndef part")
    (tree / "models" / "lab" / "splits.py").rename(tree / "models" / "lab" / "parts.py")
    nets = tree / "models" / "lab" / "training" / "nets.py"
    change(nets, "models.lab.splits", "models.lab.parts")
    change(tree / "models" / "other.py", "OTHER = 1", "OTHER = 2")
    assert digest(PATTERNS, root=tree) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("models/lab/training/nets.py", "WIDTH = 2", "WIDTH = 3"),
        ("models/lab/splits.py", "return 1", "return 2"),
        ("models/bundled/face.onnx", "weights", "other weights"),
        ("requirements/lab.txt", "numpy==2", "numpy==3"),
    ],
)
def test_what_the_code_does_and_runs_on_counts(tree, file, old, new):
    before = digest(PATTERNS, root=tree)
    change(tree / file, old, new)
    assert digest(PATTERNS, root=tree) != before


def test_texts_count(tree):
    assert digest(PATTERNS, "torch==1", root=tree) != digest(PATTERNS, "torch==2", root=tree)


def test_pattern_that_matches_nothing_is_named(tree):
    with pytest.raises(FileNotFoundError, match=r"models/gone/\*\.py"):
        digest(("models/gone/*.py",), root=tree)


def test_what_is_imported_counts_only_where_it_is_wanted(tree):
    before = digest(PATTERNS, root=tree), digest(PATTERNS, root=tree, imported=False)
    change(tree / "models" / "lab" / "splits.py", "return 1", "return 2")
    after = digest(PATTERNS, root=tree), digest(PATTERNS, root=tree, imported=False)
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True]
