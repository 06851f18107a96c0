"""What manifests say was measured: of these weights, and as the results have it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from contract.manifest import Measurement, ModelManifest, read_manifest
from models.evaluation.document import MANIFESTS, product_manifests
from models.evaluation.measured import HEADING, measurements, with_measurements
from models.evaluation.results import read_all_results

BY_HAND = (MANIFESTS / "motcua-face.toml").read_text(encoding="utf-8").partition(HEADING)[0]
FIGURES = (
    Measurement(figure='recall, "small"', value=0.5, data="a folder", command="motcua a --b 'c'"),
    Measurement(figure="landmark error", value=0.0625, data="Ảnh, tất cả", command="motcua d"),
)


def decoded(text):
    return msgspec.toml.decode(text, type=ModelManifest)


def test_figures_are_added_and_the_rest_stays_as_it_was():
    text = with_measurements(BY_HAND, FIGURES)
    assert text.startswith(BY_HAND.rstrip())
    assert decoded(text).measured == FIGURES
    assert msgspec.structs.replace(decoded(text), measured=()) == decoded(BY_HAND)


def test_writing_twice_changes_nothing():
    once = with_measurements(BY_HAND, FIGURES)
    assert with_measurements(once, FIGURES) == once
    assert with_measurements(once, ()) == with_measurements(BY_HAND, ())


@pytest.mark.parametrize("manifest", product_manifests(), ids=lambda manifest: manifest.name)
def test_manifests_say_what_the_results_say(manifest):
    assert manifest.measured == measurements(manifest, read_all_results())


@pytest.mark.parametrize(
    "name", ["motcua-face", "motcua-face-int8", "motcua-expression", "motcua-expression-int8"]
)
def test_of_the_bundled_weights_accuracy_and_time_are_known(name):
    figures = {m.figure for m in read_manifest(MANIFESTS / f"{name}.toml").measured}
    wanted = ["recall", "median ms"] if "face" in name else ["macro-F1", "recall of", "median ms"]
    for figure in wanted:
        assert any(known.startswith(figure) for known in figures), figure


def test_figures_of_other_weights_are_not_given():
    of_faces = [replace(result, bench=None) for result in read_all_results() if result.faces]
    manifest = read_manifest(MANIFESTS / "motcua-face.toml")
    assert measurements(manifest, of_faces)
    other = msgspec.structs.replace(manifest, sha256="0" * 64)
    assert not measurements(other, of_faces)
