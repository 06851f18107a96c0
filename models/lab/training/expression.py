"""Trains the expression classifier: a teacher first, then the small net that it distils into.

The teacher learns from labels. The student has a quarter of its weights; it learns from the
labels and from the teacher's view of the same face before the camera's faults were added, and so
it also learns to tell how much of that view its own, worse picture still holds: its legibility.
At last it learns once more, from what it and a sibling of another shape see together: two that
err on other faces teach more than either knows (Furlanello et al. 2018).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.lab.splits import Part
from models.lab.training.camera import crops, empty_faces, photographed
from models.lab.training.legibility import relearn
from models.lab.training.pictures import LABELS, Pictures, fer2013, labelled_folder
from models.lab.training.runs import Run, average_into, one_cycle, random_source, reduced_precision
from models.lab.training.start import frozen, load_exported

SENTIMENT_OF = torch.tensor([0, 0, 0, 2, 0, 1, 1])
"""Negative, neutral or positive for each of LABELS; surprise tells neither."""

TRAINED = "trained.pt"
"""The file of the weights, in the folder that teacher and student were trained in."""

_SENTIMENTS = 3
_VIEW_ZOOMS = (0.92, 1.02)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A net's size and how it is trained; the learning rate follows one cycle (Smith 2018)."""

    widths: tuple[int, ...]
    epochs: int
    stem: tuple[tuple[int, int], ...] = ()  # width and stride of each convolution before those
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    dropout: float = 0.2
    degraded: float = 0.6  # share of faces that the camera spoils
    sentiment_weight: float = 0.7
    legibility_weight: float = 0.3
    label_share: float = 0.75  # of the labels in what their head learns; the rest is people's votes
    teacher_share: tuple[float, float] = (0.3, 0.5)  # in what labels and sentiments learn


TEACHER = Config(widths=(64, 128, 256), epochs=30, dropout=0.4, degraded=0.2)
STUDENT = Config(widths=(32, 64, 128), epochs=85, stem=((16, 1),), degraded=0.45)
SIBLING = replace(
    STUDENT, epochs=80, stem=((16, 2), (24, 1)), dropout=0.1, teacher_share=(0.5, 0.5)
)
AGAIN = replace(
    STUDENT, epochs=13, learning_rate=3e-4, dropout=0.1, degraded=0.3, teacher_share=(0.5, 0.7)
)
"""The student once more, taught by the sibling and by what it was."""
ADAPTED = replace(STUDENT, epochs=10, learning_rate=3e-5, teacher_share=(0.5, 0.5))
"""The student once more, on a deployment's own pictures."""


class Block(nn.Module):
    """Two 3 x 3 convolutions and what goes past them (He et al. 2015)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = convolution(width, width)
        self.second = convolution(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return x [n, width, h, w] corrected."""
        return functional.relu(x + self.second(functional.relu(self.first(x))))


class ExpressionNet(nn.Module):
    """From grey faces [n, 1, 48, 48] in 0..1 to three heads' logits.

    They are labels [n, 7], sentiments [n, 3] and legibility [n, 1]. Each picture is standardised
    first, so that light and contrast do not matter.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 1
        for width, stride in config.stem:
            layers += [convolution(before, width, stride), nn.ReLU(inplace=True)]
            before = width
        for width in config.widths:
            layers += [convolution(before, width, stride=2), nn.ReLU(inplace=True), Block(width)]
            before = width
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(config.dropout)
        last = config.widths[-1]
        self.labels = nn.Linear(last, len(LABELS))
        self.sentiments = nn.Linear(last, _SENTIMENTS)
        self.legibility = nn.Linear(last, 1)

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the three heads' logits."""
        seen = self.dropout(self.seen(faces))
        return self.labels(seen), self.sentiments(seen), self.legibility(seen)

    def seen(self, faces: Tensor) -> Tensor:
        """Return what the heads are told of each face [n, last width]."""
        mean = faces.mean(dim=(2, 3), keepdim=True)
        spread = ((faces - mean) ** 2).mean(dim=(2, 3), keepdim=True).sqrt()
        standardised = (faces - mean) / (spread + 0.05)
        features: Tensor = self.features(standardised)
        return features.mean(dim=(2, 3))


def convolution(before: int, after: int, stride: int = 1) -> nn.Sequential:
    """Return a 3 x 3 convolution with batch normalisation."""
    return nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Collection:
    """Pictures of one origin in their parts, and how many of them a batch holds.

    A class of c pictures is drawn c to the power of -`balance` times as often.
    """

    name: str
    parts: dict[Part, Pictures]
    share: int
    balance: float

    def __str__(self) -> str:
        sizes = (f"{len(pictures)} for {part}" for part, pictures in self.parts.items())
        return f"{self.name}: {', '.join(sizes)}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """The teachers' probabilities for clean pictures: labels [n, 7] and sentiments [n, 3]."""

    labels: Tensor
    sentiments: Tensor


def train(
    run: Run,
    config: Config,
    collections: Sequence[Collection],
    teachers: Sequence[nn.Module] = (),
    start: nn.Module | None = None,
) -> ExpressionNet:
    """Return the averaged weights after all epochs, going on from the run's checkpoint.

    An epoch shows as many pictures of the first collection as it has for training. The weights
    begin as those of `start`, where it is given; its normalisations then stay.
    """
    model = ExpressionNet(config).to(memory_format=torch.channels_last)
    if start:
        model.load_state_dict(start.state_dict())
    average = copy.deepcopy(model).eval()
    optimiser = torch.optim.AdamW(_groups(model, config), lr=config.learning_rate)
    views = [_view(teachers, c.parts[Part.TRAINING]) for c in collections] if teachers else None
    steps = max(len(collections[0].parts[Part.TRAINING]) // collections[0].share, 1)
    schedule = one_cycle(optimiser, config.learning_rate, steps * config.epochs)
    parts = {"model": model, "average": average, "optimiser": optimiser, "schedule": schedule}
    first = run.resume(parts, config, collections, teachers, start)
    for epoch in range(first, config.epochs):
        model.train()
        if start:
            frozen(model)
        losses = []
        for step, batch in enumerate(_batches(run, epoch, steps, collections, views)):
            loss = _loss(model, batch, config)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            average_into(average, model, epoch * steps + step)
            losses.append(loss.item())
        run.log(epoch, loss=float(np.mean(losses)), **_figures(average, collections))
        run.save(epoch, parts)
    return average


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Clean faces with labels and targets, and the teachers' view of them where there are any."""

    faces: Tensor
    labels: Tensor
    targets: Tensor
    view: View | None


def _batches(
    run: Run,
    epoch: int,
    steps: int,
    collections: Sequence[Collection],
    views: Sequence[View] | None,
) -> Iterator[Batch]:
    random = random_source(run.seed, epoch)
    pictures = [collection.parts[Part.TRAINING] for collection in collections]
    draws = [_draws(random, collection, steps) for collection in collections]
    for chosen in zip(*draws, strict=True):
        faces = [
            crops(torch.from_numpy(part.squares[at]), part.zoom, moved=True)
            for part, at in zip(pictures, chosen, strict=True)
        ]
        labels = [part.labels[at] for part, at in zip(pictures, chosen, strict=True)]
        targets = [part.targets[at] for part, at in zip(pictures, chosen, strict=True)]
        yield Batch(
            faces=torch.cat(faces),
            labels=torch.from_numpy(np.concatenate(labels)),
            targets=torch.from_numpy(np.concatenate(targets)),
            view=_view_of(views, chosen) if views else None,
        )


def _draws(random: np.random.Generator, collection: Collection, steps: int) -> NDArray[np.int64]:
    """Return the indices [steps, share] of the pictures of each step."""
    labels = collection.parts[Part.TRAINING].labels
    counts = np.maximum(np.bincount(labels, minlength=len(LABELS)), 1).astype(float)
    weight = counts[labels] ** -collection.balance
    return random.choice(len(labels), (steps, collection.share), p=weight / weight.sum())


def _view_of(views: Sequence[View], chosen: Sequence[NDArray[np.int64]]) -> View:
    return View(
        labels=torch.cat([v.labels[at] for v, at in zip(views, chosen, strict=True)]),
        sentiments=torch.cat([v.sentiments[at] for v, at in zip(views, chosen, strict=True)]),
    )


def _loss(model: nn.Module, batch: Batch, config: Config) -> Tensor:
    seen = photographed(batch.faces, config.degraded).to(memory_format=torch.channels_last)
    with reduced_precision():
        labels, sentiments, legibility = model(seen)
    labels, sentiments, legibility = labels.float(), sentiments.float(), legibility.float()
    one_hot = functional.one_hot(batch.labels, len(LABELS)).float()
    targets = config.label_share * one_hot + (1 - config.label_share) * batch.targets
    thirds = grouped(batch.targets)
    loss = torch.zeros(())
    if batch.view is not None:
        held = torch.minimum(sentiments.detach().softmax(1), batch.view.sentiments).sum(1)
        loss = config.legibility_weight * _legibility_loss(model, legibility[:, 0], held)
        of_labels, of_sentiments = config.teacher_share
        targets = (1 - of_labels) * targets + of_labels * batch.view.labels
        thirds = (1 - of_sentiments) * thirds + of_sentiments * batch.view.sentiments
    loss = loss + functional.cross_entropy(labels, targets)
    return loss + config.sentiment_weight * functional.cross_entropy(sentiments, thirds)


def _legibility_loss(model: nn.Module, logits: Tensor, held: Tensor) -> Tensor:
    """Teach how much of the clean view is held: 1 less the total variation distance of the two.

    Pictures of no face are added: they hold nothing.
    """
    with reduced_precision():
        nothing = model(empty_faces(8).to(memory_format=torch.channels_last))[2].float()
    return functional.binary_cross_entropy_with_logits(
        torch.cat([logits, nothing[:, 0]]), torch.cat([held, torch.zeros(len(nothing))])
    )


def grouped(probabilities: Tensor) -> Tensor:
    """Return the sums [n, 3] of label probabilities [n, 7] over each sentiment."""
    return probabilities @ functional.one_hot(SENTIMENT_OF, _SENTIMENTS).float()


def predict(model: nn.Module, pictures: Pictures) -> tuple[Tensor, Tensor, Tensor]:
    """Return the three heads' logits for clean pictures."""
    parts = []
    with torch.no_grad():
        for start in range(0, len(pictures), 512):
            squares = torch.from_numpy(pictures.squares[start : start + 512])
            faces = crops(squares, pictures.zoom, moved=False)
            parts.append(model(faces.to(memory_format=torch.channels_last)))
    return tuple(torch.cat(head) for head in zip(*parts, strict=True))  # type: ignore[return-value]


def _view(teachers: Sequence[nn.Module], pictures: Pictures) -> View:
    """Return the teachers' mean view of the pictures and their mirror images, wider and closer."""
    mirrored = replace(pictures, squares=np.ascontiguousarray(pictures.squares[:, :, ::-1]))
    looks = [
        predict(teacher, replace(each, zoom=each.zoom * zoom))
        for teacher, each, zoom in product(teachers, (pictures, mirrored), _VIEW_ZOOMS)
    ]
    labels, sentiments = (
        torch.stack([look[head].softmax(1) for look in looks]).mean(0) for head in (0, 1)
    )
    return View(labels=labels, sentiments=sentiments)


def _figures(model: nn.Module, collections: Sequence[Collection]) -> dict[str, float]:
    """Return what the calibration parts say of the averaged weights; the others stay unseen.

    Labels are judged by labels, sentiments by what most people saw.
    """
    figures = {}
    for collection in collections:
        name, pictures = collection.name, collection.parts[Part.CALIBRATION]
        labels, sentiments, _ = predict(model, pictures)
        truth = torch.from_numpy(pictures.labels)
        thirds = grouped(torch.from_numpy(pictures.targets)).argmax(1)
        right = sentiments.argmax(1) == thirds
        figures[f"{name}_accuracy"] = float((labels.argmax(1) == truth).float().mean())
        for third, sentiment in enumerate(("negative", "neutral", "positive")):
            figures[f"{name}_{sentiment}_recall"] = float(right[thirds == third].float().mean())
    return figures


def _groups(model: nn.Module, config: Config) -> list[dict[str, Any]]:
    """Return the optimiser's groups: biases and normalisations do not decay."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def open_collections(npz: Path | None, folders: Mapping[Path, Path]) -> list[Collection]:
    """Return FER2013, where it is given, and each labelled folder with its faces.csv."""
    collections = []
    if npz is not None:
        collections.append(Collection(name="fer2013", parts=fer2013(npz), share=96, balance=0.2))
    collections += [
        Collection(name=folder.name, parts=labelled_folder(folder, faces), share=32, balance=0.5)
        for folder, faces in folders.items()
    ]
    return collections


def train_all(
    collections: Sequence[Collection], out: Path, *, seed: int, epochs: int | None = None
) -> None:
    """Train teacher, student and sibling, the student again, and at last its legibility alone.

    A second start goes on where the first one stopped. `epochs` shortens each, for a trial.
    """

    def trained(
        name: str,
        config: Config,
        teachers: Sequence[nn.Module] = (),
        start: nn.Module | None = None,
    ) -> ExpressionNet:
        config = replace(config, epochs=epochs or config.epochs)
        return train(Run(folder=out / name, seed=seed), config, collections, teachers, start)

    teacher = trained("teacher", TEACHER)
    student = trained("student", STUDENT, [teacher])
    sibling = trained("sibling", SIBLING, [student])
    again = trained("again", AGAIN, [student, sibling], start=student)
    pictures = [collection.parts[Part.TRAINING] for collection in collections]
    relearn(again, pictures, [_view([again], each).sentiments for each in pictures], seed=seed)
    _keep(again, out)


def adapt(
    collections: Sequence[Collection],
    out: Path,
    *,
    start: Path,
    seed: int,
    epochs: int | None = None,
) -> None:
    """Train the student that was exported to `start` on other pictures.

    It is its own teacher as well: so it forgets little of what those pictures do not show (Li and
    Hoiem 2016).
    """
    before = ExpressionNet(STUDENT).eval()
    load_exported(before, start)
    config = replace(ADAPTED, epochs=epochs or ADAPTED.epochs)
    after = train(Run(folder=out / "student", seed=seed), config, collections, [before], before)
    _keep(after, out)


def _keep(net: nn.Module, out: Path) -> None:
    """Write what both kinds of training end with, for the export."""
    torch.save(net.state_dict(), out / TRAINED)
