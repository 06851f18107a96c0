"""Going on from exported weights. Like test_torch.py, test_environment.py runs these."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here; sh setup.sh train")

from models.evaluation.errors import ModelUnfit  # noqa: E402
from models.splits import Part  # noqa: E402
from models.training import expression  # noqa: E402
from models.training.export import (  # noqa: E402
    CalibratedExpressions,
    Calibration,
    export_expression,
    write_onnx,
)
from models.training.start import load_exported  # noqa: E402
from tests.models.training.collections import labelled_faces  # noqa: E402

BUNDLED = Path(expression.__file__).parents[1] / "bundled"
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


def cross_entropy(net, pictures):
    labels, _, _ = expression.predict(net, pictures)
    truth = torch.from_numpy(pictures.labels)
    return float(torch.nn.functional.cross_entropy(labels, truth))
