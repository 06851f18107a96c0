"""Runs: what goes on from where, what is refused, and the average that they end with.

Like test_torch.py, test_environment.py runs these.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here; sh setup.sh train")

from models.lab.evaluation.errors import DataInvalid, DataMissing  # noqa: E402
from models.lab.training import expression, faces  # noqa: E402
from models.lab.training.detector import frames, train_detector  # noqa: E402
from models.lab.training.fingerprint import fingerprint  # noqa: E402
from models.lab.training.photographs import Material, Scene  # noqa: E402
from models.lab.training.runs import Run, average_into  # noqa: E402
from tests.models.lab.training.collections import FindsOvals, disc, labelled_faces  # noqa: E402


def linear(value):
    net = torch.nn.Linear(2, 1)
    torch.nn.init.constant_(net.weight, value)
    return net


def test_the_average_moves_fast_at_first_then_by_a_thousandth():
    average = linear(0.0)
    average_into(average, linear(1.0), step=0)
    torch.testing.assert_close(average.weight, torch.full((1, 2), 0.9))
    average_into(average, linear(0.0), step=100_000)
    torch.testing.assert_close(average.weight, torch.full((1, 2), 0.9 * 0.999))


def test_counters_are_not_averaged():
    average, model = torch.nn.BatchNorm2d(1), torch.nn.BatchNorm2d(1)
    model.num_batches_tracked.fill_(7)
    average_into(average, model, step=100)
    assert int(average.num_batches_tracked) == 7


CAUSES = {"settings": faces.FIRST, "pictures": [np.zeros(3)], "start": None}


@pytest.mark.parametrize(
    "other",
    [
        {"settings": faces.REFINED},
        {"pictures": [np.ones(3)]},
        {"pictures": [np.zeros((3, 1))]},
        {"pictures": []},
        {"start": linear(0.0)},
    ],
)
def test_other_causes_have_another_fingerprint(other):
    assert fingerprint(CAUSES | other) != fingerprint(CAUSES)
    assert fingerprint(CAUSES | {"pictures": [np.zeros(3)]}) == fingerprint(CAUSES)
    assert fingerprint(linear(0.0)) != fingerprint(linear(1.0))


def saved(folder, *causes):
    run, net = Run(folder=folder, seed=1), linear(0.5)
    assert run.resume({"model": net}, *causes) == 0
    run.save(3, {"model": net})


def test_a_run_of_the_same_causes_goes_on(tmp_path):
    saved(tmp_path, "pictures")
    net = linear(0.0)
    assert Run(folder=tmp_path, seed=1).resume({"model": net}, "pictures") == 4
    torch.testing.assert_close(net.weight, torch.full((1, 2), 0.5))


@pytest.mark.parametrize("lost", ["", '{"epoch": 2, "lo'], ids=["whole", "cut off"])
def test_what_was_logged_of_an_epoch_that_is_lost_is_logged_once(tmp_path, lost):
    run, parts, log = Run(folder=tmp_path, seed=1), {"model": linear(0.5)}, tmp_path / "log.jsonl"
    run.resume(parts)
    for epoch in range(2):
        run.log(epoch, loss=1.0)
        run.save(epoch, parts)
    run.log(2, loss=1.0)
    if lost:
        log.write_text("".join(log.read_text().splitlines(keepends=True)[:2]) + lost)

    again = Run(folder=tmp_path, seed=1)
    first = again.resume(parts)
    again.log(first, loss=0.5)
    epochs = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["epoch"], line["loss"]) for line in epochs] == [(0, 1.0), (1, 1.0), (2, 0.5)]


def test_a_run_that_saved_nothing_begins_its_log_anew(tmp_path):
    Run(folder=tmp_path, seed=1).log(0, loss=1.0)
    Run(folder=tmp_path, seed=1).resume({"model": linear(0.5)})
    assert not (tmp_path / "log.jsonl").exists()


@pytest.mark.parametrize(("seed", "cause"), [(2, "pictures"), (1, "others")])
def test_a_run_of_other_causes_is_refused_with_its_folder(tmp_path, seed, cause):
    saved(tmp_path / "student", "pictures")
    with pytest.raises(DataInvalid, match=r"student holds another run.*another --out, or remove"):
        Run(folder=tmp_path / "student", seed=seed).resume({"model": linear(0.0)}, cause)


def test_a_checkpoint_that_tells_nothing_of_its_causes_is_refused(tmp_path):
    saved(tmp_path)
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=False)
    del state["fingerprint"]
    torch.save(state, tmp_path / "checkpoint.pt")
    with pytest.raises(DataInvalid, match="holds another run"):
        Run(folder=tmp_path, seed=1).resume({"model": linear(0.0)})


def test_a_finished_run_does_not_stand_for_one_of_other_expressions(tmp_path):
    config = replace(expression.STUDENT, widths=(4, 4, 4), epochs=1)
    own, others = (
        expression.open_collections(None, {labelled_faces(tmp_path / f"own{n}", people=n): None})
        for n in (5, 6)
    )
    run = Noting(folder=tmp_path / "run", seed=1)
    expression.train(run, config, own)
    assert run.written == ["log", "checkpoint"]
    with pytest.raises(DataInvalid, match="run holds another run"):
        expression.train(Run(folder=tmp_path / "run", seed=1), config, others)


class Noting(Run):
    """Notes what is written, in turn."""

    def __post_init__(self):
        super().__post_init__()
        self.written = []

    def save(self, epoch, parts):
        self.written.append("checkpoint")
        super().save(epoch, parts)

    def log(self, epoch, **figures):
        self.written.append("log")
        super().log(epoch, **figures)


def scene(photograph):
    low = photograph.boxes[:, :2]
    return Scene(
        image=np.zeros((faces.SIDE_PX, faces.SIDE_PX), np.uint8),
        boxes=np.concatenate([low, low + photograph.boxes[:, 2:]], axis=1),
        landmarks=photograph.landmarks,
    )


def test_no_epoch_of_any_part_sees_the_scenes_of_another(tmp_path, monkeypatch):
    sources = []

    class Making(faces.SceneMaker):
        def __init__(self, material, random):
            sources.append(random.bit_generator.state["state"]["state"])
            super().__init__(material, random)

    monkeypatch.setattr(faces, "SceneMaker", Making)
    known = disc((100, 100), side=200, radius=40)
    material = Material(photographs=[known], empty=[], frames=[])
    for name, config in (("first", faces.FIRST), ("refined", faces.REFINED)):
        short = replace(config, epochs=2, steps=1, batch=1)
        run = Noting(folder=tmp_path / name, seed=1)
        faces.train(run, short, material, [scene(known)])
        assert run.written == ["log", "checkpoint"] * 2
    assert len(set(sources)) == len(sources) == 4

    other = Material(photographs=[disc((90, 100), side=200, radius=40)], empty=[], frames=[])
    with pytest.raises(DataInvalid, match="refined holds another run"):
        faces.train(Run(folder=tmp_path / "refined", seed=1), short, other, [scene(known)])


def test_a_clip_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataMissing, match=r"missing\.gif"):
        frames([tmp_path / "missing.gif"], FindsOvals())


def test_faces_that_the_teacher_does_not_see_again_are_told_of(tmp_path):
    folder = labelled_faces(tmp_path / "own", people=4)
    with pytest.raises(DataInvalid, match=r"own: ovals agrees with itself on none of the"):
        train_detector({folder: None}, [], FindsOvals(widest_px=10), tmp_path / "run", seed=1)
