"""`motcua models evaluate` and `bench` as their users call them, with tiny models."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace

import cv2
import msgspec
import numpy as np
import pytest

from contract.manifest import ModelTask
from edge.vision.registry import ModelRegistry
from models.lab.evaluation import cli
from models.lab.evaluation.errors import ResultsInvalid
from tests import commands
from tests.edge.vision.graphs import brightness_graph, store
from tests.edge.vision.manifests import expression_manifest, face_manifest
from tests.edge.vision.planted import face_graph


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A registry of two expression models, which know bright from dark, and a face detector."""
    folder = tmp_path / "weights"
    folder.mkdir()
    graph = brightness_graph(input_shape=["n", 1, 16, 16])
    models = [
        store(folder, expression_manifest(name=name, labels=("happy", "sad")), graph)
        for name in ("first", "second")
    ]
    models.append(store(folder, face_manifest(side_px=64, multiple_of_px=1), face_graph()))
    found = ModelRegistry(manifests=tuple(m.manifest for m in models), folders=(folder,))
    monkeypatch.setattr(cli, "open_registry", lambda _: found)
    return found


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    rows = ["file,label,person"]
    for index in range(12):
        label, level = (("happiness", 230), ("sadness", 20))[index % 2]
        cv2.imwrite(str(folder / f"{index}.png"), np.full((60, 60, 3), level, np.uint8))
        rows.append(f"{index}.png,{label},person {index + 60}")
    (folder / "labels.csv").write_text("\n".join([*rows, "gone.png,sadness,An"]))
    (folder / "faces.csv").write_text(
        "\n".join(["file,x,y,w,h", *(f"{index}.png,5,5,50,50" for index in range(12))])
    )
    return folder


def call(*arguments):
    return commands.call("models", *arguments)


def evaluate(pictures, *arguments):
    labels = pictures / "labels.csv"
    return call("evaluate", "--images", pictures, "--labels", labels, *arguments)


def test_every_usable_model_is_evaluated_and_bad_pictures_listed(registry, pictures):
    result = evaluate(pictures, "--cropped")
    assert result.exit_code == 0, result.output
    assert "pictures, all: 12 faces, 1 left out" in result.output
    assert "gone.png cannot be read: No such file or directory" in result.output
    for title in ("Seven classes", "Three classes", "Differences on the same faces", "AURC"):
        assert title in result.output
    for name in ("first", "second"):
        assert re.search(rf"^  {name} +12  100\.0 %", result.output, re.MULTILINE)


def test_json_has_every_figure(registry, pictures):
    result = evaluate(pictures, "--faces", pictures / "faces.csv", "--model", "second", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["faces"] == 12
    assert report["command"] == (
        "motcua models evaluate --images pictures --labels labels.csv --faces faces.csv "
        "--model second"
    )
    (model,) = report["models"]
    (found,) = model["annotations"]
    assert found["seven"]["accuracy"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert {c["name"] for c in found["conditions"]} >= {"plain", "width 24", "mask", "glasses"}


def test_the_file_of_saved_figures_names_no_place(registry, pictures, tmp_path):
    path = tmp_path / "saved.json"
    assert evaluate(pictures, "--cropped", "--save", path).exit_code == 0
    assert str(tmp_path) not in path.read_text()


def test_progress_is_shown_although_faces_are_done_in_batches(capsys):
    show = cli.progress()
    for done in range(64, 1600, 64):
        show(done)
    assert capsys.readouterr().err == "512 faces\n1024 faces\n1536 faces\n"
    show = cli.progress()
    for done in range(1, 1001):
        show(done)
    assert capsys.readouterr().err == "500 faces\n1000 faces\n"


def test_auto_is_the_model_that_a_unit_would_take(registry, pictures):
    result = evaluate(pictures, "--cropped", "--model", "auto", "--json")
    assert [m["model"] for m in json.loads(result.stdout)["models"]] == ["first"]


def test_auto_and_its_own_name_are_one_model(registry, pictures):
    arguments = ("--cropped", "--model", "auto", "--model", "first", "--json")
    report = json.loads(evaluate(pictures, *arguments).stdout)
    assert [m["model"] for m in report["models"]] == ["first"]
    assert report["command"].endswith("--cropped --model first")


def test_a_command_that_named_no_model_names_none(registry, pictures):
    report = json.loads(evaluate(pictures, "--cropped", "--json").stdout)
    assert len(report["models"]) == 2
    assert "--model" not in report["command"]


def test_a_face_detector_is_judged_by_boxes(registry, pictures):
    arguments = ("evaluate", "--model", "tiny-yunet", "--images", pictures)
    result = call(*arguments, "--faces", pictures / "faces.csv", "--without-faces", pictures)
    assert result.exit_code == 0, result.output
    assert "Faces found" in result.output
    assert "False faces in pictures" in result.output
    (pictures / "bad.png").write_bytes(b"")
    result = call(*arguments, "--faces", pictures / "faces.csv", "--without-faces", pictures)
    assert result.exit_code == 0, result.output
    assert "pictures/bad.png is empty" in result.output
    result = call(*arguments)
    assert result.exit_code == 1
    assert "face detectors are judged by labelled boxes" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "nobody"], "no model is called nobody; known: first"),
        (["--model", "elsewhere:x"], "no family is called elsewhere"),
        (["--model", "first", "--model", "tiny-yunet"], "for different tasks"),
        (["--fer2013", "x.npz"], "--fer2013 and --images contradict each other"),
        (["--faces", "faces.csv"], "--cropped and --faces contradict each other"),
        (["--split", "public"], "--split is for --fer2013"),
        (["--without-faces", "x"], "--without-faces is for face detectors"),
        (["--part", "calibration"], "labels.csv names nobody of the part calibration"),
    ],
)
def test_what_cannot_be_done_is_one_line(registry, pictures, arguments, message):
    result = evaluate(pictures, "--cropped", *arguments)
    assert result.exit_code == 1
    assert message in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_missing_benchmark_is_named(registry):
    result = call("evaluate", "--fer2013", "x.npz")
    assert result.exit_code == 1
    assert result.output == "Error: x.npz is not there\n"


def test_without_data_the_options_are_named(registry):
    result = call("evaluate")
    assert result.exit_code == 1
    assert "--images DIR --labels CSV" in result.output


def test_damaged_weights_are_named_and_the_others_evaluated(registry, pictures):
    (registry.folders[0] / "second.onnx").write_bytes(b"cut")
    result = evaluate(pictures, "--cropped")
    assert result.exit_code == 0
    assert "left out: second: " in result.stderr
    assert "is truncated or another file" in result.stderr
    result = evaluate(pictures, "--cropped", "--model", "second")
    assert result.exit_code == 1
    assert "second.onnx (3 bytes) is truncated or another file" in result.output


@pytest.fixture
def unloadable(registry, monkeypatch):
    """The registry, whose second model has intact weights of another shape than its manifest."""
    wrong = brightness_graph(input_shape=["n", 1, 32, 32])
    changed = store(registry.folders[0], registry.find("second"), wrong).manifest
    others = (manifest for manifest in registry.manifests if manifest.name != "second")
    found = ModelRegistry(manifests=(*others, changed), folders=registry.folders)
    monkeypatch.setattr(cli, "open_registry", lambda _: found)
    return found


def test_weights_of_another_shape_are_named_and_the_others_evaluated(unloadable, pictures):
    result = evaluate(pictures, "--cropped", "--json")
    assert result.exit_code == 0, result.output
    assert [m["model"] for m in json.loads(result.stdout)["models"]] == ["first"]
    assert re.match(r"left out: second: .*second.onnx\): its input is", result.stderr)
    result = evaluate(pictures, "--cropped", "--model", "first", "--model", "second")
    assert result.exit_code == 1
    assert "second.onnx): its input is" in result.output


def test_bench_leaves_out_what_does_not_load(unloadable):
    result = call("bench", "--rounds", 1, "--threads", 1, "--json")
    assert result.exit_code == 0, result.output
    measured = {t["model"] for t in json.loads(result.stdout)["timings"]}
    assert measured == {"first", "tiny-yunet"}
    assert "left out: second: " in result.stderr
    assert call("bench", "--rounds", 1, "--model", "second").exit_code == 1


def test_without_any_usable_model_one_line_says_so(registry, pictures):
    for name in ("first", "second"):
        (registry.folders[0] / f"{name}.onnx").unlink()
    result = evaluate(pictures, "--cropped")
    assert result.exit_code == 1
    assert "no usable expression model was found" in result.output


def test_a_model_that_lacks_a_label_is_left_out_unless_named(registry, pictures, monkeypatch):
    graph = brightness_graph(input_shape=["n", 1, 16, 16])
    narrow = expression_manifest(name="narrow", labels=("happy", "neutral"))
    added = store(registry.folders[0], narrow, graph).manifest
    found = replace(registry, manifests=(*registry.manifests, added))
    monkeypatch.setattr(cli, "open_registry", lambda _: found)
    result = evaluate(pictures, "--cropped", "--json")
    assert result.exit_code == 0, result.output
    assert [m["model"] for m in json.loads(result.stdout)["models"]] == ["first", "second"]
    reason = "1.png has the label 'sadness', which the manifest of model narrow does not know"
    assert f"left out: narrow: {reason}" in result.stderr
    result = evaluate(pictures, "--cropped", "--model", "first", "--model", "narrow")
    assert result.exit_code == 1
    assert f"Error: {reason}" in result.output


def test_a_detector_of_people_searches_no_faces(registry, pictures, monkeypatch):
    task = ModelTask.PERSON_DETECTION
    people = msgspec.structs.replace(registry.find("tiny-yunet"), name="people", task=task)
    found = replace(registry, manifests=(*registry.manifests, people))
    monkeypatch.setattr(cli, "open_registry", lambda _: found)
    result = evaluate(pictures, "--detector", "people")
    assert result.exit_code == 1
    assert "model people is for person_detection, not for face_detection" in result.output


def test_a_detector_of_a_family_is_for_model_only(registry, pictures):
    result = evaluate(pictures, "--detector", "deepface:opencv")
    assert result.exit_code == 1
    assert "--detector deepface:opencv: it takes face detectors of the registry" in result.output
    assert "are judged with --model" in result.output


def test_bench_measures_every_model(registry):
    result = call("bench", "--rounds", 1, "--peer", "first", "--threads", 1)
    assert result.exit_code == 0, result.output
    assert "Expression, per face" in result.output
    assert "to first" in result.output
    assert "Face detection, per frame of 640x480" in result.output
    result = call("bench", "--rounds", 1, "--json")
    assert {t["threads"] for t in json.loads(result.output)["timings"]} == {1, 2}


def test_bench_refuses_a_peer_that_nobody_knows(registry):
    result = call("bench", "--rounds", 1, "--threads", 1, "--peer", "zzz")
    assert result.exit_code == 1
    assert "no model is called zzz; known: first, second, tiny-yunet" in result.output


def test_bench_measures_a_peer_that_is_named(registry):
    arguments = ("--rounds", 1, "--threads", 1, "--model", "auto", "--peer", "second", "--json")
    result = call("bench", *arguments)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    pairs = [(timing["model"], timing["peer"]) for timing in report["timings"]]
    assert pairs == [("first", "second"), ("second", "second")]
    assert report["command"] == (
        "motcua models bench --model auto --peer second --threads 1 --rounds 1"
    )


def test_bench_measures_the_usual_peers_of_the_models_named(registry, monkeypatch):
    monkeypatch.setattr(cli, "_PEERS", ("second", "tiny-yunet"))
    arguments = ("bench", "--rounds", 1, "--threads", 1, "--model", "first", "--json")
    timings = json.loads(call(*arguments).stdout)["timings"]
    assert [(t["model"], t["peer"]) for t in timings] == [("first", "second"), ("second", "second")]
    (registry.folders[0] / "second.onnx").unlink()
    result = call(*arguments)
    assert [t["model"] for t in json.loads(result.stdout)["timings"]] == ["first"]
    assert "left out: second: second.onnx was not found" in result.stderr


def test_where_figures_cannot_be_saved_is_told_before_measuring(registry, pictures, monkeypatch):
    def nobody_measures(*_, **__):
        raise AssertionError

    monkeypatch.setattr("models.lab.evaluation.requests.Evaluator.evaluate", nobody_measures)
    monkeypatch.setattr("models.lab.evaluation.timing.bench", nobody_measures)
    (pictures / "list.json").write_text("a shopping list")
    for save, said in (
        ("/proc/x/y.json", "/proc/x/y.json cannot be written"),
        (pictures, "is no regular file"),
        (pictures / "list.json", "save to another file"),
    ):
        for result in (
            evaluate(pictures, "--cropped", "--save", save),
            call("bench", "--save", save),
        ):
            assert result.exit_code == 1
            assert said in result.output
            assert len(result.output.splitlines()) == 1


def test_bench_keeps_a_file_of_other_figures(registry, pictures, tmp_path):
    path = tmp_path / "saved.json"
    assert evaluate(pictures, "--cropped", "--save", path).exit_code == 0
    before = path.read_bytes()
    result = call("bench", "--rounds", 1, "--save", path)
    assert result.exit_code == 1
    assert "holds figures of another kind, expressions; save to another file" in result.output
    assert path.read_bytes() == before


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_figures_are_printed_although_saving_them_fails(registry, pictures, monkeypatch, form):
    def fail(path, _):
        raise ResultsInvalid(f"results {path} cannot be written: No space left on device")

    monkeypatch.setattr("models.lab.evaluation.results.save_results", fail)
    save = pictures / "saved.json"
    for result in (
        evaluate(pictures, "--cropped", "--save", save, *form),
        call("bench", "--rounds", 1, "--threads", 1, "--save", save, *form),
    ):
        assert result.exit_code == 1
        assert "first" in result.stdout
        assert result.stderr.endswith("cannot be written: No space left on device\n")


def test_the_printed_command_runs_as_printed(registry, pictures, monkeypatch):
    arguments = ("--faces", pictures / "faces.csv", "--model", "first", "--json")
    report = json.loads(evaluate(pictures, *arguments).stdout)
    monkeypatch.chdir(pictures.parent)
    words = shlex.split(report["command"])
    assert words[:2] == ["motcua", "models"]
    result = call(*words[2:], "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == report


def test_files_that_lie_nowhere_are_named_with_both_places(registry, pictures, monkeypatch):
    monkeypatch.chdir(pictures.parent)
    result = call("evaluate", "--images", "pictures", "--labels", "other.csv")
    assert result.output == "Error: neither other.csv nor pictures/other.csv is there\n"
    arguments = ("--images", "pictures", "--faces", "other.csv", "--model", "tiny-yunet")
    result = call("evaluate", *arguments)
    assert result.output == "Error: neither other.csv nor pictures/other.csv is there\n"


def test_all_reasons_are_told_where_no_picture_can_be_used(registry, pictures):
    rows = [f"{index}.jpg,happy" for index in range(25)]
    (pictures / "labels.csv").write_text("\n".join(["file,label", *rows]))
    result = evaluate(pictures, "--cropped")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("cannot be read: No such file") == 20
    assert "and 5 more; --json lists all" in result.stderr
    assert result.stderr.endswith("Error: pictures, all: none of 25 pictures can be used\n")
    result = evaluate(pictures, "--cropped", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert (report["data"], report["faces"]) == ("pictures, all", 0)
    assert [left["file"] for left in report["rejected"]] == [f"{n}.jpg" for n in range(25)]


def test_a_folder_of_models_that_is_none_is_refused(registry, pictures):
    for folder in (pictures / "nowhere", pictures / "labels.csv"):
        for result in (
            evaluate(pictures, "--cropped", "--models", folder),
            call("bench", "--models", folder),
        ):
            assert result.exit_code == 1
            assert result.output == f"Error: the folder of models {folder} is no folder\n"


@pytest.mark.shared
def test_the_peers_read_real_faces(shared, tmp_path):
    folder = shared / "data" / "expressions"
    lines = (folder / "labels.csv").read_text().splitlines()
    chosen = [line for line in lines if ",happiness," in line][:40]
    labels = tmp_path / "labels.csv"
    labels.write_text("\n".join([lines[0], *chosen]))
    arguments = ("--images", folder, "--labels", labels, "--faces", folder / "faces.csv")
    result = call("evaluate", *arguments, "--models", shared / "models", "--json")
    assert result.exit_code == 0, result.output
    for model in json.loads(result.stdout)["models"]:
        assert model["annotations"][0]["three"]["accuracy"]["value"] > 0.6
