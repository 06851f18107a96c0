"""Going on from exported weights. Like test_torch.py, test_environment.py runs these."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="PyTorch is not installed here; sh setup.sh train")

from contract.manifest import read_manifest  # noqa: E402
from edge.scene import Box, Detection  # noqa: E402
from edge.vision.registry import open_registry  # noqa: E402
from models.lab.evaluation.errors import ModelUnfit  # noqa: E402
from models.lab.splits import Part  # noqa: E402
from models.lab.training import detector, expression, faces  # noqa: E402
from models.lab.training.__main__ import main  # noqa: E402
from models.lab.training.export import (  # noqa: E402
    CalibratedExpressions,
    Calibration,
    export_detector,
    export_expression,
    write_onnx,
)
from models.lab.training.own import MANIFESTS  # noqa: E402
from models.lab.training.start import load_exported  # noqa: E402
from models.loading import refusal  # noqa: E402
from tests.models.lab.training.collections import labelled_faces  # noqa: E402

BUNDLED = Path(expression.__file__).parents[2] / "bundled"
HEADS = ("labels", "sentiments", "legibility")


def recorded(name):
    with np.load(BUNDLED / f"{name}.parity.npz") as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays}


def test_the_bundled_expression_net_says_again_what_it_said():
    net = expression.ExpressionNet(expression.STUDENT).eval()
    load_exported(net, BUNDLED / "motcua-expression.onnx")
    said = recorded("motcua-expression")
    with torch.no_grad():
        _, _, legibility = net(said["input"])
    torch.testing.assert_close(legibility.sigmoid(), said["legibility"], atol=1e-5, rtol=0)


def test_another_nets_file_is_named():
    with pytest.raises(ModelUnfit, match=r"motcua-face\.onnx"):
        load_exported(
            expression.ExpressionNet(expression.STUDENT).eval(), BUNDLED / "motcua-face.onnx"
        )


def test_a_net_is_adapted_to_ones_own_pictures_and_exported(tmp_path):
    torch.manual_seed(1)
    start = tmp_path / "start.onnx"
    net = CalibratedExpressions(expression.ExpressionNet(expression.STUDENT), Calibration()).eval()
    write_onnx(net, torch.rand(2, 1, 48, 48), start, names=HEADS, free={0: "n"})
    collections = expression.open_collections(None, {labelled_faces(tmp_path / "own"): None})
    expression.adapt(collections, tmp_path / "run", start=start, seed=1, epochs=2)

    path, _ = export_expression(tmp_path / "run", collections, tmp_path)
    adapted = expression.ExpressionNet(expression.STUDENT).eval()
    load_exported(adapted, path)
    before = expression.ExpressionNet(expression.STUDENT).eval()
    load_exported(before, start)
    for name, value in adapted.state_dict().items():
        if "running" in name:  # what normalises stayed as it was
            torch.testing.assert_close(value, before.state_dict()[name])
    judged = collections[0].parts[Part.VALIDATION]
    assert cross_entropy(adapted, judged) < cross_entropy(before, judged)


def test_each_net_is_trained_in_its_turn_and_the_last_exported(tmp_path, monkeypatch):
    monkeypatch.setattr(expression, "TEACHER", replace(expression.TEACHER, widths=(8, 8, 8)))
    collections = expression.open_collections(None, {labelled_faces(tmp_path / "own"): None})
    expression.train_all(collections, tmp_path / "run", seed=1, epochs=1)

    for part in ("teacher", "student", "sibling", "again"):
        log = (tmp_path / "run" / part / "log.jsonl").read_text()
        assert [json.loads(line)["epoch"] for line in log.splitlines()] == [0]
    path, small = export_expression(tmp_path / "run", collections, tmp_path)
    assert small.stat().st_size < path.stat().st_size


def test_a_detector_is_trained_then_refined_or_goes_on_from_exported_weights(tmp_path, monkeypatch):
    short = {"epochs": 2, "steps": 3, "batch": 4}
    for name in ("FIRST", "REFINED"):
        monkeypatch.setattr(detector, name, replace(getattr(faces, name), **short))
    monkeypatch.setattr(detector, "_KEPT_SCENES", 4)
    folders = {labelled_faces(tmp_path / "own", people=12): None}

    def train(out, start=None):
        detector.train_detector(folders, [], KnowsTheFaces(), out, seed=1, start=start)

    train(tmp_path / "whole")
    for part in ("first", "refined"):
        log = (tmp_path / "whole" / part / "log.jsonl").read_text()
        assert [json.loads(line)["epoch"] for line in log.splitlines()] == [0, 1]
    path, small = export_detector(tmp_path / "whole", folders, tmp_path)
    assert small.stat().st_size < path.stat().st_size

    train(tmp_path / "more", start=path)
    assert not (tmp_path / "more" / "first").exists()
    before, after = faces.FaceNet(faces.REFINED), faces.FaceNet(faces.REFINED)
    load_exported(before, path)
    state = torch.load(tmp_path / "more" / "centred" / "checkpoint.pt", weights_only=False)
    after.load_state_dict(state["average"])
    # Six short steps: nearly the same weights, and not the same.
    for mine, other in zip(after.parameters(), before.parameters(), strict=True):
        torch.testing.assert_close(mine, other, atol=0.05, rtol=0)
    assert not torch.equal(after.outputs[0].weight, before.outputs[0].weight)


def train_expressions(folder, out, *options):
    trial = ["--from-bundled", "--only", "expression", "--epochs", "1"]
    return CliRunner().invoke(
        main, ["--images", str(folder), "--out", str(out), *trial, *options], catch_exceptions=False
    )


def test_models_of_ones_own_lie_ready_beside_their_manifests(tmp_path):
    before = {path: path.read_bytes() for path in sorted(MANIFESTS.glob("*.toml"))}
    own = labelled_faces(tmp_path / "own", people=6)
    done = train_expressions(own, tmp_path / "out", "--name", "province")

    assert done.exit_code == 0, done.output
    registry = open_registry(tmp_path / "out" / "models")
    for suffix in ("expression", "expression-int8"):
        manifest = registry.find(f"province-{suffix}")
        product = read_manifest(MANIFESTS / f"motcua-{suffix}.toml")
        assert not refusal(registry, manifest)
        assert not manifest.measured
        assert manifest.preference > product.preference
        assert manifest.abstention == product.abstention
        assert "pictures of one's own (own)" in manifest.source.trained_on
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "with --name"),
        (["--name", "motcua"], "stands for the product's own weights"),
        (["--name", "../x"], "small letters"),
        (["--name", "x", "--bundle", "{taken}/below"], "cannot be made"),
    ],
)
def test_a_name_or_folder_that_cannot_be_is_refused_before_training(tmp_path, options, message):
    taken = tmp_path / "taken"
    taken.touch()
    options = [option.format(taken=taken) for option in options]
    done = train_expressions(labelled_faces(tmp_path / "own", people=3), tmp_path / "out", *options)
    assert done.exit_code != 0
    assert message in done.output
    assert not (tmp_path / "out" / "expression").exists()


class KnowsTheFaces:
    """A teacher that finds the drawn face by its light oval, and its points in proportion."""

    name = "drawn"

    def detect(self, image):
        y, x = np.nonzero(image[..., 0] > 150)
        if not len(x):
            return []
        left, top, right, bottom = (float(v) for v in (x.min(), y.min(), x.max(), y.max()))
        parts = np.array([[0.3, 0.38], [0.7, 0.38], [0.5, 0.58], [0.3, 0.72], [0.7, 0.72]])
        points = np.array([left, top]) + parts * [right - left, bottom - top]
        box = Box(left=left, top=top, right=right, bottom=bottom)
        return [Detection(box=box, score=1.0, landmarks=points.astype(np.float32))]


def cross_entropy(net, pictures):
    labels, _, _ = expression.predict(net, pictures)
    truth = torch.from_numpy(pictures.labels)
    return float(torch.nn.functional.cross_entropy(labels, truth))
