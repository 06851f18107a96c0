"""What manifests say was measured: of these weights, and as the results have it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from contract.manifest import Measurement, ModelManifest, read_manifest
from models.lab.evaluation.detection import evaluate_faces
from models.lab.evaluation.document import MANIFESTS, product_manifests
from models.lab.evaluation.entries import FaceModel
from models.lab.evaluation.expressions import evaluate_expressions
from models.lab.evaluation.measured import HEADING, measurements, with_measurements
from models.lab.evaluation.results import Results, read_all_results
from models.lab.evaluation.timing import BenchReport, Timing
from tests.models.lab.evaluation.fakes import CentreFinder, Faces, GreyReader
from tests.models.lab.evaluation.test_detection import some_face

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


def of_face_model(sha256):
    """Return faces found, and times taken, by `motcua-face` with weights of this digest."""
    found = evaluate_faces("made", [some_face()], [
        FaceModel(name="motcua-face", detector=CentreFinder(width_px=48), sha256=sha256)
    ])  # fmt: skip
    timing = Timing(
        model="motcua-face", task="face_detection", work="320x256", threads=1, median_ms=4.0,
        p95_ms=5.0, peer="", ratio=None, sha256=sha256,
    )  # fmt: skip
    bench = BenchReport(command="", machine="", rounds=1, timings=(timing,))
    return Results(faces=found), Results(bench=bench)


def test_figures_and_times_of_other_weights_are_not_given():
    manifest = read_manifest(MANIFESTS / "motcua-face.toml")
    for result in of_face_model(manifest.sha256):
        assert measurements(manifest, [result])
    for digest in ("0" * 64, ""):
        assert not measurements(manifest, of_face_model(digest))


def test_people_who_calibrate_judge_no_model():
    manifest = read_manifest(MANIFESTS / "motcua-expression.toml")
    reader = GreyReader(name=manifest.name, sha256=manifest.sha256)
    pairs = [("happy", ""), ("sad", "")]
    for part, is_given in (("validation", True), ("calibration", False)):
        found = evaluate_expressions(Faces(pairs, name=f"faces, {part}"), [reader])
        assert bool(measurements(manifest, [Results(expressions=found)])) is is_given


def test_measurements_say_how_many_pictures_did_not_judge():
    manifest = read_manifest(MANIFESTS / "motcua-expression.toml")
    reader = GreyReader(name=manifest.name, sha256=manifest.sha256)
    found = replace(evaluate_expressions(Faces([("happy", "")]), [reader]), trained_on=7)
    given = measurements(manifest, [Results(expressions=found)])
    assert {m.data for m in given} == {
        "made faces, without 7 pictures of its training split, labels: label"
    }
