"""Manifests that people write: what is refused, and how it is said."""

from __future__ import annotations

import codecs
from pathlib import Path

import msgspec
import pytest

from contract.errors import ManifestError
from contract.manifest import LARGEST_MULTIPLE_PX, LARGEST_SIDE_PX, check_manifest, read_manifest
from edge.vision.adapters import NONE
from edge.vision.registry import AUTO
from tests.edge.vision.manifests import aligned_manifest, expression_manifest, face_manifest

FIELDS = {
    "name": '"own"',
    "task": '"expression"',
    "adapter": '"label_probabilities"',
    "file": '"own.onnx"',
    "labels": '["happy", "sad"]',
    "sentiment": '{ happy = "positive", sad = "negative" }',
    "source": '{ origin = "ours", licence = "ours", trained_on = "ours" }',
    "input.width_px": "48",
    "input.height_px": "48",
    "input.colour": '"grey"',
}
EYES = "[38.3, 51.7], [73.5, 51.5]"
LOWER = "[56.0, 71.7], [41.5, 92.4], [70.7, 92.2]"


def written(folder: Path, **changes: str) -> Path:
    """Write a manifest of a grey model of 48 px; the changes are TOML, `__` standing for a dot."""
    fields = FIELDS | {name.replace("__", "."): value for name, value in changes.items()}
    path = folder / "own.manifest.toml"
    path.write_text("".join(f"{name} = {value}\n" for name, value in fields.items()), "utf-8")
    return path


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"crop_margin": "-0.1"},
        {"crop_margin": "1"},
        {"input__mean": "[127.5]", "input__scale": "0.0078"},
        {"input__colour": '"rgb"', "input__mean": "[1, 2, 3]", "input__scale": "[1.0, 2.0, 3.0]"},
        {"input__colour": '"bgr"', "input__mean": "[127.5]", "input__scale": "[0.5]"},
        {"alignment": f"[{EYES}, {LOWER}]"},
        {"task": '"face_detection"', "input__width_px": "0", "input__height_px": "0"},
        {"task": '"person_detection"', "input__width_px": "416", "input__height_px": "256"},
    ],
    ids=str,
)
def test_what_models_want_is_accepted(tmp_path, changes):
    assert read_manifest(written(tmp_path, **changes)).name == "own"


@pytest.mark.parametrize(
    "name", ["", "../../own", "own:x", "own\\n", "-own", "an own", "o" * 129, AUTO, NONE]
)
def test_name_that_is_no_file_or_means_something_else_is_refused(tmp_path, name):
    refused(written(tmp_path, name=f'"{name}"'), "name")


@pytest.mark.parametrize(
    "file",
    [
        "",
        "/etc/own.onnx",
        "../own.onnx",
        "folder/own.onnx",
        "own.onnx\\n",
        "index.json",
        f"{'o' * 5000}.onnx",
    ],
    ids=lambda file: file[:20],
)
def test_file_that_is_no_plain_name_is_refused(tmp_path, file):
    error = refused(written(tmp_path, file=f'"{file}"'), "file")
    assert len(error) < 400


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("crop_margin", ["nan", "inf", "-0.6", "1e9"]),
        ("input.scale", ["nan", "inf", "-inf", "1e300", "0.0", "1e-300", "[]", "[nan]"]),
        ("input.scale", ["[1.0, 2.0]", "[1.0, 2.0, 3.0]"]),
        ("input.mean", ["[]", "[nan]", "[inf]", "[1e300]", "[1.0, 2.0]", "[1.0, 2.0, 3.0]"]),
        ("input.multiple_of_px", ["0", str(LARGEST_MULTIPLE_PX + 1), "1000000000"]),
        ("input.width_px", ["-1", "0", "47", str(LARGEST_SIDE_PX + 1), "1000000"]),
        ("input.height_px", ["0", "47", "1000000"]),
        ("minimum_face_px", ["nan", "inf", "-1"]),
        ("score_threshold", ["nan", "1.1"]),
        ("abstention.maximum_turn", ["nan", "inf", "0"]),
        ("abstention.minimum_legibility", ["nan"]),
    ],
)
def test_number_that_no_model_means_is_refused(tmp_path, field, values):
    for value in values:
        refused(written(tmp_path, **{field.replace(".", "__"): value}), field)


def test_colours_want_one_value_or_one_for_each_channel(tmp_path):
    for field in ("mean", "scale"):
        path = written(tmp_path, input__colour='"rgb"', **{f"input__{field}": "[1.0, 2.0]"})
        assert "2 values instead of 1 or 3, as rgb has" in refused(path, f"input.{field}")


def test_measured_figure_that_is_no_number_is_refused(tmp_path):
    figure = '[{ figure = "accuracy", value = nan, data = "ours", command = "ours" }]'
    refused(written(tmp_path, measured=figure), "measured[0].value")


@pytest.mark.parametrize(
    ("width_px", "height_px"), [(320, 0), (0, 240)], ids=["no height", "no width"]
)
def test_detectors_size_is_whole_or_free(tmp_path, width_px, height_px):
    sizes = {"input__width_px": str(width_px), "input__height_px": str(height_px)}
    error = refused(written(tmp_path, task='"face_detection"', **sizes), "input.width_px")
    assert f"{width_px} and {height_px}: give both, or neither" in error


@pytest.mark.parametrize(
    "points",
    [
        ", ".join(["[20.0, 20.0]"] * 5),
        "[10, 10], [20, 20], [30, 30], [40, 40], [50, 50]",
        f"[73.5, 51.5], [38.3, 51.7], {LOWER}",
        f"{EYES}, [56.0, 71.7], [nan, 92.4], [70.7, 92.2]",
        f"{EYES}, [56.0, 71.7], [41.5, inf], [70.7, 92.2]",
        f"{EYES}, [56.0, 71.7]",
    ],
    ids=["one point", "one line", "mirrored", "no number", "no end", "too few"],
)
def test_alignment_that_is_no_face_is_refused(tmp_path, points):
    refused(written(tmp_path, alignment=f"[{points}]"), "alignment")


@pytest.mark.parametrize("content", ["x = 1" + "0" * 5000, "x = " + "[" * 3000, "x = "])
def test_text_that_is_no_toml_is_refused(tmp_path, content):
    path = tmp_path / "own.manifest.toml"
    path.write_text(content)
    with pytest.raises(ManifestError) as caught:
        read_manifest(path)
    assert str(caught.value).startswith(f"manifest {path}: ")


def test_byte_order_mark_of_windows_editors_is_no_part_of_a_manifest(tmp_path):
    toml = written(tmp_path)
    toml.write_bytes(codecs.BOM_UTF8 + toml.read_bytes())
    json = tmp_path / "own.manifest.json"
    json.write_bytes(codecs.BOM_UTF8 + msgspec.json.encode(read_manifest(toml)))
    assert read_manifest(json) == read_manifest(toml)


@pytest.mark.parametrize(
    "manifest", [aligned_manifest(), expression_manifest(), face_manifest()], ids=lambda m: m.name
)
def test_manifests_of_other_tests_are_sound(manifest):
    assert check_manifest(manifest, "here") is manifest


def refused(path: Path, field: str) -> str:
    """Require a refusal in one line that names the file and the field, and return it."""
    with pytest.raises(ManifestError) as caught:
        read_manifest(path)
    where, _, problem = str(caught.value).partition(f"{path}: ")
    assert where == "manifest "
    assert field in problem
    assert "\n" not in problem
    return problem
