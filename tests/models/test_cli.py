"""`motcua models` as its users call it."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from edge.vision import registry
from models.cli import command


@pytest.fixture
def clone_without_weights(tmp_path, monkeypatch):
    """The product's manifests in a clone that has neither bundled weights nor ../shared."""
    monkeypatch.setattr(registry, "_ROOT", tmp_path)
    monkeypatch.setattr(registry, "_BUNDLED", tmp_path / "models" / "bundled")
    monkeypatch.delenv(registry.MODELS_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "no-home"))
    return tmp_path


def test_list_names_each_model_and_why_it_cannot_be_used(clone_without_weights):
    result = CliRunner().invoke(command, ["list"])
    assert result.exit_code == 0
    (row,) = [line for line in result.output.splitlines() if line.startswith("yunet-n ")]
    assert "missing" in row
    assert "yunet_n_dynamic.onnx was not found" in row
    assert "(not there)" in result.output


def test_verify_without_any_weights_says_so_and_fails(clone_without_weights):
    result = CliRunner().invoke(command, ["verify"])
    assert result.exit_code == 1
    assert "no weights were found; fetch some with `motcua models fetch`" in result.output


def test_verify_names_a_truncated_file_and_fails(clone_without_weights):
    path = clone_without_weights / "yolox_nano.onnx"
    path.write_bytes(b"the first bytes")
    result = CliRunner().invoke(command, ["verify", "--models", str(clone_without_weights)])
    assert result.exit_code == 1
    assert f"{path} (15 bytes) is truncated or another file" in result.output
    assert re.search(r"Error: 1 of \d+ models are not what they should be", result.output)


@pytest.mark.shared
def test_verify_accepts_the_real_weights(shared):
    result = CliRunner().invoke(command, ["verify", "--models", str(shared / "models")])
    assert result.exit_code == 0, result.output
    assert result.output.count("intact: ") == 10  # six of others, and the four bundled ones


def test_verify_accepts_the_bundled_weights():
    result = CliRunner().invoke(command, ["verify"])
    assert result.exit_code == 0, result.output
    for name in ("motcua-face", "motcua-face-int8", "motcua-expression", "motcua-expression-int8"):
        assert f"{name:20} intact: " in result.output or f"{name} intact: " in result.output


@pytest.fixture
def broken_manifest(clone_without_weights):
    """A manifest beside weights that is no TOML."""
    path = clone_without_weights / "own.manifest.toml"
    path.write_text("name = ")
    return path


def test_verify_counts_a_manifest_that_cannot_be_read(broken_manifest):
    result = CliRunner().invoke(command, ["verify", "--models", str(broken_manifest.parent)])
    assert result.exit_code == 1
    assert f"manifest {broken_manifest}: " in result.output
    assert re.search(r"Error: 1 of \d+ models are not what they should be", result.output)


def test_list_names_a_manifest_that_cannot_be_read(broken_manifest):
    result = CliRunner().invoke(command, ["list", "--models", str(broken_manifest.parent)])
    assert result.exit_code == 0
    assert f"passed over: manifest {broken_manifest}: " in result.output
