"""The command: what it delivers when, and what it refuses. test_environment.py runs these."""

from __future__ import annotations

import hashlib

import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="PyTorch is not installed here; sh setup.sh train")

from models.lab.evaluation.errors import DataInvalid  # noqa: E402
from models.lab.training import __main__ as command  # noqa: E402
from tests.models.lab.training.collections import labelled_faces  # noqa: E402

FILES = ("motcua-face.onnx", "motcua-face.parity.npz", "motcua-face-int8.onnx")


def refuse(*_, **__):
    raise DataInvalid("the second half fails")


@pytest.fixture
def product(tmp_path, monkeypatch):
    """Return a product's folder with weights and manifests, and a set to train on, all made up."""
    bundled, manifests = tmp_path / "bundled", tmp_path / "manifests"
    for folder in (bundled, manifests):
        folder.mkdir()
    for name in FILES:
        (bundled / name).write_text("old")
    for stem in ("motcua-face", "motcua-face-int8"):
        text = f'name = "{stem}"\nsha256 = "{hashlib.sha256(b"old").hexdigest()}"\n'
        (manifests / f"{stem}.toml").write_text(text)
    labelled_faces(tmp_path / "data" / "expressions", people=4)
    for name, value in {
        "_BUNDLED": bundled,
        "MANIFESTS": manifests,
        "train_detector": lambda *_, **__: None,
        "open_collections": refuse,
    }.items():
        monkeypatch.setattr(command, name, value)
    return tmp_path


def train(product, *options):
    arguments = ["--data", product / "data", "--out", product / "out", *options]
    return CliRunner().invoke(command.main, [str(argument) for argument in arguments])


def test_a_detector_comes_with_its_manifests_though_expressions_fail(product, monkeypatch):
    def export(run, folders, out, *, name):
        for file in FILES:
            (out / file).write_text(f"new {file}")
        return [out / file for file in FILES if file.endswith(".onnx")]

    monkeypatch.setattr(command, "export_detector", export)
    done = train(product)
    assert "the second half fails" in done.output
    assert sorted(path.name for path in (product / "bundled").iterdir()) == sorted(FILES)
    for stem in ("motcua-face", "motcua-face-int8"):
        weights = (product / "bundled" / f"{stem}.onnx").read_bytes()
        assert weights.startswith(b"new")
        manifest = (product / "manifests" / f"{stem}.toml").read_text()
        assert hashlib.sha256(weights).hexdigest() in manifest
    assert (product / "bundled" / FILES[1]).read_text().startswith("new")


def test_an_export_that_fails_leaves_the_product_as_it_was(product, monkeypatch):
    def export(run, folders, out, *, name):
        (out / FILES[0]).write_text("new, but not whole")
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "export_detector", export)
    done = train(product)
    assert done.exit_code != 0
    assert {path.name: path.read_text() for path in (product / "bundled").iterdir()} == (
        dict.fromkeys(FILES, "old")
    )


@pytest.mark.parametrize("given", [["hall/cam", "desk/cam"], ["expressions"], ["hall/fer2013"]])
def test_folders_of_one_name_are_refused(product, given):
    folders = [labelled_faces(product / path, people=3) for path in given]
    options = [part for folder in folders for part in ("--images", folder)]
    done = train(product, *options, "--name", "own")
    assert done.exit_code == 1
    assert "have one name" in done.output
    assert str(folders[-1]) in done.output
