"""The nets, their losses, a run that goes on after a stop, and what is exported of it.

These tests need PyTorch, which lives in .venv-lab: test_environment.py runs them there.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here; sh setup.sh train")

from dataclasses import replace  # noqa: E402

import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from onnx import numpy_helper  # noqa: E402

from models.lab.evaluation.errors import ModelUnfit  # noqa: E402
from models.lab.splits import Part  # noqa: E402
from models.lab.training import centring, expression, faces  # noqa: E402
from models.lab.training.camera import SIDE_PX, crops, mask, photographed  # noqa: E402
from models.lab.training.centring import centre, plain  # noqa: E402
from models.lab.training.export import (  # noqa: E402
    NEUTRAL,
    NEUTRAL_RECALL,
    CalibratedExpressions,
    Calibration,
    LaidOutFaces,
    calibrate,
    neutral_favour,
    read_calibration,
    write_int8,
    write_onnx,
)
from models.lab.training.legibility import fit_head, relearn  # noqa: E402
from models.lab.training.pictures import LABELS, Pictures  # noqa: E402
from models.lab.training.runs import Run  # noqa: E402
from tests.models.lab.training.collections import disc, labelled_faces  # noqa: E402

BUNDLED = Path(faces.__file__).parents[2] / "bundled"
HEADS = ("labels", "sentiments", "legibility")
CALIBRATION = Calibration(
    label_temperature=1.3,
    label_bias=(0.1, 0.0, -0.1, 0.0, 0.2, 0.0, -0.2),
    sentiment_temperature=0.8,
    sentiment_bias=(0.0, 0.3, 0.0),
)


@pytest.fixture
def collections(tmp_path):
    return expression.open_collections(None, {labelled_faces(tmp_path / "faces"): None})


def outputs_of(path, tensor):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"input": tensor.numpy()})


@pytest.mark.parametrize("batch", [1, 5])
def test_the_expression_net_says_the_same_as_an_onnx_file(tmp_path, batch):
    torch.manual_seed(1)
    net = CalibratedExpressions(expression.ExpressionNet(expression.STUDENT), CALIBRATION).eval()
    path = tmp_path / "net.onnx"
    write_onnx(net, torch.rand(2, 1, SIDE_PX, SIDE_PX), path, names=HEADS, free={0: "n"})
    seen = torch.rand(batch, 1, SIDE_PX, SIDE_PX)
    with torch.no_grad():
        for mine, theirs in zip(net(seen), outputs_of(path, seen), strict=True):
            np.testing.assert_allclose(mine.numpy(), theirs, atol=1e-5)


def test_the_face_net_says_the_same_as_an_onnx_file_at_another_size(tmp_path):
    torch.manual_seed(1)
    net = LaidOutFaces(faces.FaceNet(faces.Config())).eval()
    names = [f"{kind}_{s}" for kind in ("cls", "obj", "bbox", "kps") for s in (8, 16, 32)]
    path, free = tmp_path / "net.onnx", {0: "n", 2: "height", 3: "width"}
    write_onnx(net, torch.rand(1, 1, 64, 96), path, names=names, free=free)
    seen = torch.rand(1, 1, 128, 160) * 255
    with torch.no_grad():
        for mine, theirs in zip(net(seen), outputs_of(path, seen), strict=True):
            np.testing.assert_allclose(mine.numpy(), theirs, atol=1e-4)


def test_the_nets_are_as_small_as_the_cards_say():
    sizes = {
        "expression": expression.ExpressionNet(expression.STUDENT),
        "face": faces.FaceNet(faces.Config()),
    }
    count = {name: sum(p.numel() for p in net.parameters()) for name, net in sizes.items()}
    assert count["expression"] <= 500_000
    assert count["face"] <= 150_000


def test_eight_bits_say_nearly_the_same(tmp_path):
    torch.manual_seed(1)
    net = CalibratedExpressions(expression.ExpressionNet(expression.STUDENT), CALIBRATION).eval()
    path, small = tmp_path / "net.onnx", tmp_path / "small.onnx"
    write_onnx(net, torch.rand(2, 1, SIDE_PX, SIDE_PX), path, names=HEADS, free={0: "n"})
    samples = [torch.rand(8, 1, SIDE_PX, SIDE_PX).numpy() for _ in range(4)]
    write_int8(path, small, iter(samples), keep=())
    assert small.stat().st_size < 0.4 * path.stat().st_size
    seen = torch.rand(4, 1, SIDE_PX, SIDE_PX)
    np.testing.assert_allclose(outputs_of(path, seen)[1], outputs_of(small, seen)[1], atol=0.05)


def test_a_run_goes_on_where_it_stopped(tmp_path, collections):
    config = replace(expression.STUDENT, widths=(8, 8, 8), epochs=3)
    whole = expression.train(Run(folder=tmp_path / "whole", seed=4), config, collections)

    stopped = Run(folder=tmp_path / "stopped", seed=4)
    log = stopped.log

    class Stop(Exception):
        pass

    def log_and_stop(epoch, **figures):
        log(epoch, **figures)
        if epoch == 1:
            raise Stop

    stopped.log = log_and_stop
    with pytest.raises(Stop):
        expression.train(stopped, config, collections)
    again = Run(folder=tmp_path / "stopped", seed=4)
    resumed = expression.train(again, config, collections)

    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, msg=name)
    log = (tmp_path / "stopped" / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in log] == [0, 1, 2]


def test_the_student_learns_to_tell_drawn_smiles_from_frowns(tmp_path, collections):
    small = {"widths": (16, 24, 32), "epochs": 60, "stem": ()}
    teacher = expression.train(
        Run(folder=tmp_path / "teacher", seed=1),
        replace(expression.TEACHER, **small),
        collections,
    )
    student = expression.train(
        Run(folder=tmp_path / "student", seed=1),
        replace(expression.STUDENT, **small),
        collections,
        [teacher],
    )
    judged = collections[0].parts[Part.VALIDATION]
    _, sentiments, legibility = expression.predict(student, judged)
    right = sentiments.argmax(1) == expression.SENTIMENT_OF[torch.from_numpy(judged.labels)]
    assert float(right.float().mean()) > 0.8  # by chance it is a third

    noise = np.random.default_rng(0).integers(0, 256, judged.squares.shape).astype(np.uint8)
    nothing = expression.predict(student, replace(judged, squares=noise))[2]
    assert float(nothing.mean()) < float(legibility.mean())


class Saying(torch.nn.Module):
    """Gives the same logits for whatever it sees, which must be one batch."""

    def __init__(self, labels, sentiments):
        super().__init__()
        self._labels, self._sentiments = labels, sentiments

    def forward(self, seen):
        n = len(seen)
        return self._labels[:n], self._sentiments[:n], torch.zeros(n, 1)


def voted(labels, targets, *, is_settled=True):
    return Pictures(
        squares=np.zeros((len(labels), 48, 48), np.uint8),
        targets=targets.astype(np.float32),
        labels=labels,
        is_settled=np.full(len(labels), is_settled),
        zoom=1.0,
    )


def test_calibration_lowers_the_log_loss():
    random = np.random.default_rng(0)
    truth = torch.from_numpy(random.integers(0, 7, 400))
    logits = 6 * torch.randn(400, 7) + 2 * torch.nn.functional.one_hot(truth, 7)
    sentiments = 6 * torch.randn(400, 3)

    pictures = voted(truth.numpy(), np.zeros((400, len(LABELS))))
    found = calibrate(Saying(logits, sentiments), [pictures])
    entropy = torch.nn.functional.cross_entropy
    assert found.label_temperature > 1
    calibrated = logits / found.label_temperature + torch.tensor(found.label_bias)
    assert entropy(calibrated, truth) < entropy(logits, truth)
    assert abs(sum(found.label_bias)) < 1e-4


def test_sentiments_are_calibrated_by_what_most_people_saw():
    random = np.random.default_rng(0)
    seen = random.integers(0, 3, 500)
    votes = np.full((500, len(LABELS)), 0.02)
    votes[np.arange(500), [LABELS.index(("sad", "neutral", "happy")[third]) for third in seen]] = 1
    votes /= votes.sum(axis=1, keepdims=True)
    thirds = torch.from_numpy(seen)
    # Four times too sure, and shy of neutral.
    logits = 2 * torch.nn.functional.one_hot(thirds, 3) + 0.8 * torch.randn(500, 3)
    logits = 4 * (logits - torch.tensor([0.0, 1.0, 0.0]))
    labels = votes.argmax(axis=1)
    found = calibrate(Saying(torch.randn(500, 7), logits), [voted(labels, votes)])
    assert found.sentiment_temperature > 1.5
    told = logits / found.sentiment_temperature + torch.tensor(found.sentiment_bias)
    neutral = told[thirds == NEUTRAL].argmax(dim=1) == NEUTRAL
    assert NEUTRAL_RECALL <= float(neutral.float().mean()) < NEUTRAL_RECALL + 0.01


def test_one_annotator_does_not_calibrate_sentiments_where_many_voted():
    labels = np.random.default_rng(0).integers(0, 7, 300)
    targets = np.eye(len(LABELS))[labels]
    sentiments, heads = torch.randn(300, 3), torch.randn(300, 7)
    settled, alone = (voted(labels, targets, is_settled=is_settled) for is_settled in (True, False))
    both = calibrate(Saying(heads, sentiments), [settled, alone])
    first = calibrate(Saying(heads, sentiments), [settled])
    assert both.sentiment_temperature == first.sentiment_temperature


def test_neutral_is_told_by_labels_as_well_as_by_votes():
    sad, neutral = LABELS.index("sad"), LABELS.index("neutral")
    labels, targets = np.full(400, neutral), np.eye(len(LABELS))[np.full(400, sad)]
    logits = torch.randn(400, 3) + torch.tensor([2.0, 0.0, 0.0])
    found = calibrate(Saying(torch.randn(400, 7), logits), [voted(labels, targets)])
    told = logits / found.sentiment_temperature + torch.tensor(found.sentiment_bias)
    assert float((told.argmax(dim=1) == NEUTRAL).double().mean()) >= NEUTRAL_RECALL
    nobody = calibrate(Saying(torch.randn(400, 7), logits), [voted(np.full(400, sad), targets)])
    assert nobody.sentiment_bias == (0.0, 0.0, 0.0)


def test_neutral_is_not_favoured_where_it_is_told_already():
    assert neutral_favour(torch.eye(3), torch.arange(3)) == 0
    assert neutral_favour(torch.eye(3), torch.tensor([0, 2, 2])) == 0  # nobody looks neutral


def test_a_few_pictures_change_the_calibration_before_little(tmp_path):
    before = Calibration(
        label_temperature=1.4,
        label_bias=(0.3, -0.3, 0.0, 0.0, 0.0, 0.0, 0.0),
        sentiment_temperature=0.7,
        sentiment_bias=(0.0, 0.6, 0.0),
    )
    neutral = LABELS.index("neutral")
    pictures = voted(np.full(4, neutral), np.eye(len(LABELS))[np.full(4, neutral)])
    sure = 9.0 * torch.nn.functional.one_hot(torch.full((4,), NEUTRAL), 3)
    found = calibrate(Saying(torch.zeros(4, 7), sure), [pictures], before)
    assert found.label_temperature == pytest.approx(before.label_temperature, abs=0.1)
    assert found.label_bias[0] - found.label_bias[1] == pytest.approx(0.6, abs=0.1)
    assert found.sentiment_temperature == pytest.approx(before.sentiment_temperature, abs=0.1)
    assert found.sentiment_bias == before.sentiment_bias  # neutral is told anyway: no less favoured


def test_an_exported_model_says_how_it_was_calibrated():
    noted = read_calibration(BUNDLED / "motcua-expression.onnx")
    model = onnx.load(str(BUNDLED / "motcua-expression.onnx"))
    folded = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    np.testing.assert_allclose(folded["_label_bias"], noted.label_bias, rtol=1e-6)
    np.testing.assert_allclose(folded["_sentiment_bias"], noted.sentiment_bias, rtol=1e-6)
    with pytest.raises(ModelUnfit, match=r"motcua-face\.onnx does not say"):
        read_calibration(BUNDLED / "motcua-face.onnx")


def test_legibility_alone_is_learnt_anew(collections):
    config = replace(expression.STUDENT, widths=(8, 8, 8), stem=((4, 1),))
    net = expression.ExpressionNet(config).eval()
    before = copy.deepcopy(net.state_dict())
    pictures = [collection.parts[Part.TRAINING] for collection in collections]
    views = [torch.tensor([[0.1, 0.8, 0.1]]).repeat(len(each), 1) for each in pictures]
    relearn(net, pictures, views, seed=1)
    changed = {n for n, value in net.state_dict().items() if not torch.equal(value, before[n])}
    assert changed == {"legibility.weight", "legibility.bias"}


def test_each_sentiment_weighs_the_same_in_legibility():
    head = torch.nn.Linear(1, 1)
    held = torch.tensor([0.9] * 900 + [0.0] * 100)  # of nine neutral faces in ten
    weights = torch.where(held > 0, 1000 / (2 * 900), 1000 / (2 * 100))
    fit_head(head, torch.zeros(1000, 1), held, weights)
    assert float(head(torch.zeros(1, 1)).sigmoid()) == pytest.approx(0.45, abs=0.1)


def test_a_mask_covers_the_mouth_and_leaves_the_eyes():
    plain = torch.full((1, 1, SIDE_PX, SIDE_PX), 2.0)  # lighter than any mask
    for _ in range(20):
        face = plain.clone()
        mask(face[0, 0])
        assert torch.equal(face[0, 0, :19], plain[0, 0, :19])
        assert bool((face[0, 0, 36:38, 22:27] < 2).all())


def test_no_processor_overflows_on_int8_weights(tmp_path):
    # Without VNNI two products of 8 by 8 bits are added in 16: 7 bits of weights leave room.
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU()).eval()
    path, small = tmp_path / "net.onnx", tmp_path / "int8.onnx"
    write_onnx(net, torch.rand(1, 1, 8, 8), path, names=["out"], free={})
    samples = (np.random.default_rng(i).random((1, 1, 8, 8), np.float32) for i in range(4))
    write_int8(path, small, samples, keep=())
    assert _largest_weight(small) in range(60, 65)
    for name in ("motcua-face-int8", "motcua-expression-int8"):
        assert _largest_weight(BUNDLED / f"{name}.onnx") in range(60, 65)


def test_only_the_first_convolution_of_int8_expressions_stays_in_float():
    kernels = _kernels(BUNDLED / "motcua-expression-int8.onnx")
    in_float = [k.dims for k in kernels if k.data_type == onnx.TensorProto.FLOAT]
    [(width, _)] = expression.STUDENT.stem
    assert [list(dims) for dims in in_float] == [[width, 1, 3, 3]]
    assert len(kernels) == 1 + 3 * len(expression.STUDENT.widths)


def _largest_weight(path):
    return max(
        int(np.abs(numpy_helper.to_array(kernel).astype(int)).max())
        for kernel in _kernels(path)
        if kernel.data_type == onnx.TensorProto.INT8
    )


def _kernels(path):
    return [tensor for tensor in onnx.load(str(path)).graph.initializer if len(tensor.dims) == 4]


def test_the_camera_spoils_only_its_share():
    faces_ = torch.rand(40, 1, SIDE_PX, SIDE_PX)
    changed = (photographed(faces_, 0.25) != faces_).flatten(1).any(1)
    assert int(changed.sum()) == 10
    assert bool((photographed(faces_).amax() <= 1) & (photographed(faces_).amin() >= 0))


def test_an_unmoved_crop_is_the_middle_of_the_square():
    square = torch.zeros(1, 96, 96, dtype=torch.uint8)
    square[:, 24:72, 24:72] = 200
    crop = crops(square, 0.5, moved=False)
    torch.testing.assert_close(crop, torch.full_like(crop, 200 / 255))


@pytest.mark.parametrize(
    ("size", "learning"),
    [(20, {8}), (50, {8, 16}), (75, {16}), (120, {16, 32}), (200, {32})],
)
def test_a_face_is_learnt_by_the_strides_of_its_size(size, learning):
    corners, strides = faces.grid()
    low = (faces.SIDE_PX - size) / 2
    box = torch.tensor([[low, low, low + size, low + size]])
    truth = faces.assign(box, corners, strides)
    assert set(strides[truth.face >= 0].flatten().tolist()) == learning
    assert not bool((truth.ignored & (truth.face >= 0)).any())


def test_a_plain_photographs_points_lie_where_its_face_is():
    random = np.random.default_rng(2)
    for _ in range(20):
        scene = plain(disc((90, 110), side=200, radius=40), random)
        grey = np.maximum(scene.image.astype(float) - 60, 0)  # what surrounds the disc is darker
        side = np.arange(faces.SIDE_PX) + 0.5
        middle = [(side * grey.sum(axis=axis)).sum() / grey.sum() for axis in (0, 1)]
        np.testing.assert_allclose(scene.landmarks[0], np.tile(middle, (5, 1)), atol=0.25)
        low, high = scene.boxes[0].reshape(2, 2)
        np.testing.assert_allclose((low + high) / 2, middle, atol=0.25)
        assert (low >= -1).all()
        assert (high <= faces.SIDE_PX + 1).all()


def test_centred_points_err_by_nothing_on_average(monkeypatch):
    monkeypatch.setattr(centring, "_SURE", 0.0)  # an untrained net is sure of nothing
    torch.manual_seed(1)
    net = faces.FaceNet(faces.REFINED).eval()
    photographs = [disc((80 + 5 * i, 100), side=200, radius=40) for i in range(8)]

    def centred():
        centre(net, photographs, np.random.default_rng(5))
        return torch.cat([output.bias.detach().clone() for output in net.outputs])

    before = torch.cat([output.bias.detach().clone() for output in net.outputs])
    once, twice = centred(), centred()
    assert float((once - before).abs().max()) > 0.1
    torch.testing.assert_close(twice, once, atol=1e-4, rtol=0)
    scores_and_boxes = torch.arange(len(once)) % 15 < 5
    torch.testing.assert_close(once[scores_and_boxes], before[scores_and_boxes])


def test_overlap_of_a_box_with_itself_is_one_and_of_strangers_negative():
    box = torch.tensor([[0.0, 0.0, 10.0, 10.0]])
    assert faces.overlaps(box, box)[1].item() == pytest.approx(1)
    ratio, generalised = faces.overlaps(box, box + 30)
    assert ratio.item() == 0
    assert generalised.item() < 0
