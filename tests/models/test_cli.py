"""`motcua models` as its users call it."""

from __future__ import annotations

import re
import sys

import msgspec
import pytest

from edge.vision import registry
from tests.commands import call
from tests.edge.vision.graphs import brightness_graph, store
from tests.edge.vision.locked import locked
from tests.edge.vision.manifests import expression_manifest


@pytest.fixture
def clone_without_weights(tmp_path, monkeypatch):
    """The product's manifests in a clone that has neither bundled weights nor ../shared."""
    monkeypatch.setattr(registry, "_ROOT", tmp_path)
    monkeypatch.setattr(registry, "_BUNDLED", tmp_path / "models" / "bundled")
    monkeypatch.delenv(registry.MODELS_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "no-home"))
    return tmp_path


def test_list_names_each_model_and_why_it_cannot_be_used(clone_without_weights):
    result = call("models", "list")
    assert result.exit_code == 0
    (row,) = [line for line in result.output.splitlines() if line.startswith("yunet-n ")]
    assert "missing" in row
    assert "yunet_n_dynamic.onnx was not found" in row
    assert "(not there)" in result.output


def test_verify_without_any_weights_says_so_and_fails(clone_without_weights):
    result = call("models", "verify")
    assert result.exit_code == 1
    assert "no weights were found; fetch some with `motcua models fetch`" in result.output


def test_verify_names_a_truncated_file_and_fails(clone_without_weights):
    path = clone_without_weights / "yolox_nano.onnx"
    path.write_bytes(b"the first bytes")
    result = call("models", "verify", "--models", str(clone_without_weights))
    assert result.exit_code == 1
    assert f"{path} (15 bytes) is truncated or another file" in result.output
    assert re.search(r"Error: 1 of \d+ models are not what they should be", result.output)


@pytest.mark.shared
def test_verify_accepts_the_real_weights(shared):
    result = call("models", "verify", "--models", str(shared / "models"))
    assert result.exit_code == 0, result.output
    assert result.output.count("intact: ") == 10  # six of others, and the four bundled ones


def test_verify_accepts_the_bundled_weights():
    result = call("models", "verify")
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
    result = call("models", "verify", "--models", str(broken_manifest.parent))
    assert result.exit_code == 1
    assert f"manifest {broken_manifest}: " in result.output
    assert re.search(r"Error: 1 of \d+ models are not what they should be", result.output)


def test_list_names_a_manifest_that_cannot_be_read(broken_manifest):
    result = call("models", "list", "--models", str(broken_manifest.parent))
    assert result.exit_code == 0
    assert f"passed over: manifest {broken_manifest}: " in result.output


@pytest.fixture
def own_models(clone_without_weights):
    """A folder with one model that is intact and fits, and one that is wider than its weights."""
    folder = clone_without_weights
    graph = brightness_graph(input_shape=("n", 1, 16, 16))
    for name, side_px in (("fitting", 16), ("too-wide", 64)):
        manifest = store(folder, expression_manifest(name=name), graph).manifest
        size = msgspec.structs.replace(manifest.input, width_px=side_px, height_px=side_px)
        manifest = msgspec.structs.replace(manifest, input=size, preference=99)
        (folder / f"{name}.manifest.json").write_bytes(msgspec.json.encode(manifest))
    return folder


def row_of(result, name):
    (row,) = [line for line in result.output.splitlines() if line.startswith(f"{name} ")]
    return row.split(maxsplit=3)


def test_list_tells_a_model_that_does_not_fit_its_weights(own_models):
    result = call("models", "list", "--models", str(own_models))
    assert result.exit_code == 0
    assert row_of(result, "fitting")[2:] == ["usable", str(own_models / "fitting.onnx")]
    _, _, condition, problem = row_of(result, "too-wide")
    assert condition == "unfit"
    assert "its input is input[?,1,16,16] instead of input[?,1,64,64]" in problem


def test_list_without_an_onnx_runtime_tells_what_it_can(own_models, monkeypatch):
    monkeypatch.setitem(sys.modules, "edge.vision.adapters", None)
    result = call("models", "list", "--models", str(own_models))
    assert row_of(result, "too-wide")[2] == "usable"


def test_verify_tells_a_model_that_does_not_fit_its_weights(own_models):
    result = call("models", "verify", "--models", str(own_models))
    assert result.exit_code == 1
    assert "instead of input[?,1,64,64]" in result.output
    assert re.search(r"Error: 1 of \d+ models are not what they should be", result.output)


@pytest.mark.parametrize("wanted", ["list", "verify"])
def test_own_manifest_by_a_name_of_the_product_is_told_and_no_failure(own_models, wanted):
    (own_models / "too-wide.manifest.json").unlink()
    path = own_models / "motcua-expression.manifest.json"
    manifest = msgspec.json.decode((own_models / "fitting.manifest.json").read_bytes())
    path.write_bytes(msgspec.json.encode({**manifest, "name": "motcua-expression"}))
    result = call("models", wanted, "--models", str(own_models))
    assert result.exit_code == 0, result.output
    assert f"passed over: manifest {path}: the name is the product's: motcua-e" in result.output


@pytest.mark.parametrize("wanted", ["list", "verify"])
def test_manifest_that_cannot_be_read_is_told_once(broken_manifest, wanted):
    folder = broken_manifest.parent
    result = call("models", wanted, "--models", str(folder))
    assert result.output.count(str(broken_manifest)) == 1


@pytest.mark.parametrize("wanted", ["list", "verify"])
@pytest.mark.parametrize("how", ["option", "variable"])
def test_folder_that_may_not_be_entered_is_one_line(own_models, monkeypatch, wanted, how):
    if how == "variable":
        monkeypatch.setenv(registry.MODELS_VARIABLE, str(own_models))
    option = ["--models", str(own_models)] if how == "option" else []
    with locked(own_models):
        result = call("models", wanted, *option)
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith(f"Error: the folder of models {own_models} cannot be read: ")
    assert "Permission denied" in line


def test_verify_fails_where_the_folder_that_is_named_is_not_there(clone_without_weights):
    absent = clone_without_weights / "absent"
    result = call("models", "verify", "--models", str(absent))
    assert result.exit_code == 1
    assert f"the folder of models {absent} is not there" in result.output


def test_verify_tells_which_folders_are_not_there(own_models, monkeypatch):
    absent = own_models / "absent"
    monkeypatch.setenv(registry.MODELS_VARIABLE, str(absent))
    result = call("models", "verify")
    assert f"searched {absent} (not there)" in result.output
